/** The information weights of one row and what they add to the sums of a band (IWSSIM.md sections 4 and 6). */

const SQRT_HALF_BITS: i64 = 0x3fe6a09e667f3bcd;
const TWO_OVER_LN2: f32 = 2.8853900817779268;

/** Writes neutral values behind `count` positions: no loss, no weight. */
export function closeRow(loss: usize, a: usize, b: usize, count: i32): void {
  for (let x = count; x < ((count + 3) & ~3); x++) {
    const i = <usize>x << 2;
    store<f32>(loss + i, 0);
    store<f32>(a + i, 0);
    store<f32>(b + i, 1);
  }
}

/** Product of (a l + b) over all eigenvalues l, for two positions. */
@inline
function product(a: v128, b: v128, eigenvalues: usize, count: i32): v128 {
  let all = f64x2.splat(1);
  for (let at = eigenvalues; at < eigenvalues + (<usize>count << 3); at += 8) {
    all = f64x2.mul(all, f64x2.add(f64x2.mul(a, v128.load64_splat(at)), b));
  }
  return all;
}

/** log2 of four doubles of at least 1 in two vectors, relative error about 1e-7 however close to 1 they are. */
@inline
function log2(low: v128, high: v128): v128 {
  const lowPower = i64x2.shr_u(i64x2.sub(low, i64x2.splat(SQRT_HALF_BITS)), 52);
  const highPower = i64x2.shr_u(i64x2.sub(high, i64x2.splat(SQRT_HALF_BITS)), 52);
  const lowPart = f64x2.sub(i64x2.sub(low, i64x2.shl(lowPower, 52)), f64x2.splat(1));
  const highPart = f64x2.sub(i64x2.sub(high, i64x2.shl(highPower, 52)), f64x2.splat(1));
  const power = f32x4.convert_i32x4_s(v128.shuffle<i32>(lowPower, highPower, 0, 2, 4, 6));
  const f = v128.shuffle<i64>(f32x4.demote_f64x2_zero(lowPart), f32x4.demote_f64x2_zero(highPart), 0, 2);
  const z = f32x4.div(f, f32x4.add(f, f32x4.splat(2)));
  const zz = f32x4.mul(z, z);
  let series = f32x4.add(f32x4.mul(zz, f32x4.splat(1.0 / 7.0)), f32x4.splat(1.0 / 5.0));
  series = f32x4.add(f32x4.mul(zz, series), f32x4.splat(1.0 / 3.0));
  series = f32x4.add(f32x4.mul(zz, series), f32x4.splat(1));
  return f32x4.add(power, f32x4.mul(f32x4.mul(z, series), f32x4.splat(TWO_OVER_LN2)));
}

@inline
function upper(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0));
}

@inline
function total(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** Adds a row of `count` positions to float64 [sum of w, sum of w d, sum of d] at `sums`. */
export function addRow(loss: usize, a: usize, b: usize, count: i32, lambdas: usize, entries: i32, sums: usize): void {
  let weights = f64x2.splat(0);
  let weighted = f64x2.splat(0);
  for (const end = loss + (<usize>count << 2); loss < end; loss += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    const low = product(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y), lambdas, entries);
    const w = log2(low, product(upper(x), upper(y), lambdas, entries));
    const d = f32x4.mul(w, v128.load(loss));
    weights = f64x2.add(weights, f64x2.add(f64x2.promote_low_f32x4(w), upper(w)));
    weighted = f64x2.add(weighted, f64x2.add(f64x2.promote_low_f32x4(d), upper(d)));
    a += 16;
    b += 16;
  }
  store<f64>(sums, load<f64>(sums) + total(weights));
  store<f64>(sums, load<f64>(sums, 8) + total(weighted), 8);
}

/** Adds the losses of a row of `count` positions to the third of those sums. */
export function addPlain(loss: usize, count: i32, sums: usize): void {
  let plain = f64x2.splat(0);
  for (const end = loss + (<usize>count << 2); loss < end; loss += 16) {
    const d = v128.load(loss);
    plain = f64x2.add(plain, f64x2.add(f64x2.promote_low_f32x4(d), upper(d)));
  }
  store<f64>(sums, load<f64>(sums, 16) + total(plain), 16);
}
