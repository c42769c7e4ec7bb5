/**
 * Dots: a few pixels of another colour that have come or gone on plain ground. A window of 4 x 4 pixels is held against
 * the ring of twelve squares of 2 x 2 around it; what is uneven in the ring, or has changed unevenly there (as colours do that
 * bleed over an edge), hides what changes within.
 */
import { type Lab, oklab } from './oklab.ts';

/** Opaque pixels of 8 bits, three channels. */
export interface Flat {
  data: Uint8Array;
  width: number;
  height: number;
}

/** Pixels of the side of a window. */
export const WINDOW = 4;
const SQUARE = 2;
/** How far a colour of the ring, or its change, may lie from the ring's mean, in OKLab, before half of what changes inside is hidden. */
const HIDING = 0.01;
/** Where the ring's squares begin, from the window's corner. */
const RING = [-2, 0, 2, 4].flatMap((y) =>
  [-2, 0, 2, 4].filter((x) => x < 0 || x > 2 || y < 0 || y > 2).map((x) => ({ x, y })),
);

/** How much more a window has changed than the ring, in OKLab, as far as the ring does not hide it. */
export function dotAt(reference: Flat, candidate: Flat, x: number, y: number): number {
  const inside = changeOf(meanLab(reference, x, y, WINDOW), meanLab(candidate, x, y, WINDOW));
  const ring = RING.filter((square) => isWithin(reference, x + square.x, y + square.y));
  const labs = ring.map((square) => meanLab(reference, x + square.x, y + square.y, SQUARE));
  if (labs.length === 0) return Math.hypot(...inside);
  const changes = ring.map((square, at) =>
    changeOf(labs[at]!, meanLab(candidate, x + square.x, y + square.y, SQUARE)),
  );
  const distance = Math.hypot(...changeOf(meanOf(changes), inside));
  return distance / (1 + Math.max(spreadOf(labs), spreadOf(changes)) / HIDING);
}

/** How far the farthest lies from the mean. */
function spreadOf(labs: Lab[]): number {
  const mean = meanOf(labs);
  return Math.max(...labs.map((lab) => Math.hypot(...changeOf(mean, lab))));
}

function isWithin({ width, height }: Flat, x: number, y: number): boolean {
  return x >= 0 && y >= 0 && x + SQUARE <= width && y + SQUARE <= height;
}

function meanLab({ data, width }: Flat, x: number, y: number, side: number): Lab {
  let [r, g, b] = [0, 0, 0];
  for (let row = y; row < y + side; row++) {
    const end = 3 * (row * width + x + side);
    for (let at = 3 * (row * width + x); at < end; at += 3) {
      r += data[at]!;
      g += data[at + 1]!;
      b += data[at + 2]!;
    }
  }
  const pixels = side * side;
  return oklab(r / pixels, g / pixels, b / pixels);
}

function changeOf(from: Lab, to: Lab): Lab {
  return [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
}

function meanOf(labs: Lab[]): Lab {
  const mean = (axis: 0 | 1 | 2) => labs.reduce((sum, lab) => sum + lab[axis], 0) / labs.length;
  return [mean(0), mean(1), mean(2)];
}
