/**
 * Parts of an image that stand for it at a fraction of its cost: a sample, small tiles from all over it side by side,
 * which encodes and scores nearly as the whole does; and a close-up of the tile that decides. What they say
 * of the whole is `forecast.ts`' to know.
 */
import type { Pixels, Tile } from './contract.ts';
import { emptyLike, type SampleArray, withSamples } from './depth.ts';

/**
 * Sides of a tile, in pixels, multiples of the blocks of all codecs. Large tiles have fewer borders that are not the
 * image's own, small ones are spread better over a small image.
 */
const TILE = { small: 64, large: 128 };
/** From this many pixels on tiles are large. */
const LARGE = 1_000_000;
/** Tiles are cut on this grid, so that the blocks of a source's own coding fall where they fell. */
const GRID = 16;
/** Of an image of this many pixels this share is sampled; of another size more or less by the square root. */
const USUAL = { pixels: 400_000, share: 0.25 };
/** A sample with a larger share of the image than this would save nothing. */
const LARGEST_SHARE = 0.4;
/** A close-up with a larger share of the image than this would cost too much. */
const CLOSEST_SHARE = 0.12;

export interface Sample {
  pixels: Pixels;
  /** Share of the image's pixels that are in the sample, 0 to 1. */
  share: number;
}

/** @returns null when the image is too small for a sample to be worth it. */
export function takeSample(pixels: Pixels): Sample | null {
  const { width, height, channels } = pixels;
  const area = width * height;
  const tile = area < LARGE ? TILE.small : TILE.large;
  const cell = tile / Math.sqrt(USUAL.share * Math.sqrt(USUAL.pixels / area));
  const across = Math.max(1, Math.round(width / cell));
  const down = Math.max(1, Math.round(height / cell));
  const share = (across * down * tile * tile) / area;
  if (share > LARGEST_SHARE || Math.min(width, height) < tile) return null;
  const size = { width: across * tile, height: down * tile };
  const sample = withSamples(pixels, size, (samples) => {
    const from = { samples, width, channels };
    const to = {
      samples: emptyLike(samples, size.width * size.height * channels),
      width: size.width,
      channels,
    };
    for (let row = 0; row < down; row++) {
      const y = placeTile(row, down, height, tile);
      for (let column = 0; column < across; column++) {
        const place = { x: placeTile(column, across, width, tile), y };
        copyPart(from, place, to, { x: column * tile, y: row * tile }, { width: tile, height: tile });
      }
    }
    return to.samples;
  });
  return { pixels: sample, share };
}

/** A tile by itself; null when that is too much of the image to be worth it. */
export function closeUp(pixels: Pixels, { x, y, width, height }: Omit<Tile, 'score'>): Sample | null {
  const { channels } = pixels;
  const share = (width * height) / (pixels.width * pixels.height);
  if (share > CLOSEST_SHARE) return null;
  const detail = withSamples(pixels, { width, height }, (samples) => {
    const to = { samples: emptyLike(samples, width * height * channels), width, channels };
    copyPart({ ...to, samples, width: pixels.width }, { x, y }, to, { x: 0, y: 0 }, { width, height });
    return to.samples;
  });
  return { pixels: detail, share };
}

/** Where the tile in the middle of one of `count` equal parts of a side begins. */
function placeTile(part: number, count: number, side: number, tile: number): number {
  const centred = ((part + 0.5) * side) / count - tile / 2;
  const last = Math.floor((side - tile) / GRID) * GRID;
  return Math.min(last, Math.max(0, Math.round(centred / GRID) * GRID));
}

interface Point {
  x: number;
  y: number;
}

/** Samples of one depth as rows of pixels. */
interface Rows {
  samples: SampleArray;
  width: number;
  channels: number;
}

/** A part of the given size. */
function copyPart(
  from: Rows,
  source: Point,
  to: Rows,
  target: Point,
  { width, height }: { width: number; height: number },
): void {
  const { channels } = from;
  for (let y = 0; y < height; y++) {
    const start = ((source.y + y) * from.width + source.x) * channels;
    const at = ((target.y + y) * to.width + target.x) * channels;
    to.samples.set(from.samples.subarray(start, start + width * channels), at);
  }
}
