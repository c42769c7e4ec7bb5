/**
 * Makes the PNGs of a picture equally large, each with bytes of its own: what travels must not tell an identical pair
 * from another, nor the reference from a candidate. Pixels stay as they are.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** An ancillary, private chunk that may be copied without being understood (PNG 3rd edition, 5.4). */
const PADDING = 'kePd';
/** Length, type and checksum. */
const CHUNK_BYTES = 12;
/** The chunk that every PNG ends with. */
const END_BYTES = 12;
/** At least so much is added, so that no two images are the same bytes. */
const LEAST_BYTES = 32;

/**
 * @param png a whole PNG.
 * @param size bytes of the largest PNG of the picture.
 * @param secret what the padding is made of; the same gives the same bytes.
 * @returns the PNG, with padding before its end.
 */
export function padPng(png: Uint8Array, size: number, secret: string): Uint8Array {
  const padding = fill(size - png.length + LEAST_BYTES, secret);
  const chunk = Buffer.alloc(CHUNK_BYTES + padding.length);
  chunk.writeUInt32BE(padding.length);
  chunk.write(PADDING, 4, 'latin1');
  chunk.set(padding, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return Buffer.concat([png.subarray(0, -END_BYTES), chunk, png.subarray(-END_BYTES)]);
}

/** Bytes that look random, so that compression on the way cannot undo them. Of the hashes it is the one of any length. */
function fill(length: number, secret: string): Buffer {
  return createHash('shake256', { outputLength: length }).update(secret).digest();
}
