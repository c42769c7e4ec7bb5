/**
 * Local means, variances and covariances of the reference's band X and of the difference D = X - Y, under the
 * 11 x 11 Gaussian and in 3 x 3 boxes (IWSSIM.md sections 3 and 4). First along columns, then along rows, only
 * where the windows fit. Y never appears: with D nothing is the difference of two almost equal numbers.
 */
import { REACH, WINDOW } from './iwssim-layout';

const G0: f32 = 0.26601172486179436;
const G1: f32 = 0.2130055377112537;
const G2: f32 = 0.10936068950970002;
const G3: f32 = 0.03600077212843083;
const G4: f32 = 0.007598758135239185;
const G5: f32 = 0.00102838008447911;

const C2: f32 = 58.5225;
/** sigma_n^2, the variance of the visual noise. */
const NOISE: f32 = 0.4;
/** Variances below this are rounding. */
const FLAT: f32 = 1e-12;

@inline
function square(v: v128): v128 {
  return f32x4.mul(v, v);
}

@inline
function scaled(v: v128, factor: f32): v128 {
  return f32x4.mul(v, f32x4.splat(factor));
}

/** Adds two samples at the same distance from the centre. */
@inline
function tap(sum: v128, a: v128, b: v128, weight: f32): v128 {
  return f32x4.add(sum, scaled(f32x4.add(a, b), weight));
}

/** Means along columns of X and X X over eleven rows that follow each other from `x` on. */
export function referenceColumns(x: usize, stride: usize, to: usize, toStride: usize, span: usize): void {
  for (let i: usize = 0; i < span; i += 16) {
    const middle = v128.load(x + <usize>REACH * stride + i);
    let mean = scaled(middle, G0);
    let power = scaled(square(middle), G0);
    let upper = x + i;
    let lower = upper + <usize>(WINDOW - 1) * stride;
    let weight: f32 = G5;
    for (let d = REACH; d > 0; d--) {
      const a = v128.load(upper);
      const b = v128.load(lower);
      mean = tap(mean, a, b, weight);
      power = tap(power, square(a), square(b), weight);
      upper += stride;
      lower -= stride;
      weight = d == 5 ? G4 : d == 4 ? G3 : d == 3 ? G2 : G1;
    }
    v128.store(to + i, mean);
    v128.store(to + toStride + i, power);
  }
}

/**
 * Means along columns, over eleven rows that follow each other from `x` and `d` on, into eight rows: D, D D and
 * X D under the Gaussian, then D, D D, X D, X and X X of the middle three rows.
 */
export function columnMeans(x: usize, d: usize, stride: usize, to: usize, toStride: usize, span: usize): void {
  for (let i: usize = 0; i < span; i += 16) {
    let p = x + i;
    let q = p + <usize>(WINDOW - 1) * stride;
    let r = d + i;
    let s = r + <usize>(WINDOW - 1) * stride;
    let a = v128.load(r);
    let b = v128.load(s);
    let mean = scaled(f32x4.add(a, b), G5);
    let power = scaled(f32x4.add(square(a), square(b)), G5);
    let cross = scaled(f32x4.add(f32x4.mul(a, v128.load(p)), f32x4.mul(b, v128.load(q))), G5);
    a = v128.load((r += stride));
    b = v128.load((s -= stride));
    mean = tap(mean, a, b, G4);
    power = tap(power, square(a), square(b), G4);
    cross = tap(cross, f32x4.mul(a, v128.load((p += stride))), f32x4.mul(b, v128.load((q -= stride))), G4);
    a = v128.load((r += stride));
    b = v128.load((s -= stride));
    mean = tap(mean, a, b, G3);
    power = tap(power, square(a), square(b), G3);
    cross = tap(cross, f32x4.mul(a, v128.load((p += stride))), f32x4.mul(b, v128.load((q -= stride))), G3);
    a = v128.load((r += stride));
    b = v128.load((s -= stride));
    mean = tap(mean, a, b, G2);
    power = tap(power, square(a), square(b), G2);
    cross = tap(cross, f32x4.mul(a, v128.load((p += stride))), f32x4.mul(b, v128.load((q -= stride))), G2);
    a = v128.load((r += stride));
    b = v128.load((s -= stride));
    const above = v128.load((p += stride));
    const below = v128.load((q -= stride));
    const middleD = v128.load((r += stride));
    const middleX = v128.load((p += stride));
    let powers = f32x4.add(square(a), square(b));
    let crosses = f32x4.add(f32x4.mul(a, above), f32x4.mul(b, below));
    a = f32x4.add(a, b);
    b = square(middleD);
    const centre = f32x4.mul(middleD, middleX);
    v128.store(to + i, f32x4.add(mean, f32x4.add(scaled(a, G1), scaled(middleD, G0))));
    v128.store(to + toStride + i, f32x4.add(power, f32x4.add(scaled(powers, G1), scaled(b, G0))));
    v128.store(to + 2 * toStride + i, f32x4.add(cross, f32x4.add(scaled(crosses, G1), scaled(centre, G0))));
    v128.store(to + 3 * toStride + i, f32x4.add(a, middleD));
    v128.store(to + 4 * toStride + i, f32x4.add(powers, b));
    v128.store(to + 5 * toStride + i, f32x4.add(crosses, centre));
    v128.store(to + 6 * toStride + i, f32x4.add(f32x4.add(above, below), middleX));
    v128.store(to + 7 * toStride + i, f32x4.add(f32x4.add(square(above), square(below)), square(middleX)));
  }
}

