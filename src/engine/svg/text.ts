/**
 * From an SVG file's bytes to its text: unpacked where it is gzip'd (`.svgz`), in the encoding that it declares. What the text
 * says is for `parse.ts` to read.
 */
import { constants, gunzipSync } from 'node:zlib';
import { corrupt, latin1, unsupported } from '../codecs/bytes.ts';
import { Decline } from '../contract.ts';

/** Most characters of a drawing, once unpacked. */
export const MOST_CHARACTERS = 16 << 20;

/** What is needed of a packed file to tell what it is. */
const GLIMPSE_BYTES = 1024;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Whether a file is a drawing, by its first bytes, packed or not, in any encoding with ASCII in it or UTF-16. */
export function looksLikeSvg(bytes: Uint8Array): boolean {
  const start = isGzip(bytes) ? unpackStart(bytes) : bytes.subarray(0, 4 * GLIMPSE_BYTES);
  // UTF-16 is ASCII with zeros between for this purpose.
  const text = latin1(start, 0, start.length)
    .replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .replaceAll('\0', '');
  const markup =
    /^\s*(<\?[^>]*>\s*|<!--(?:(?!-->)[\s\S])*-->\s*)*(<!doctype\s+(\w+:)?svg\b|<(\w+:)?svg[\s>/])/i;
  return markup.test(text) || (/^\s*<(\?xml|!--)/i.test(text) && /<(\w+:)?svg[\s>]/i.test(text));
}

function unpackStart(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes.subarray(0, GLIMPSE_BYTES), {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: 2 * 1032 * GLIMPSE_BYTES,
    }).subarray(0, 4 * GLIMPSE_BYTES);
  } catch {
    return Uint8Array.of();
  }
}

/** @throws Decline `too-large`, `corrupt` (its bytes are no text) or `unsupported` (its encoding is not known). */
export function readSvgText(bytes: Uint8Array): string {
  const unpacked = isGzip(bytes) ? unpack(bytes) : bytes;
  // Two bytes a character at most, in any encoding that has fewer characters than bytes.
  if (unpacked.length > 2 * MOST_CHARACTERS) throw tooLong();
  const text = decodeText(unpacked);
  if (text.length > MOST_CHARACTERS) throw tooLong();
  return text.replace(/\r\n?/g, '\n');
}

function unpack(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_CHARACTERS });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLong();
    throw corrupt('The packed SVG does not unpack.');
  }
}

function tooLong(): Decline {
  return new Decline('too-large', `The SVG has more than the ${MOST_CHARACTERS} characters that are read.`);
}

/** By byte order mark, else by declaration (XML 1.0 appendix F), else UTF-8. */
function decodeText(bytes: Uint8Array): string {
  const label = encodingOf(bytes);
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw unsupported(`The SVG is in the encoding ${label.slice(0, 40)}.`);
    throw corrupt('The SVG has bytes that are no characters.');
  }
}

function encodingOf(bytes: Uint8Array): string {
  const start = latin1(bytes, 0, 256);
  if (start.startsWith('\xff\xfe') || start.startsWith('<\0')) return 'utf-16le';
  if (start.startsWith('\xfe\xff') || start.startsWith('\0<')) return 'utf-16be';
  if (start.startsWith('\xef\xbb\xbf')) return 'utf-8';
  return /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1] ?? 'utf-8';
}
