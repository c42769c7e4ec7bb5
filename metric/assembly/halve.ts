/**
 * The next smaller scale (SSIMULACRA2.md section 4): the mean of each 2 x 2 block; a column or row beyond
 * the image repeats the last one.
 */
import { PAD } from './layout';

/** One row of the next scale from two rows of this one (the same row twice at an odd bottom). */
export function halveRow(upper: usize, lower: usize, width: i32, to: usize, toSpan: usize): void {
  if (width & 1) {
    repeatLast(upper, width);
    repeatLast(lower, width);
  }
  let i: usize = PAD;
  for (let o: usize = PAD; o < toSpan + PAD; o += 16) {
    const left = f32x4.add(v128.load(upper + i), v128.load(lower + i));
    const right = f32x4.add(v128.load(upper + i, 16), v128.load(lower + i, 16));
    const even = v128.shuffle<f32>(left, right, 0, 2, 4, 6);
    const odd = v128.shuffle<f32>(left, right, 1, 3, 5, 7);
    v128.store(to + o, f32x4.mul(f32x4.add(even, odd), f32x4.splat(0.25)));
    i += 32;
  }
}

function repeatLast(row: usize, width: i32): void {
  const end = row + PAD + (<usize>width << 2);
  store<f32>(end, load<f32>(end - 4));
}
