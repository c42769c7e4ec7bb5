/**
 * Parts of an image that stand for it at a fraction of its cost: a sample, small tiles from all over it side by side,
 * which encodes and scores nearly as the whole does; and close-ups of the tiles that may decide. What they say
 * of the whole is `forecast.ts`' to know.
 */
import type { Pixels, Rectangle, Tile } from './contract.ts';
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
/** A close-up with a larger share of the image than this would cost too much, */
const CLOSEST_SHARE = 0.12;
/** and so would close-ups of all suspects together with more than this. */
const SUSPECTS = { most: 6, share: 0.36 };
/** Side of a close-up of a suspect, in pixels: that of the tiles that are judged. */
const SUSPECT_SIDE = 256;

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

/**
 * The places that may decide: those for which the worst cells of a sample stand.
 * @param cells of the sample, scored.
 * @returns none where a single one would be too much of the image.
 */
export function suspectsOf(pixels: Pixels, sample: Pixels, cells: Tile[]): Rectangle[] {
  const [width, height] = [Math.min(SUSPECT_SIDE, pixels.width), Math.min(SUSPECT_SIDE, pixels.height)];
  const affordable = Math.floor((SUSPECTS.share * pixels.width * pixels.height) / (width * height));
  return cells
    .toSorted((a, b) => a.score - b.score)
    .slice(0, Math.min(SUSPECTS.most, affordable))
    .map((cell) => ({
      x: placeAround(((cell.x + cell.width / 2) / sample.width) * pixels.width, pixels.width, width),
      y: placeAround(((cell.y + cell.height / 2) / sample.height) * pixels.height, pixels.height, height),
      width,
      height,
    }));
}

/** Whether the tile that decides can be looked at by itself. */
export function canCloseUp(pixels: Pixels): boolean {
  return SUSPECT_SIDE ** 2 <= CLOSEST_SHARE * pixels.width * pixels.height;
}

/** The tile that decides by itself; null when that is too much of the image to be worth it. */
export function closeUp(pixels: Pixels, tile: Rectangle): Sample | null {
  const share = (tile.width * tile.height) / (pixels.width * pixels.height);
  return share > CLOSEST_SHARE ? null : cutOut(pixels, tile);
}

/** A part of the image by itself. */
export function cutOut(pixels: Pixels, { x, y, width, height }: Rectangle): Sample {
  const { channels } = pixels;
  const share = (width * height) / (pixels.width * pixels.height);
  const detail = withSamples(pixels, { width, height }, (samples) => {
    const to = { samples: emptyLike(samples, width * height * channels), width, channels };
    copyPart({ ...to, samples, width: pixels.width }, { x, y }, to, { x: 0, y: 0 }, { width, height });
    return to.samples;
  });
  return { pixels: detail, share };
}

/** Where the tile in the middle of one of `count` equal parts of a side begins. */
function placeTile(part: number, count: number, side: number, tile: number): number {
  return placeAround(((part + 0.5) * side) / count, side, tile);
}

/** Where a part of a side that is to lie around a point begins: on the grid, and all of it within the image. */
function placeAround(centre: number, side: number, tile: number): number {
  const centred = centre - tile / 2;
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
