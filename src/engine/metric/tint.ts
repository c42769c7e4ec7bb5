/**
 * What both metrics hardly see and people do: a colour that an area has taken on, and a dot that has come or gone on
 * plain ground. Measured as distances in OKLab, told in just noticeable differences. Images of more than 8 bits are
 * looked at in 8, those with transparency over dark and over light grey.
 */
import type { Pixels } from '../contract.ts';
import { dotAt, type Flat, isPlaced, WINDOW } from './dots.ts';
import { type Backdrop, isOpaque } from './inputs.ts';
import { type Lab, oklab } from './oklab.ts';
import { type Strip, tintEyes } from './tint-eye.ts';

/** About as many pixels are the side of a block; images are cut into blocks of almost one size. */
const BLOCK = 16;

/**
 * How far an area's mean colour may move before people see it: the side of the area in blocks, and a distance in OKLab.
 * The smaller the area, the more it takes.
 */
const AREAS = [
  { blocks: 1, noticeable: 0.03 },
  { blocks: 4, noticeable: 0.012 },
  { blocks: 8, noticeable: 0.006 },
] as const;

/** How far a window may move from its surroundings before people see it. */
const NOTICEABLE_DOT = 0.02;

/** The most that any area or dot of the candidate has changed its colour, in JND; 0 where nothing did. */
export function tintOf(reference: Pixels, candidate: Pixels): number {
  const backdrops: Backdrop[] = isOpaque(reference) && isOpaque(candidate) ? [51] : [51, 459];
  return Math.max(
    ...backdrops.map((backdrop) => tintOfFlat(flatten(reference, backdrop), flatten(candidate, backdrop))),
  );
}

function flatten({ data, width, height, channels }: Pixels, backdrop: Backdrop): Flat {
  if (channels === 3) return { data, width, height };
  const grey = backdrop / 2;
  const flat = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < flat.length; from += 4) {
    const alpha = data[from + 3]! / 255;
    const behind = grey * (1 - alpha) + 0.5;
    for (let channel = 0; channel < 3; channel++) flat[to++] = data[from + channel]! * alpha + behind;
  }
  return { data: flat, width, height };
}

function tintOfFlat(reference: Flat, candidate: Flat): number {
  const [columns, rows] = [cuts(reference.width), cuts(reference.height)];
  const shifts: Lab[][] = [];
  let dot = 0;
  const eye = tintEyes.take();
  try {
    eye.open(reference.width, 2 * BLOCK);
    for (const [at, from] of rows.slice(0, -1).entries()) {
      const height = rows[at + 1]! - from;
      const strip = eye.look(reference, candidate, from, height);
      shifts.push(shiftsOf(strip, columns, height));
      dot = Math.max(dot, largestDot(reference, candidate, strip, from));
    }
  } finally {
    tintEyes.give(eye);
  }
  return Math.max(dot / NOTICEABLE_DOT, ...AREAS.map((area) => mostShifted(shifts, area)));
}

/** Where blocks begin and the last one ends. */
function cuts(side: number): number[] {
  const count = Math.max(1, Math.round(side / BLOCK));
  return Array.from({ length: count + 1 }, (_, at) => Math.round((at * side) / count));
}

/** How far the mean colour of each block of a row of blocks has moved. */
function shiftsOf({ before, after }: Strip, columns: number[], height: number): Lab[] {
  return columns.slice(0, -1).map((from, at) => {
    const to = columns[at + 1]!;
    const [a, b] = [before, after].map((sums) => meanLab(sums, from, to, (to - from) * height));
    return [b![0] - a![0], b![1] - a![1], b![2] - a![2]];
  });
}

function meanLab(sums: Uint16Array, from: number, to: number, pixels: number): Lab {
  let [r, g, b] = [0, 0, 0];
  for (let at = 3 * from; at < 3 * to; at += 3) {
    r += sums[at]!;
    g += sums[at + 1]!;
    b += sums[at + 2]!;
  }
  return oklab(r / pixels, g / pixels, b / pixels);
}

function largestDot(reference: Flat, candidate: Flat, { changed }: Strip, from: number): number {
  let largest = 0;
  let done = -1;
  for (let at = 0; at < changed.length; at += 2) {
    const y = from + changed[at]! - WINDOW + 1;
    if (!isPlaced(y, reference.height)) continue;
    const [first, last] = [Math.floor(changed[at + 1]! / 3), Math.floor((changed[at + 1]! + 7) / 3)];
    for (let x = first; x <= Math.min(last, reference.width - WINDOW); x++) {
      if (y * reference.width + x <= done || !isPlaced(x, reference.width)) continue;
      done = y * reference.width + x;
      largest = Math.max(largest, dotAt(reference, candidate, x, y));
    }
  }
  return largest;
}

/** The largest mean shift of all areas of one size, in JND; where the image is smaller, of all of it that there is. */
function mostShifted(shifts: Lab[][], { blocks, noticeable }: (typeof AREAS)[number]): number {
  const wide = shifts[0]!.length;
  const [columns, rows] = [Math.min(blocks, wide), Math.min(blocks, shifts.length)];
  let most = 0;
  for (let y = 0; y + rows <= shifts.length; y++) {
    for (let x = 0; x + columns <= wide; x++) {
      let [l, a, b] = [0, 0, 0];
      for (let row = y; row < y + rows; row++) {
        for (let column = x; column < x + columns; column++) {
          const shift = shifts[row]![column]!;
          l += shift[0];
          a += shift[1];
          b += shift[2];
        }
      }
      most = Math.max(most, Math.hypot(l, a, b) / (rows * columns));
    }
  }
  return most / noticeable;
}
