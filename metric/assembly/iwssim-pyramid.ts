/**
 * Halving, doubling and the band between two levels (IWSSIM.md section 2). The kernel [1 4 6 4 1] sqrt(2)/16,
 * applied along rows and columns, has square roots only in pairs: halving doubles amplitudes, enlarging halves
 * them, and with all factors powers of two or small sums of them, flat parts give bands of exactly zero.
 */

/** Mirrors a row about its first and last sample into the two samples before and after it. */
export function mirrorRow(row: usize, width: i32): void {
  const end = row + (<usize>width << 2);
  store<f32>(row - 4, load<f32>(row, 4));
  store<f32>(row - 8, load<f32>(row, 8));
  store<f32>(end, load<f32>(end - 8));
  store<f32>(end, load<f32>(end - 12), 4);
}

@inline
function even(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 2, 4, 6);
}

@inline
function odd(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 1, 3, 5, 7);
}

@inline
function binomial(middle: v128, near: v128, far: v128, unit: f32): v128 {
  const inner = f32x4.add(f32x4.mul(middle, f32x4.splat(6 * unit)), f32x4.mul(near, f32x4.splat(4 * unit)));
  return f32x4.add(inner, f32x4.mul(far, f32x4.splat(unit)));
}

/** Every second sample of a mirrored row, filtered along the row. */
export function shrinkRow(from: usize, to: usize, toWidth: i32): void {
  for (const end = to + (<usize>toWidth << 2); to < end; to += 16) {
    const before = v128.load(from - 8);
    const after = v128.load(from, 8);
    const here = v128.load(from);
    const next = v128.load(from, 16);
    const far = f32x4.add(even(before, after), even(after, v128.load(from, 24)));
    const near = f32x4.add(odd(before, after), odd(here, next));
    v128.store(to, binomial(even(here, next), near, far, 1.0 / 16.0));
    from += 32;
  }
}

/** One row of the next level from five shrunken ones. */
export function shrinkColumns(a: usize, b: usize, c: usize, d: usize, e: usize, to: usize, width: i32): void {
  for (let i: usize = 0; i < <usize>width << 2; i += 16) {
    const far = f32x4.add(v128.load(a + i), v128.load(e + i));
    const near = f32x4.add(v128.load(b + i), v128.load(d + i));
    v128.store(to + i, binomial(v128.load(c + i), near, far, 1.0 / 8.0));
  }
}

/** Doubles a row of `fromWidth` samples to `toWidth`. */
export function enlargeRow(from: usize, fromWidth: i32, to: usize, toWidth: i32): void {
  const end = from + (<usize>fromWidth << 2);
  store<f32>(from - 4, load<f32>(from, 4));
  store<f32>(end, load<f32>(end - (toWidth & 1 ? 8 : 4)));
  for (; from < end; from += 16) {
    const here = v128.load(from);
    const right = v128.load(from, 4);
    const sides = f32x4.add(v128.load(from - 4), right);
    const evens = f32x4.add(f32x4.mul(here, f32x4.splat(0.75)), f32x4.mul(sides, f32x4.splat(0.125)));
    const odds = f32x4.mul(f32x4.add(here, right), f32x4.splat(0.5));
    v128.store(to, v128.shuffle<f32>(evens, odds, 0, 4, 1, 5));
    v128.store(to, v128.shuffle<f32>(evens, odds, 2, 6, 3, 7), 16);
    to += 32;
  }
}

/** An even row of a band: the level's row minus what enlarged rows above, at and below it give. */
export function evenBandRow(level: usize, above: usize, at: usize, below: usize, to: usize, width: i32): void {
  for (let i: usize = 0; i < <usize>width << 2; i += 16) {
    const sides = f32x4.add(v128.load(above + i), v128.load(below + i));
    const middle = f32x4.mul(v128.load(at + i), f32x4.splat(6.0 / 16.0));
    const low = f32x4.add(middle, f32x4.mul(sides, f32x4.splat(1.0 / 16.0)));
    v128.store(to + i, f32x4.sub(v128.load(level + i), low));
  }
}

/** An odd row of a band: the level's row minus what the enlarged rows above and below it give. */
export function oddBandRow(level: usize, above: usize, below: usize, to: usize, width: i32): void {
  for (let i: usize = 0; i < <usize>width << 2; i += 16) {
    const sides = f32x4.add(v128.load(above + i), v128.load(below + i));
    v128.store(to + i, f32x4.sub(v128.load(level + i), f32x4.mul(sides, f32x4.splat(0.25))));
  }
}
