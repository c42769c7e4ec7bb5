/** What a file is by its first bytes, as far as the vendor takes it; clients look at the same ones. */
import { fileStart } from '../../lib/file-start.ts';

export type Kind = 'jpeg' | 'png' | 'webp' | 'gif' | 'pdf' | 'svg';

const STARTS: [kind: Kind, pattern: RegExp][] = [
  ['jpeg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG/],
  ['webp', /^RIFF.{4}WEBP/s],
  ['gif', /^GIF8[79]a/],
  ['pdf', /^%PDF-/],
  ['svg', /^(\xef\xbb\xbf)?\s*<(svg|(\?|!).*<svg)[\s/>]/is],
];
const LOOKED_AT_BYTES = 1024;

/** @returns null for what the vendor does not take. */
export function kindOf(bytes: Uint8Array): Kind | null {
  const start = fileStart(bytes, LOOKED_AT_BYTES);
  return STARTS.find(([, pattern]) => pattern.test(start))?.[0] ?? null;
}