/** The Gaussian along a row, for the four positions whose windows begin at `from`. */
@inline
function gaussian(from: usize): v128 {
  let sum = scaled(v128.load(from, 20), G0);
  sum = tap(sum, v128.load(from, 16), v128.load(from, 24), G1);
  sum = tap(sum, v128.load(from, 12), v128.load(from, 28), G2);
  sum = tap(sum, v128.load(from, 8), v128.load(from, 32), G3);
  sum = tap(sum, v128.load(from, 4), v128.load(from, 36), G4);
  return tap(sum, v128.load(from), v128.load(from, 40), G5);
}

/** The mean of the box in the middle of those windows, from sums along columns. */
@inline
function boxMean(from: usize): v128 {
  const sum = f32x4.add(f32x4.add(v128.load(from, 16), v128.load(from, 20)), v128.load(from, 24));
  return scaled(sum, 1.0 / 9.0);
}

/** What is left of a mean of squares without the square of the mean. */
@inline
function variance(power: v128, mean: v128): v128 {
  return f32x4.max(f32x4.sub(power, square(mean)), f32x4.splat(0));
}

/** Local means and variances of the reference from what `referenceColumns` made. */
export function referenceMoments(from: usize, stride: usize, means: usize, variances: usize, span: usize): void {
  for (let i: usize = 0; i < span; i += 16) {
    const mean = gaussian(from + i);
    v128.store(means + i, mean);
    v128.store(variances + i, variance(gaussian(from + stride + i), mean));
  }
}

/**
 * The structure loss 1 - cs over the first of the rows that `columnMeans` made. With D it is
 * var(D) / (var(X) + var(Y) + C2), exactly zero where nothing differs.
 */
export function lossRow(rows: usize, stride: usize, means: usize, variances: usize, span: usize): void {
  for (let i: usize = 0; i < span; i += 16) {
    const mean = gaussian(rows + i);
    const varD = variance(gaussian(rows + stride + i), mean);
    const cov = f32x4.sub(gaussian(rows + 2 * stride + i), f32x4.mul(mean, v128.load(means + i)));
    const varX = v128.load(variances + i);
    const varY = f32x4.max(f32x4.add(f32x4.sub(varX, f32x4.add(cov, cov)), varD), f32x4.splat(0));
    v128.store(rows + i, f32x4.div(varD, f32x4.add(f32x4.add(varX, varY), f32x4.splat(C2))));
  }
}

/**
 * From the last five of those rows, over the first two of them: a and b, such that an eigenvalue l adds
 * log2(a l + b) to the weight of a position. The candidate as g X + rest has g = 1 - h with h = cov(X, D) / var(X),
 * and the rest's variance is what h X leaves of D.
 */
export function gainRow(rows: usize, stride: usize, signals: usize, span: usize): void {
  const one = f32x4.splat(1);
  const flat = f32x4.splat(FLAT);
  for (let i: usize = 0; i < span; i += 16) {
    const meanD = boxMean(rows + i);
    const meanX = boxMean(rows + 3 * stride + i);
    const varX = variance(boxMean(rows + 4 * stride + i), meanX);
    const varD = variance(boxMean(rows + stride + i), meanD);
    const cov = f32x4.sub(boxMean(rows + 2 * stride + i), f32x4.mul(meanD, meanX));
    const varY = f32x4.add(f32x4.sub(varX, f32x4.add(cov, cov)), varD);
    const lives = f32x4.ge(varX, flat);
    const shows = f32x4.ge(varY, flat);
    const h = v128.and(f32x4.div(cov, f32x4.add(varX, flat)), lives);
    const left = f32x4.max(f32x4.sub(varD, f32x4.mul(h, cov)), f32x4.splat(0));
    const rest = v128.and(left, shows);
    const g = v128.and(f32x4.sub(one, h), v128.and(lives, shows));
    const noise = scaled(f32x4.add(one, square(g)), NOISE);
    v128.store(rows + i, f32x4.mul(f32x4.add(rest, noise), v128.load(signals + i)));
    v128.store(rows + stride + i, f32x4.add(one, scaled(rest, 1.0 / NOISE)));
  }
}
