/**
 * Pooling: sums of d and d^4 of one map row per cell of 128 x 128 pixels at full size (128 >> scale here).
 * The sums of neighbouring cells make a tile, those of all cells the image; norms and scores are the caller's.
 */
import { PAD } from './layout';

/** Side of a cell at full size, as a power of two. */
export const CELL_BITS: i32 = 7;

/** Adds one map row to its cells; `sums` holds two doubles per cell. The row's spare samples become zero. */
export function poolRow(row: usize, width: i32, span: usize, scale: i32, sums: usize): void {
  for (let i = <usize>width << 2; i < span; i += 4) store<f32>(row + PAD + i, 0);
  const cell: usize = <usize>4 << (CELL_BITS - scale);
  for (let start: usize = 0; start < span; start += cell) {
    addSegment(row + PAD + start, min(cell, span - start), sums);
    sums += 16;
  }
}

function addSegment(from: usize, bytes: usize, sums: usize): void {
  let mean = f32x4.splat(0);
  let fourth = f32x4.splat(0);
  for (const end = from + bytes; from < end; from += 16) {
    const d = v128.load(from);
    const square = f32x4.mul(d, d);
    mean = f32x4.add(mean, d);
    fourth = f32x4.add(fourth, f32x4.mul(square, square));
  }
  store<f64>(sums, load<f64>(sums) + total(mean));
  store<f64>(sums, load<f64>(sums, 8) + total(fourth), 8);
}

@inline
function total(v: v128): f64 {
  const left = <f64>f32x4.extract_lane(v, 0) + <f64>f32x4.extract_lane(v, 1);
  return left + (<f64>f32x4.extract_lane(v, 2) + <f64>f32x4.extract_lane(v, 3));
}
