/** Transformation matrices as PDF writes them (ISO 32000-1, 8.3.3). */
import type { Resolve } from './filters.ts';
import { numberOf, type Value } from './objects.ts';

export type Matrix = [a: number, b: number, c: number, d: number, e: number, f: number];

export const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

/** First `inner`, then `outer`. */
export function combine(inner: Matrix, outer: Matrix): Matrix {
  const [a, b, c, d, e, f] = outer;
  const point = (x: number, y: number) => [x * a + y * c, x * b + y * d] as const;
  const [across, up, origin] = [
    point(inner[0], inner[1]),
    point(inner[2], inner[3]),
    point(inner[4], inner[5]),
  ];
  return [...across, ...up, origin[0] + e, origin[1] + f];
}

/** How long the sides of the unit square become, in which images are drawn. */
export function sidesUnder([a, b, c, d]: Matrix): { width: number; height: number } {
  return { width: Math.hypot(a, b), height: Math.hypot(c, d) };
}

/** Null where there are not six numbers. */
export function matrixFrom(values: Value[], resolve: Resolve): Matrix | null {
  const numbers = values.map((value) => numberOf(resolve(value)));
  return numbers.length === 6 && !numbers.includes(null) ? (numbers as Matrix) : null;
}
