/** PNG's chunks (PNG third edition, §5): reads them with their checksums, and writes a file of them. */
import { crc32 } from 'node:zlib';
import { corrupt, latin1, tooMany, viewOf } from '../bytes.ts';

export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Of the iTXt chunk that holds XMP (XMP specification part 3 §1.1.5). */
export const XMP_KEYWORD = 'XML:com.adobe.xmp';

/** Some encoders write a chunk a row. */
const MOST_CHUNKS = 200_000;

export interface Chunk {
  /** Four letters, e.g. `IHDR`. */
  type: string;
  data: Uint8Array;
}

/** @throws Decline `corrupt` when a chunk is cut off or damaged, or the first or last one is missing; `too-large`. */
export function readChunks(bytes: Uint8Array): Chunk[] {
  const view = viewOf(bytes);
  const chunks: Chunk[] = [];
  let at = PNG_SIGNATURE.length;
  do {
    if (at + 12 > bytes.length) throw corrupt('The PNG ends before its end chunk.');
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) throw corrupt('A PNG chunk leads out of the file.');
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) throw corrupt('A PNG chunk is damaged.');
    if (chunks.length === MOST_CHUNKS) throw tooMany('The PNG', MOST_CHUNKS, 'chunks');
    chunks.push({ type: latin1(bytes, at + 4, 4), data: bytes.subarray(at + 8, end) });
    at = end + 4;
  } while (chunks.at(-1)!.type !== 'IEND');
  if (chunks[0]!.type !== 'IHDR' || chunks[0]!.data.length !== 13)
    throw corrupt('The PNG does not begin with its header.');
  return chunks;
}

export function findChunk(chunks: Chunk[], type: string): Uint8Array | null {
  return chunks.find((chunk) => chunk.type === type)?.data ?? null;
}

export function writeChunks(chunks: Chunk[]): Uint8Array {
  return Buffer.concat([PNG_SIGNATURE, ...chunks.map(writeChunk)]);
}

/** Inserts chunks right behind the header, where all that speak of colour must stand (before PLTE and IDAT), and a density in the place of one. */
export function insertChunks(png: Uint8Array, chunks: Chunk[]): Uint8Array {
  if (chunks.length === 0) return png;
  const headerEnd = PNG_SIGNATURE.length + 25;
  // sharp makes one up for samples that come without.
  const hasDensity = latin1(png, headerEnd + 4, 4) === 'pHYs' && chunks.some(({ type }) => type === 'pHYs');
  const rest = png.subarray(headerEnd + (hasDensity ? 21 : 0));
  return Buffer.concat([png.subarray(0, headerEnd), ...chunks.map(writeChunk), rest]);
}

function writeChunk({ type, data }: Chunk): Uint8Array {
  const chunk = Buffer.alloc(data.length + 12);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, data.length + 8)), data.length + 8);
  return chunk;
}
