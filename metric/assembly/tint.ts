/**
 * Tint's part of what the wasm exports: one pass over both images at once, as stored, a strip of rows at a time. It sums up
 * the columns of each strip, and says where the mean of 4 x 4 pixels has changed enough to be looked at (`tint.ts` and
 * `dots.ts` beside the score). Windows reach over strips: the rows of a window are those that were pushed last.
 */
import { reserve, reset, take } from './layout';

/** Pixels of a side of a window, and what a window's sum must have changed by to be looked at. */
const SIDE: i32 = 4;
const NOTICED: i16 = 63;
/** Bytes of zeros behind a row: windows at its end reach so far. */
const TAIL: usize = 32;

let stride: usize = 0;
let strip: usize = 0;
let rowsMost: i32 = 0;
/** i16: differences of the last four rows, and their sums along columns. */
let differences: usize = 0;
let running: usize = 0;
/** u16, of the reference and of the candidate: sums along the columns of the strip. */
let totals: usize = 0;
/** i32 [row of the strip, sample]: where eight windows begin of which one has changed. The row is a window's last. */
let found: usize = 0;
let taken: i32 = 0;

/** Lays memory out for strips of up to `rows` rows, at most 128 of them; false when it does not fit. */
export function openTint(width: i32, rows: i32): bool {
  reset();
  stride = (<usize>(width * 3) + 15) & ~15;
  rowsMost = rows;
  strip = take(stride, 2 * rows);
  totals = take(2 * stride, 2);
  differences = take(2 * stride, SIDE);
  running = take(2 * stride + TAIL);
  found = take(stride, rows);
  if (!reserve()) return false;
  memory.fill(strip, 0, stride * <usize>(2 * rows));
  memory.fill(differences, 0, 2 * stride * <usize>SIDE);
  memory.fill(running, 0, 2 * stride + TAIL);
  taken = 0;
  return true;
}

/** Where the caller writes rows of RGB before it calls `pushTint`; those of the candidate come `rows` rows later. */
export function tintStripAt(): usize {
  return strip;
}

/** Bytes from one row to the next; a row's sums have as many samples. */
export function tintStride(): usize {
  return stride;
}

/** Where the sums of columns are after `pushTint`: u16, the reference's, then the candidate's. */
export function tintTotalsAt(): usize {
  return totals;
}

/** Where the windows are that have changed, see `pushTint`: pairs of i32, row of the strip and first sample. */
export function tintFoundAt(): usize {
  return found;
}

/** Takes `rows` rows of both images in and returns how many places of eight windows have changed. */
export function pushTint(rows: i32): i32 {
  memory.fill(totals, 0, 4 * stride);
  let to = found;
  for (let row = 0; row < rows; row++) {
    const reference = strip + <usize>row * stride;
    takeRow(reference, reference + <usize>rowsMost * stride, differences + <usize>(taken & (SIDE - 1)) * 2 * stride);
    if (++taken >= SIDE) to = noticed(row, to);
  }
  return <i32>((to - found) >> 3);
}

function takeRow(reference: usize, candidate: usize, difference: usize): void {
  let wide: usize = 0;
  for (let i: usize = 0; i < stride; i += 16) {
    const a = v128.load(reference + i);
    const b = v128.load(candidate + i);
    const lowA = i16x8.extend_low_i8x16_u(a);
    const lowB = i16x8.extend_low_i8x16_u(b);
    takeHalf(lowA, lowB, wide, difference);
    takeHalf(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b), wide + 16, difference);
    wide += 32;
  }
}

@inline
function takeHalf(a: v128, b: v128, at: usize, difference: usize): void {
  const total = totals + at;
  v128.store(total, i16x8.add(v128.load(total), a));
  const other = total + 2 * stride;
  v128.store(other, i16x8.add(v128.load(other), b));
  const change = i16x8.sub(b, a);
  const sum = running + at;
  v128.store(sum, i16x8.add(v128.load(sum), i16x8.sub(change, v128.load(difference + at))));
  v128.store(difference + at, change);
}

/** Eight windows at a time: a sample and the same channel of the next three pixels. */
function noticed(row: i32, to: usize): usize {
  const bar = i16x8.splat(NOTICED);
  for (let i: usize = 0; i < 2 * stride; i += 16) {
    const at = running + i;
    const left = i16x8.add(v128.load(at), v128.load(at, 6));
    const right = i16x8.add(v128.load(at, 12), v128.load(at, 18));
    const change = i16x8.abs(i16x8.add(left, right));
    if (!v128.any_true(i16x8.gt_s(change, bar))) continue;
    store<i32>(to, row);
    store<i32>(to, <i32>(i >> 1), 4);
    to += 8;
  }
  return to;
}
