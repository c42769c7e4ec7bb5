/** The bytes that strings in a PDF stand for (ISO 32000-1, 7.3.4). */
import { latin1 } from '../codecs/bytes.ts';
import type { Atom } from './objects.ts';

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Null for what is no string. */
export function bytesOfString({ atom }: Atom): Uint8Array | null {
  if (atom.startsWith('<')) {
    const digits = atom.replace(/[^0-9a-fA-F]/g, '');
    return Buffer.from(digits.length % 2 ? `${digits}0` : digits, 'hex');
  }
  if (!atom.startsWith('(')) return null;
  const text = atom
    .slice(1, -1)
    .replace(/\\([0-7]{1,3}|\r\n|.|\n|\r)|\r\n?/g, (_, escaped: string | undefined) => unescaped(escaped));
  return Buffer.from(text, 'latin1');
}

/** @param escaped what follows a solidus; undefined for a line's end, which is one character however it is written. */
function unescaped(escaped: string | undefined): string {
  if (escaped === undefined) return '\n';
  if (/^[0-7]/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8) & 255);
  if (/^[\r\n]/.test(escaped)) return '';
  return ESCAPES[escaped] ?? escaped;
}

/** In parentheses, which takes the fewest bytes. */
export function stringOf(bytes: Uint8Array): Atom {
  const text = latin1(bytes, 0, bytes.length)
    .replace(/[()\\]/g, '\\$&')
    .replaceAll('\r', '\\r');
  return { atom: `(${text})` };
}
