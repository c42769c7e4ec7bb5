/**
 * A sample of an image: small tiles from all over it, side by side, which encode and score nearly as the
 * whole does at a fraction of its cost. What that says of the whole is `forecast.ts`' to know.
 */
import type { Pixels } from './contract.ts';

/** Side of a tile, in pixels: a multiple of the blocks of all codecs. */
const TILE = 64;
/** Tiles are cut on this grid, so that the blocks of a source's own coding fall where they fell. */
const GRID = 16;
/** An image of this many pixels gives this many tiles; another size gives more or fewer by the square root. */
const USUAL = { pixels: 400_000, tiles: 24 };
/** A sample with a larger share of the image than this would save nothing. */
const LARGEST_SHARE = 0.4;

export interface Sample {
  pixels: Pixels;
  /** Share of the image's pixels that are in the sample, 0 to 1. */
  share: number;
}

/** @returns null when the image is too small for a sample to be worth it. */
export function takeSample(pixels: Pixels): Sample | null {
  const { width, height, channels } = pixels;
  const area = width * height;
  const tiles = USUAL.tiles * Math.sqrt(area / USUAL.pixels);
  const cell = Math.sqrt(area / tiles);
  const across = Math.max(1, Math.round(width / cell));
  const down = Math.max(1, Math.round(height / cell));
  const share = (across * down * TILE * TILE) / area;
  if (share > LARGEST_SHARE || Math.min(width, height) < TILE) return null;
  const sample = { width: across * TILE, height: down * TILE, channels };
  const data = new Uint8Array(sample.width * sample.height * channels);
  for (let row = 0; row < down; row++) {
    const y = placeTile(row, down, height);
    for (let column = 0; column < across; column++) {
      const from = { x: placeTile(column, across, width), y };
      copyTile(pixels, from, { ...sample, data }, { x: column * TILE, y: row * TILE });
    }
  }
  return { pixels: { ...sample, data }, share };
}

/** Where the tile in the middle of one of `count` equal parts of a side begins. */
function placeTile(part: number, count: number, side: number): number {
  const centred = ((part + 0.5) * side) / count - TILE / 2;
  const last = Math.floor((side - TILE) / GRID) * GRID;
  return Math.min(last, Math.max(0, Math.round(centred / GRID) * GRID));
}

interface Point {
  x: number;
  y: number;
}

function copyTile(from: Pixels, source: Point, to: Pixels, target: Point): void {
  const { channels } = from;
  for (let y = 0; y < TILE; y++) {
    const start = ((source.y + y) * from.width + source.x) * channels;
    const at = ((target.y + y) * to.width + target.x) * channels;
    to.data.set(from.data.subarray(start, start + TILE * channels), at);
  }
}
