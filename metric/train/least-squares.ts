/** Levenberg and Marquardt's method for small problems: a few parameters, some hundred residuals. */

/** Residuals at a point, and their derivatives: one row per residual, one column per parameter. */
export interface Residuals {
  values: number[];
  jacobian: number[][];
}

const MAX_STEPS = 200;
/** Done when a step lowers the sum of squares by less than this share. */
const SETTLED = 1e-10;

/** The point near `start` where the sum of squared residuals is least. */
export function leastSquares(start: number[], residualsAt: (point: number[]) => Residuals): number[] {
  let point = start;
  let here = residualsAt(point);
  let cost = squares(here.values);
  let damping = 1e-3;
  for (let step = 0; step < MAX_STEPS && damping < 1e12; step++) {
    const move = solve(...normalEquations(here, damping));
    const next = point.map((value, at) => value + move[at]!);
    const there = residualsAt(next);
    const nextCost = squares(there.values);
    if (!(nextCost < cost)) {
      damping *= 4;
      continue;
    }
    const settled = cost - nextCost < SETTLED * cost;
    [point, here, cost] = [next, there, nextCost];
    damping = Math.max(1e-12, damping / 3);
    if (settled) break;
  }
  return point;
}

function squares(values: number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

/** (J'J with its diagonal raised by `damping`) and -J'r. */
function normalEquations({ values, jacobian }: Residuals, damping: number): [number[][], number[]] {
  const size = jacobian[0]!.length;
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const right = new Array<number>(size).fill(0);
  for (const [at, row] of jacobian.entries()) {
    for (let i = 0; i < size; i++) {
      right[i]! -= row[i]! * values[at]!;
      for (let j = i; j < size; j++) matrix[i]![j]! += row[i]! * row[j]!;
    }
  }
  for (let i = 0; i < size; i++) {
    matrix[i]![i]! += damping * (matrix[i]![i]! + 1e-12);
    for (let j = 0; j < i; j++) matrix[i]![j] = matrix[j]![i]!;
  }
  return [matrix, right];
}

/** Solves a positive definite system by elimination; both arguments are used up. */
export function solve(matrix: number[][], right: number[]): number[] {
  const size = right.length;
  for (let pivot = 0; pivot < size; pivot++) {
    for (let row = pivot + 1; row < size; row++) {
      const factor = matrix[row]![pivot]! / matrix[pivot]![pivot]!;
      for (let column = pivot; column < size; column++) {
        matrix[row]![column]! -= factor * matrix[pivot]![column]!;
      }
      right[row]! -= factor * right[pivot]!;
    }
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let column = row + 1; column < size; column++) right[row]! -= matrix[row]![column]! * right[column]!;
    right[row]! /= matrix[row]![row]!;
  }
  return right;
}
