/** How the readers of containers get at numbers and text in a file's bytes, and how they refuse it. */
import { Decline } from '../contract.ts';

export function corrupt(detail: string): Decline {
  return new Decline('corrupt', detail);
}

export function unsupported(detail: string): Decline {
  return new Decline('unsupported', detail);
}

/** Of parts that cost a few bytes of the file and hundreds of our memory each. @param what e.g. `The PNG`, `chunks`. */
export function tooMany(what: string, most: number, parts: string): Decline {
  return new Decline('too-large', `${what} has more than ${most} ${parts}.`);
}

/** A view for reading numbers; reading past the end throws a RangeError, which `inspect` takes for a truncated file. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The text of `length` bytes, one character a byte. */
export function latin1(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.from(
    bytes.buffer,
    bytes.byteOffset + start,
    Math.max(0, Math.min(length, bytes.length - start)),
  ).toString('latin1');
}

/** Where `text` first stands in `bytes`, or -1. */
export function indexOfText(bytes: Uint8Array, text: string): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(text, 0, 'latin1');
}

/** RGBA pixels as numbers of the machine's byte order, to compare four bytes at once; a copy where they are not aligned. */
export function wordsOf(data: Uint8Array): Uint32Array {
  const aligned = data.byteOffset % 4 === 0 ? data : Uint8Array.from(data);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, data.length / 4);
}
