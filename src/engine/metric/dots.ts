/**
 * Dots: a few pixels of another colour that have come or gone on plain ground. A window of 4 x 4 pixels is held against
 * the ring of twelve squares of 2 x 2 around it; what is uneven in the ring, or has changed unevenly there (as colours do that
 * bleed over an edge), hides what changes within.
 */
import { lightOf, oklabOfLight } from './oklab.ts';

/** Opaque pixels of 8 bits, three channels. */
export interface Flat {
  data: Uint8Array;
  width: number;
  height: number;
}

/** Pixels of the side of a window, */
export const WINDOW = 4;
/** and levels that the mean of one of its channels must have changed by to be looked at. */
const NOTICED = 4;
const SQUARE = 2;
/** How far a colour of the ring, or its change, may lie from the ring's mean, in OKLab, before half of what changes inside is hidden. */
const HIDING = 0.01;
/** Where the ring's squares begin, from the window's corner. */
const RING = [-2, 0, 2, 4].flatMap((y) =>
  [-2, 0, 2, 4].filter((x) => x < 0 || x > 2 || y < 0 || y > 2).map((x) => ({ x, y })),
);

/** Light of a mean of levels, in sixteenths: windows have sixteen pixels, squares four. */
const LIGHT = Float64Array.from({ length: 255 * 16 + 1 }, (_, sixteenths) => lightOf(sixteenths / 16));

/** Colours in OKLab, three numbers each; written over with every window, of which there may be millions. */
const inside = new Float64Array(3);
const ground = new Float64Array(3 * RING.length);
const changes = new Float64Array(3 * RING.length);
const before = new Float64Array(3);
const after = new Float64Array(3);
const mean = new Float64Array(3);

/** Whether windows begin at a place along a side: at every other pixel, so that one holds any dot of up to 3 x 3, and at the end. */
export function isPlaced(at: number, side: number): boolean {
  return at % SQUARE === 0 || at === side - WINDOW;
}

/** How much more a window has changed than the ring, in OKLab, as far as the ring does not hide it; 0 of hardly any change. */
export function dotAt(reference: Flat, candidate: Flat, x: number, y: number): number {
  if (!isNoticed(reference, candidate, x, y)) return 0;
  look(reference, candidate, x, y, WINDOW);
  for (let axis = 0; axis < 3; axis++) inside[axis] = after[axis]! - before[axis]!;
  let end = 0;
  for (const square of RING) {
    if (!isWithin(reference, x + square.x, y + square.y)) continue;
    look(reference, candidate, x + square.x, y + square.y, SQUARE);
    for (let axis = 0; axis < 3; axis++) {
      ground[end] = before[axis]!;
      changes[end++] = after[axis]! - before[axis]!;
    }
  }
  if (end === 0) return Math.hypot(inside[0]!, inside[1]!, inside[2]!);
  const uneven = spreadOf(ground, end);
  const unevenly = spreadOf(changes, end);
  return distance(inside, 0) / (1 + Math.max(uneven, unevenly) / HIDING);
}

function isNoticed(reference: Flat, candidate: Flat, x: number, y: number): boolean {
  let [r, g, b] = [0, 0, 0];
  for (let row = y; row < y + WINDOW; row++) {
    const start = 3 * (row * reference.width + x);
    for (let at = start; at < start + 3 * WINDOW; at += 3) {
      r += candidate.data[at]! - reference.data[at]!;
      g += candidate.data[at + 1]! - reference.data[at + 1]!;
      b += candidate.data[at + 2]! - reference.data[at + 2]!;
    }
  }
  return Math.max(Math.abs(r), Math.abs(g), Math.abs(b)) >= NOTICED * WINDOW * WINDOW;
}

/** The mean colours of a square of both, into `before` and `after`. */
function look(reference: Flat, candidate: Flat, x: number, y: number, side: number): void {
  meanLab(reference, x, y, side, before);
  meanLab(candidate, x, y, side, after);
}

function meanLab({ data, width }: Flat, x: number, y: number, side: number, into: Float64Array): void {
  let [r, g, b] = [0, 0, 0];
  for (let row = y; row < y + side; row++) {
    const end = 3 * (row * width + x + side);
    for (let at = 3 * (row * width + x); at < end; at += 3) {
      r += data[at]!;
      g += data[at + 1]!;
      b += data[at + 2]!;
    }
  }
  const sixteenths = 16 / (side * side);
  oklabOfLight(LIGHT[r * sixteenths]!, LIGHT[g * sixteenths]!, LIGHT[b * sixteenths]!, into);
}

/** How far the farthest of some colours lies from their mean, which stays in `mean`. */
function spreadOf(labs: Float64Array, end: number): number {
  for (let axis = 0; axis < 3; axis++) {
    let sum = 0;
    for (let at = axis; at < end; at += 3) sum += labs[at]!;
    mean[axis] = (3 * sum) / end;
  }
  let farthest = 0;
  for (let at = 0; at < end; at += 3) farthest = Math.max(farthest, distance(labs, at));
  return farthest;
}

/** Of a colour from `mean`. */
function distance(labs: Float64Array, at: number): number {
  const [l, a, b] = [labs[at]! - mean[0]!, labs[at + 1]! - mean[1]!, labs[at + 2]! - mean[2]!];
  return Math.sqrt(l * l + a * a + b * b);
}

function isWithin({ width, height }: Flat, x: number, y: number): boolean {
  return x >= 0 && y >= 0 && x + SQUARE <= width && y + SQUARE <= height;
}
