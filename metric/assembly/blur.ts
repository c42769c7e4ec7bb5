/**
 * The Gaussian of the metric (SSIMULACRA2.md section 3): nine symmetric taps along rows, then along
 * columns; samples outside the image are zero and nothing is renormalised.
 */
import { PAD } from './layout';

const H0: f32 = 0.264621105488199;
const H1: f32 = 0.212928592010422;
const H2: f32 = 0.10933537277746;
const H3: f32 = 0.0360111146583644;
const H4: f32 = 0.0094143678096537;

/** Rows that a column of the filter reaches up and down. */
export const REACH: i32 = 4;
export const TAPS: i32 = 2 * REACH + 1;

@inline
function weigh(centre: v128, d1: v128, d2: v128, d3: v128, d4: v128): v128 {
  const inner = f32x4.add(f32x4.mul(centre, f32x4.splat(H0)), f32x4.mul(d1, f32x4.splat(H1)));
  const outer = f32x4.add(f32x4.mul(d3, f32x4.splat(H3)), f32x4.mul(d4, f32x4.splat(H4)));
  return f32x4.add(f32x4.add(inner, f32x4.mul(d2, f32x4.splat(H2))), outer);
}

/** Blurs along a row whose padding is zero. */
export function blurRow(from: usize, to: usize, span: usize): void {
  for (const end = from + span; from < end; from += 16) {
    const d4 = f32x4.add(v128.load(from), v128.load(from, 32));
    const d3 = f32x4.add(v128.load(from, 4), v128.load(from, 28));
    const d2 = f32x4.add(v128.load(from, 8), v128.load(from, 24));
    const d1 = f32x4.add(v128.load(from, 12), v128.load(from, 20));
    v128.store(to + PAD, weigh(v128.load(from, 16), d1, d2, d3, d4));
    to += 16;
  }
}

/** Blurs along columns: one output row from the nine row pointers at `taps`. */
export function blurColumns(taps: usize, to: usize, span: usize): void {
  const r0 = load<usize>(taps);
  const r1 = load<usize>(taps, 4);
  const r2 = load<usize>(taps, 8);
  const r3 = load<usize>(taps, 12);
  const r4 = load<usize>(taps, 16);
  const r5 = load<usize>(taps, 20);
  const r6 = load<usize>(taps, 24);
  const r7 = load<usize>(taps, 28);
  const r8 = load<usize>(taps, 32);
  for (let i: usize = PAD; i < span + PAD; i += 16) {
    const d4 = f32x4.add(v128.load(r0 + i), v128.load(r8 + i));
    const d3 = f32x4.add(v128.load(r1 + i), v128.load(r7 + i));
    const d2 = f32x4.add(v128.load(r2 + i), v128.load(r6 + i));
    const d1 = f32x4.add(v128.load(r3 + i), v128.load(r5 + i));
    v128.store(to + i, weigh(v128.load(r4 + i), d1, d2, d3, d4));
  }
}
