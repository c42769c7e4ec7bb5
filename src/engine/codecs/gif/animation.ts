/** Reads a GIF's images as patches of an animation, one by one. */
import type { Animation, Patch } from '../animation.ts';
import { corrupt } from '../bytes.ts';
import { type GifImage, joinSubBlocks, readGifBlocks } from './blocks.ts';
import { type Decoded, decodeLzw } from './lzw-decode.ts';

/** GIF counts in these. */
export const GIF_UNITS_PER_SECOND = 100;
/** §23; nobody says what no disposal means, and all viewers keep. */
const DISPOSALS = ['keep', 'keep', 'clear', 'restore'] as const;
/** First row and step of each of the four passes of an interlaced image (appendix E). */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/** @throws Decline('corrupt'), here and when its patches are read. */
export function openGif(bytes: Uint8Array): Animation {
  const { width, height, images, plays } = readGifBlocks(bytes);
  return { width, height, plays, frames: images.length, patches: () => readPatches(bytes, images) };
}

function* readPatches(bytes: Uint8Array, images: GifImage[]): Generator<Patch> {
  for (const image of images) yield readStoredPatch(bytes, image);
}

export type StoredPatch = Patch & Pick<Decoded, 'clears'>;

export function readStoredPatch(bytes: Uint8Array, image: GifImage): StoredPatch {
  const { x, y, width, height, disposal, delay } = image;
  const { indices, clears } = readIndices(bytes, image);
  return {
    x,
    y,
    width,
    height,
    data: colour(indices, image),
    blend: 'over',
    dispose: DISPOSALS[disposal]!,
    delay: { numerator: delay, denominator: GIF_UNITS_PER_SECOND },
    clears,
  };
}

/** One index a pixel, rows top to bottom; where they were stored in another order, nothing is known of its dictionaries. */
export function readIndices(bytes: Uint8Array, { width, height, interlaced, dataAt }: GifImage): Decoded {
  const stored = decodeLzw(joinSubBlocks(bytes, dataAt + 1), bytes[dataAt]!, width * height);
  if (!interlaced) return stored;
  const rows = PASSES.flatMap(([start, step]) =>
    Array.from({ length: Math.max(0, Math.ceil((height - start) / step)) }, (_, at) => start + at * step),
  );
  const indices = new Uint8Array(stored.indices.length);
  for (const [at, row] of rows.entries())
    indices.set(stored.indices.subarray(at * width, (at + 1) * width), row * width);
  return { indices, clears: [] };
}

function colour(indices: Uint8Array, { palette, transparent }: GifImage): Uint8Array {
  if (palette.length === 0) throw corrupt('The GIF has an image without a palette.');
  const colours = new Uint32Array(256);
  const bytes = new Uint8Array(colours.buffer);
  for (let index = 0; index < 256; index++) {
    // An index beyond the palette is shown black.
    bytes.set(palette.subarray(index * 3, index * 3 + 3), index * 4);
    bytes[index * 4 + 3] = 255;
  }
  if (transparent !== null) colours[transparent] = 0;
  const data = new Uint32Array(indices.length);
  for (let at = 0; at < indices.length; at++) data[at] = colours[indices[at]!]!;
  return new Uint8Array(data.buffer);
}
