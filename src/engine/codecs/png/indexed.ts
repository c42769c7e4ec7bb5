/** PNGs of colour type 3 (PNG third edition §11.2): a palette, and each pixel's place in it. */
import { deflateSync } from 'node:zlib';
import { decodeRgba } from '../sharp.ts';
import { type Chunk, findChunk, readChunks, writeChunks } from './chunks.ts';
import { tabulate } from './colour-table.ts';
import type { Indexed } from './nearest-palette.ts';

const INDEXED_COLOUR = 3;

/** Rows are not filtered, which hardly ever helps indices; those who pack find fewer bits for few colours. */
export function writeIndexedPng({ width, height, palette, indices }: Indexed): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, INDEXED_COLOUR], 8);
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y++)
    rows.set(indices.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const alpha = palette.filter((_, at) => at % 4 === 3);
  const transparency: Chunk[] = alpha.some((level) => level < 255) ? [{ type: 'tRNS', data: alpha }] : [];
  return writeChunks([
    { type: 'IHDR', data: header },
    { type: 'PLTE', data: palette.filter((_, at) => at % 4 !== 3) },
    ...transparency,
    { type: 'IDAT', data: deflateSync(rows, { level: 9 }) },
    { type: 'IEND', data: new Uint8Array() },
  ]);
}

/** Red, green, blue and alpha of each colour of a file, in the order of its palette if it has one. */
export async function paletteIn(png: Uint8Array): Promise<Uint8Array> {
  const chunks = readChunks(png);
  const [colours, alpha] = [findChunk(chunks, 'PLTE'), findChunk(chunks, 'tRNS')];
  if (!colours) return tabulate(await decodeRgba(png, { maxPixels: Number.MAX_SAFE_INTEGER })).rgba;
  return Uint8Array.from({ length: (colours.length / 3) * 4 }, (_, at) =>
    at % 4 === 3 ? (alpha?.[at >> 2] ?? 255) : colours[3 * (at >> 2) + (at % 4)]!,
  );
}
