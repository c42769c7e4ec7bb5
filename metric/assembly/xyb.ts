/**
 * Cone responses to positive XYB (SSIMULACRA2.md section 2): the cube roots and the opponent channels.
 */
import { PAD } from './layout';

/**
 * Four cube roots, relative error about 2e-7, for 0.003 to 1.1. The bits of x give x^(-1/3) within 4 %; two
 * steps of third order (Householder on r^-3 = x) make it exact; x r^2 is the root, without a division.
 */
@inline
function cubeRoot(x: v128): v128 {
  // A third of the bits as float arithmetic: SIMD has no integer division, and 24 bits are enough to start.
  const third = i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.convert_i32x4_s(x), f32x4.splat(0.33333334)));
  let r = i32x4.sub(i32x4.splat(0x54a21d2a), third);
  r = towardsRoot(x, r);
  r = towardsRoot(x, r);
  return f32x4.mul(x, f32x4.mul(r, r));
}

@inline
function towardsRoot(x: v128, r: v128): v128 {
  const miss = f32x4.mul(f32x4.mul(x, r), f32x4.mul(r, r));
  const curve = f32x4.sub(f32x4.splat(7.0 / 9.0), f32x4.mul(f32x4.splat(2.0 / 9.0), miss));
  return f32x4.mul(r, f32x4.sub(f32x4.splat(14.0 / 9.0), f32x4.mul(miss, curve)));
}

/** Cube roots of one row. */
export function rootRow(from: usize, to: usize, span: usize): void {
  for (let i: usize = PAD; i < span + PAD; i += 16) v128.store(to + i, cubeRoot(v128.load(from + i)));
}

/** Writes channel 0 (X'), 1 (Y') or 2 (B') from the roots of L, M and S; the padding becomes zero. */
export function channelRow(channel: i32, roots: usize, stride: usize, to: usize, width: i32, span: usize): void {
  const l = roots;
  const m = roots + stride;
  const s = m + stride;
  for (let i: usize = PAD; i < span + PAD; i += 16) {
    v128.store(to + i, opponent(channel, v128.load(l + i), v128.load(m + i), s + i));
  }
  clearPadding(to, width, span);
}

@inline
function opponent(channel: i32, l: v128, m: v128, s: usize): v128 {
  if (channel == 0) return f32x4.add(f32x4.mul(f32x4.splat(7), f32x4.sub(l, m)), f32x4.splat(0.42));
  const half = f32x4.mul(f32x4.splat(0.5), f32x4.add(l, m));
  if (channel == 1) return f32x4.add(half, f32x4.splat(<f32>(0.01 - 0.15595420054924863)));
  return f32x4.add(f32x4.sub(v128.load(s), half), f32x4.splat(0.55));
}

/** Zeros everything of a row that is not a sample. */
export function clearPadding(row: usize, width: i32, span: usize): void {
  v128.store(row, i32x4.splat(0));
  for (let i = <usize>width << 2; i < span; i += 4) store<f32>(row + PAD + i, 0);
  v128.store(row + PAD + span, i32x4.splat(0));
}
