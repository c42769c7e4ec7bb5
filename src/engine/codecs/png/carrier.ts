/**
 * Samples in a PNG that is written fast and read at once: the way to hand sharp a profile or metadata
 * together with raw samples, which have no container of their own.
 */
import { deflateSync } from 'node:zlib';
import { type Embedded, NOTHING_EMBEDDED } from '../metadata.ts';
import { openSamples } from '../sharp.ts';
import { type Chunk, insertChunks } from './chunks.ts';
import { xmpChunk } from './header.ts';

/** @param data 8-bit samples, `channels` a pixel. */
export async function encodePngSamples(
  data: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
  embedded: Partial<Embedded>,
): Promise<Uint8Array> {
  const image = openSamples(data, width, height, channels);
  if (channels === 1) image.toColourspace('b-w');
  return insertChunks(await image.png({ compressionLevel: 0 }).toBuffer(), embeddedChunks(embedded));
}

/** Metadata blocks as chunks, ready to insert. IPTC has no place in PNG. */
export function embeddedChunks(embedded: Partial<Embedded>): Chunk[] {
  const { icc, exif, xmp } = { ...NOTHING_EMBEDDED, ...embedded };
  const chunks: Chunk[] = [];
  if (icc) chunks.push(profileChunk(icc));
  if (exif) chunks.push({ type: 'eXIf', data: exif });
  if (xmp) chunks.push(xmpChunk(xmp));
  return chunks;
}

function profileChunk(icc: Uint8Array): Chunk {
  return { type: 'iCCP', data: Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(icc)]) };
}
