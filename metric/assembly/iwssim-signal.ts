/**
 * How much the neighbourhoods of the reference's band have to tell (IWSSIM.md section 4): s = u' C^-1 u / N at each
 * position, as the squared length of the whitened vector, which the caller scales by sigma_n^-4.
 */
import {
  bandRow,
  ENTRIES,
  heightOf,
  WHITENER_BYTES,
  REACH,
  signalRow,
  stepOf,
  vectors,
  whiteners,
  widthOf,
} from './iwssim-layout';
import { parentRow, planParent } from './iwssim-parent';

/** Fills the signal rows of a band, once its whitener is in place. */
export function weighSignals(level: i32, entries: i32): void {
  const hasParent = entries == ENTRIES;
  if (hasParent) planParent(level);
  for (let y = REACH; y < heightOf(level) - REACH; y += stepOf(level)) {
    const parent = hasParent ? parentRow(level, y) : 0;
    const to = signalRow(level, y);
    for (let x = 0; x < widthOf(level) - 2 * REACH; x += 8) {
      gather(level, x + REACH, y, parent);
      addPowers(whiteners + <usize>level * WHITENER_BYTES, entries, to + (<usize>x << 2));
    }
  }
}

/** Writes the vectors of eight positions into `vectors`, entry by entry. */
function gather(level: i32, x: i32, y: i32, parent: usize): void {
  let to = vectors;
  for (let row = -1; row < 2; row++) {
    const from = bandRow(level, y + row) + (<usize>(x - 1) << 2);
    copy(from, to);
    copy(from + 4, to + 32);
    copy(from + 8, to + 64);
    to += 96;
  }
  if (parent) copy(parent + (<usize>x << 2), to);
}

@inline
function copy(from: usize, to: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
}

/** Squared lengths of the whitener, an upper triangle, times the eight vectors. */
function addPowers(whitener: usize, entries: i32, to: usize): void {
  let left = f32x4.splat(0);
  let right = f32x4.splat(0);
  for (let i = 0; i < entries; i++) {
    let leftSum = f32x4.splat(0);
    let rightSum = f32x4.splat(0);
    let factors = whitener + <usize>(i * ENTRIES + i) * 4;
    const end = vectors + <usize>entries * 32;
    for (let vector = vectors + <usize>i * 32; vector < end; vector += 32) {
      const factor = v128.load32_splat(factors);
      leftSum = f32x4.add(leftSum, f32x4.mul(factor, v128.load(vector)));
      rightSum = f32x4.add(rightSum, f32x4.mul(factor, v128.load(vector, 16)));
      factors += 4;
    }
    left = f32x4.add(left, f32x4.mul(leftSum, leftSum));
    right = f32x4.add(right, f32x4.mul(rightSum, rightSum));
  }
  v128.store(to, left);
  v128.store(to, right, 16);
}
