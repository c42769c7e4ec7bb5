/**
 * Samples in a PNG that is written fast and read at once: the way to hand an encoder raw samples together
 * with a profile or metadata, which they have no place for.
 */
import { deflateSync } from 'node:zlib';
import { type Density, INCHES_PER_METRE } from '../density.ts';
import { type Embedded, NOTHING_EMBEDDED } from '../header.ts';
import { iptcInXmp } from '../metadata/iptc-xmp.ts';
import { openSamples } from '../sharp.ts';
import { type Chunk, insertChunks, XMP_KEYWORD } from './chunks.ts';

/** @param data samples of 8 or 16 bits, `channels` a pixel. */
export async function encodePngSamples(
  data: Uint8Array | Uint16Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
  embedded: Partial<Embedded> = NOTHING_EMBEDDED,
): Promise<Uint8Array> {
  const deep = data instanceof Uint16Array;
  const space = channels === 1 ? 'b-w' : deep ? 'rgb16' : 'srgb';
  const image = openSamples(data, width, height, channels).toColourspace(space);
  return insertChunks(await image.png({ compressionLevel: 0 }).toBuffer(), embeddedChunks(embedded));
}

/** Metadata blocks as chunks, ready to insert. */
export function embeddedChunks(embedded: Partial<Embedded>): Chunk[] {
  const { icc, exif, xmp, density } = iptcInXmp({ ...NOTHING_EMBEDDED, ...embedded });
  const chunks: Chunk[] = [];
  if (icc) chunks.push(profileChunk(icc));
  if (exif) chunks.push({ type: 'eXIf', data: exif });
  if (xmp) chunks.push(xmpChunk(xmp));
  if (density) chunks.push(densityChunk(density));
  return chunks;
}

/** iCCP: a name, which must not be empty, NUL, compression method 0, zlib stream. */
function profileChunk(icc: Uint8Array): Chunk {
  return { type: 'iCCP', data: Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(icc)]) };
}

/** iTXt, not compressed, without a language. */
function xmpChunk(xmp: Uint8Array): Chunk {
  return { type: 'iTXt', data: Buffer.concat([Buffer.from(`${XMP_KEYWORD}\0\0\0\0\0`, 'latin1'), xmp]) };
}

/** pHYs: pixels per metre, or a ratio without a unit. */
function densityChunk({ across, down, unit }: Density): Chunk {
  const scale = unit === 'inch' ? INCHES_PER_METRE : 1;
  const data = Buffer.alloc(9);
  data.writeUInt32BE(Math.max(1, Math.round(across * scale)), 0);
  data.writeUInt32BE(Math.max(1, Math.round(down * scale)), 4);
  data.writeUInt8(unit === 'inch' ? 1 : 0, 8);
  return { type: 'pHYs', data };
}
