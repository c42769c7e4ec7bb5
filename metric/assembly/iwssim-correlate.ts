/**
 * How the nine samples of a 3 x 3 block and the parent of its centre go together over a whole band of the
 * reference: the sums of their products (IWSSIM.md section 4), in double precision.
 */
import {
  bandRow,
  ENTRIES,
  heightOf,
  isMeasured,
  PRODUCTS_BYTES,
  products,
  table,
  widthOf,
} from './iwssim-layout';
import { parentRow, planParent } from './iwssim-parent';

/** The entry that is the parent; the nine before it are the block, row by row. */
const PARENT: i32 = ENTRIES - 1;

@inline
function pair(from: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(from));
}

@inline
function total(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

@inline
function sample(row: usize, x: i32): f64 {
  return <f64>load<f32>(row + (<usize>x << 2));
}

/** Sums up the products of all interior positions of the measured rows of a band, upper triangle. */
export function correlate(level: i32, hasParent: bool): void {
  const matrix = products + <usize>level * PRODUCTS_BYTES;
  memory.fill(matrix, 0, PRODUCTS_BYTES);
  if (hasParent) planParent(level);
  for (let y = 0; y < heightOf(level); y++) {
    for (let gap = 0; gap < 3; gap++) correlateBlock(level, y, gap, matrix);
    if (hasParent && isCentre(level, y)) correlateParent(level, y, matrix);
  }
}

/** Whether blocks are taken around row `y`. */
function isCentre(level: i32, y: i32): bool {
  return y > 0 && y < heightOf(level) - 1 && isMeasured(level, y);
}

/** Rows y and y + gap, which are rows of up to three blocks, one above the other. */
function correlateBlock(level: i32, y: i32, gap: i32, matrix: usize): void {
  let known = false;
  for (let row = 0; row + gap < 3; row++) {
    if (!isCentre(level, y + 1 - row)) continue;
    if (!known) correlateRows(bandRow(level, y), bandRow(level, y + gap), widthOf(level) - 2);
    known = true;
    addTable(matrix, 3 * row, 3 * (row + gap));
  }
}

/** Adds the nine sums of `table` to the matrix, from entry (row, column) on. */
function addTable(matrix: usize, row: i32, column: i32): void {
  for (let i = 0; i < 9; i++) add(matrix, row + i / 3, column + i % 3, load<f64>(table + (<usize>i << 3)));
}

@inline
function add(matrix: usize, row: i32, column: i32, value: f64): void {
  const at = matrix + (<usize>(row * ENTRIES + column) << 3);
  store<f64>(at, load<f64>(at) + value);
}

/**
 * The 3 x 3 sums of p(k + i) q(k + j) over `count` positions k, into `table`. Those of one distance j - i are
 * one sequence seen through windows that differ at their ends only.
 */
function correlateRows(p: usize, q: usize, count: i32): void {
  correlateLags(p, q, count);
  const second = load<f64>(table) + slide(p, q, 0, 0, count);
  store<f64>(table, second, 4 * 8);
  store<f64>(table, second + slide(p, q, 1, 1, count), 8 * 8);
  store<f64>(table, load<f64>(table, 1 * 8) + slide(p, q, 0, 1, count), 5 * 8);
  store<f64>(table, load<f64>(table, 3 * 8) + slide(p, q, 1, 0, count), 7 * 8);
}

/** What the sum of (i + 1, j + 1) has more than that of (i, j). */
@inline
function slide(p: usize, q: usize, i: i32, j: i32, count: i32): f64 {
  return sample(p, count + i) * sample(q, count + j) - sample(p, i) * sample(q, j);
}

/** The first window of each distance: entries (0,0), (0,1), (0,2), (1,0) and (2,0) of `table`. */
function correlateLags(p: usize, q: usize, count: i32): void {
  let same = f64x2.splat(0);
  let right = f64x2.splat(0);
  let far = f64x2.splat(0);
  let left = f64x2.splat(0);
  let back = f64x2.splat(0);
  for (let i: usize = 0; i < <usize>(count >> 1) << 3; i += 8) {
    const here = pair(p + i);
    const there = pair(q + i);
    same = f64x2.add(same, f64x2.mul(here, there));
    right = f64x2.add(right, f64x2.mul(here, pair(q + i + 4)));
    far = f64x2.add(far, f64x2.mul(here, pair(q + i + 8)));
    left = f64x2.add(left, f64x2.mul(pair(p + i + 4), there));
    back = f64x2.add(back, f64x2.mul(pair(p + i + 8), there));
  }
  store<f64>(table, total(same) + lastProduct(p, q, 0, 0, count));
  store<f64>(table, total(right) + lastProduct(p, q, 0, 1, count), 1 * 8);
  store<f64>(table, total(far) + lastProduct(p, q, 0, 2, count), 2 * 8);
  store<f64>(table, total(left) + lastProduct(p, q, 1, 0, count), 3 * 8);
  store<f64>(table, total(back) + lastProduct(p, q, 2, 0, count), 6 * 8);
}

/** The product that pairs leave over when their number is odd. */
@inline
function lastProduct(p: usize, q: usize, i: i32, j: i32, count: i32): f64 {
  return count & 1 ? sample(p, count - 1 + i) * sample(q, count - 1 + j) : 0;
}

/** The parent of row `y` with the block's three rows and with itself. */
function correlateParent(level: i32, y: i32, matrix: usize): void {
  const count = widthOf(level) - 2;
  const parent = parentRow(level, y) + 4;
  for (let row = 0; row < 3; row++) {
    const block = bandRow(level, y - 1 + row);
    for (let i = 0; i < 3; i++) add(matrix, 3 * row + i, PARENT, dot(block + (<usize>i << 2), parent, count));
  }
  add(matrix, PARENT, PARENT, dot(parent, parent, count));
}

function dot(p: usize, q: usize, count: i32): f64 {
  let sum = f64x2.splat(0);
  for (let i: usize = 0; i < <usize>(count >> 1) << 3; i += 8) {
    sum = f64x2.add(sum, f64x2.mul(pair(p + i), pair(q + i)));
  }
  return total(sum) + lastProduct(p, q, 0, 0, count);
}
