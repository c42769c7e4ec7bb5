/** What a file is by its first bytes, as far as the vendor takes it: clients send wrong types, or none. */

export type Kind = 'jpeg' | 'png' | 'gif';

const STARTS: [kind: Kind, pattern: RegExp][] = [
  ['jpeg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG\r\n/],
  ['gif', /^GIF8[79]a/],
];

/** @returns null for what the vendor does not take. */
export function kindOf({ buffer, byteOffset, length }: Uint8Array): Kind | null {
  const start = Buffer.from(buffer, byteOffset, Math.min(length, 8)).toString('latin1');
  return STARTS.find(([, pattern]) => pattern.test(start))?.[0] ?? null;
}
