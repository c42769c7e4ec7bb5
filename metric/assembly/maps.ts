/**
 * The three error maps of one row (SSIMULACRA2.md section 5), in forms that lose no digits where the images
 * hardly differ. With D = A - B, the numbers of the specification are
 *   muA - muB = blur(D)    and    varA + varB - 2 cov = blur(D D) - blur(D)^2,
 * so that 1 - cs is a quotient of small numbers and not the difference of two numbers near one; equal
 * images give exactly zero.
 */
import { PAD } from './layout';

const C2: f32 = 0.0009;

/** Squares of a row, its padding included. */
export function squareRow(from: usize, to: usize, stride: usize): void {
  for (let i: usize = 0; i < stride; i += 16) {
    const v = v128.load(from + i);
    v128.store(to + i, f32x4.mul(v, v));
  }
}

/** Difference of two rows and its square, padding included. */
export function differenceRow(a: usize, b: usize, difference: usize, square: usize, stride: usize): void {
  for (let i: usize = 0; i < stride; i += 16) {
    const d = f32x4.sub(v128.load(a + i), v128.load(b + i));
    v128.store(difference + i, d);
    v128.store(square + i, f32x4.mul(d, d));
  }
}

/** Turns a blurred square into a variance, in place. */
export function varianceRow(square: usize, mean: usize, span: usize): void {
  for (let i: usize = PAD; i < span + PAD; i += 16) {
    const mu = v128.load(mean + i);
    v128.store(square + i, f32x4.sub(v128.load(square + i), f32x4.mul(mu, mu)));
  }
}

/** SSIM error d = 1 - lum cs, from blur(D), blur(D D), blur(B B) and the reference's mean and variance. */
export function ssimRow(muD: usize, sDD: usize, sBB: usize, muA: usize, varA: usize, to: usize, span: usize): void {
  const one = f32x4.splat(1);
  for (let i: usize = PAD; i < span + PAD; i += 16) {
    const shift = v128.load(muD + i);
    const muB = f32x4.sub(v128.load(muA + i), shift);
    const varB = f32x4.sub(v128.load(sBB + i), f32x4.mul(muB, muB));
    const dark = f32x4.mul(shift, shift);
    const varD = f32x4.sub(v128.load(sDD + i), dark);
    const whole = f32x4.add(f32x4.add(v128.load(varA + i), varB), f32x4.splat(C2));
    const loss = f32x4.div(varD, whole);
    const d = f32x4.add(loss, f32x4.mul(dark, f32x4.sub(one, loss)));
    v128.store(to + i, f32x4.max(d, f32x4.splat(0)));
  }
}

/**
 * Edge ratio e, signed: above zero the candidate has more local contrast (artifact), below zero less
 * (detail loss). Written as a difference over the reference's contrast, which is zero for equal images.
 */
export function edgeRow(a: usize, b: usize, muA: usize, muD: usize, to: usize, span: usize): void {
  for (let i: usize = PAD; i < span + PAD; i += 16) {
    const mean = v128.load(muA + i);
    const edgeA = f32x4.abs(f32x4.sub(v128.load(a + i), mean));
    const edgeB = f32x4.abs(f32x4.sub(v128.load(b + i), f32x4.sub(mean, v128.load(muD + i))));
    v128.store(to + i, f32x4.div(f32x4.sub(edgeB, edgeA), f32x4.add(f32x4.splat(1), edgeA)));
  }
}

/** max(sign e, 0): the artifact map for sign 1, the detail loss map for sign -1. */
export function sideRow(edge: usize, sign: f32, to: usize, span: usize): void {
  for (let i: usize = PAD; i < span + PAD; i += 16) {
    v128.store(to + i, f32x4.max(f32x4.mul(v128.load(edge + i), f32x4.splat(sign)), f32x4.splat(0)));
  }
}
