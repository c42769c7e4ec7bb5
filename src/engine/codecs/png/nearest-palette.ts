/**
 * Gives each pixel the nearest colour of a palette, without dithering: what dithering scatters takes many bytes. The
 * palette is moved to where the colours are that it stands for (k-means), which one made for dithering is not.
 */
import type { Pixels } from '../../contract.ts';
import { AXES, type ColourTable, pointsOf, tabulate } from './colour-table.ts';

export interface Indexed {
  width: number;
  height: number;
  /** Red, green, blue and alpha of each colour. */
  palette: Uint8Array;
  /** Of each pixel, the place of its colour. */
  indices: Uint8Array;
}

const ROUNDS = 4;

/** @param start red, green, blue and alpha of the colours to begin with, 256 at most */
export function toNearest(pixels: Pixels, start: Uint8Array): Indexed {
  const { width, height } = pixels;
  const table = tabulate(pixels);
  let palette = start;
  let nearest = nearestOf(table, palette);
  for (let round = 0; round < ROUNDS; round++) {
    palette = meansOf(table, nearest, palette);
    nearest = nearestOf(table, palette);
  }
  return { width, height, palette, indices: Uint8Array.from(table.places, (place) => nearest[place]!) };
}

/** Of each pixel, the place of the nearest colour in a palette that stays as it is. */
export function placesIn(palette: Uint8Array, pixels: Pixels): Uint8Array {
  const table = tabulate(pixels);
  const nearest = nearestOf(table, palette);
  return Uint8Array.from(table.places, (place) => nearest[place]!);
}

/** The mean of the colours that are nearest to each, by how much is seen of them; a colour that stands for none stays. */
function meansOf({ rgba, counts }: ColourTable, nearest: Uint8Array, palette: Uint8Array): Uint8Array {
  const sums = new Float64Array(5 * (palette.length / 4));
  for (const [place, index] of nearest.entries()) {
    const [count, from, to] = [counts[place]!, 4 * place, 5 * index];
    const seen = count * rgba[from + 3]!;
    for (let channel = 0; channel < 3; channel++) sums[to + channel]! += seen * rgba[from + channel]!;
    sums[to + 3]! += seen;
    sums[to + 4]! += count;
  }
  const means = Uint8Array.from(palette);
  for (let index = 0; index < palette.length / 4; index++) {
    const [red, green, blue, seen, count] = sums.subarray(5 * index, 5 * index + 5);
    if (seen! > 0)
      means.set([red! / seen!, green! / seen!, blue! / seen!, seen! / count!].map(Math.round), 4 * index);
  }
  return means;
}

/** Of each colour, the place of the nearest in the palette. */
function nearestOf({ points, counts }: ColourTable, palette: Uint8Array): Uint8Array {
  const entries = pointsOf(palette);
  const order = Array.from({ length: palette.length / 4 }, (_, index) => index).sort(
    (a, b) => entries[AXES * a]! - entries[AXES * b]!,
  );
  const sorted = Float32Array.from(
    order.flatMap((index) => [...entries.subarray(AXES * index, AXES * (index + 1))]),
  );
  return Uint8Array.from(counts, (_, place) => order[nearestAmong(sorted, points, AXES * place)]!);
}

/** Looks from the entry of the same lightness outwards, until lightness alone is farther away than the nearest found. */
function nearestAmong(sorted: Float32Array, points: Float32Array, at: number): number {
  const size = sorted.length / AXES;
  const lightness = points[at]!;
  let up = firstFrom(sorted, lightness);
  let down = up - 1;
  let nearest = 0;
  let least = Number.POSITIVE_INFINITY;
  while (up < size || down >= 0) {
    for (const index of [up, down]) {
      if (index < 0 || index >= size) continue;
      const entry = AXES * index;
      const apart = (sorted[entry]! - lightness) ** 2;
      if (apart >= least) {
        if (index === up) up = size;
        else down = -1;
        continue;
      }
      let distance = apart;
      for (let axis = 1; axis < AXES; axis++) distance += (sorted[entry + axis]! - points[at + axis]!) ** 2;
      if (distance < least) [least, nearest] = [distance, index];
    }
    up++;
    down--;
  }
  return nearest;
}

/** The first entry that is at least as light. */
function firstFrom(sorted: Float32Array, lightness: number): number {
  let low = 0;
  for (let high = sorted.length / AXES; low < high; ) {
    const middle = (low + high) >> 1;
    if (sorted[AXES * middle]! < lightness) low = middle + 1;
    else high = middle;
  }
  return low;
}
