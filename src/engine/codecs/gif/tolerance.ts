/** How far a lossy GIF's colours may be off, and how what one pixel is off is made up for by those behind it. */

/** Of red, green and blue in a squared distance: what is seen most counts most. Found by trying animations at one floor. */
const WEIGHTS = [1, 1.5, 0.5] as const;
/** The share of an error that the next pixel takes over; more begins to streak. */
const CARRIED_SHARE = 0.8;

/** Of red, green and blue, what the pixels so far leave to be made up for. */
export type Carried = readonly [number, number, number];

export const NOTHING_CARRIED: Carried = [0, 0, 0];

export interface Tolerance {
  /** RGB triples. */
  colours: Uint8Array;
  /** Squared distances of all pairs, [256 x one + other]. */
  distances: Uint32Array;
  /** The squared distance that is near enough. */
  most: number;
}

export function squaredDistance(red: number, green: number, blue: number): number {
  return WEIGHTS[0] * red * red + WEIGHTS[1] * green * green + WEIGHTS[2] * blue * blue;
}

/** What an index instead of the pixel's own costs, 1 at the most; negative where it will not do. */
export function costOfColour(near: Tolerance, own: number, index: number, carried: Carried): number {
  if (near.distances[own * 256 + index]! > near.most) return -1;
  const cost = squaredDistance(...errorOf(near, own, index, carried));
  return index === own || cost <= near.most ? cost / near.most : -1;
}

export function carryOn(near: Tolerance, own: number, index: number, carried: Carried): Carried {
  const [red, green, blue] = errorOf(near, own, index, carried);
  return [red * CARRIED_SHARE, green * CARRIED_SHARE, blue * CARRIED_SHARE];
}

function errorOf({ colours }: Tolerance, own: number, index: number, carried: Carried): Carried {
  const [from, to] = [own * 3, index * 3];
  return [
    colours[from]! - colours[to]! + carried[0],
    colours[from + 1]! - colours[to + 1]! + carried[1],
    colours[from + 2]! - colours[to + 2]! + carried[2],
  ];
}
