/** What a file is by its first bytes, as far as the vendor takes it: clients send wrong types, or none. */
import { fileStart } from '../../lib/file-start.ts';

export type Kind = 'jpeg' | 'png' | 'gif';

const STARTS: [kind: Kind, pattern: RegExp][] = [
  ['jpeg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG\r\n/],
  ['gif', /^GIF8[79]a/],
];

/** @returns null for what the vendor does not take. */
export function kindOf(bytes: Uint8Array): Kind | null {
  const start = fileStart(bytes, 8);
  return STARTS.find(([, pattern]) => pattern.test(start))?.[0] ?? null;
}
