/**
 * Luma from encoded 16-bit samples. It is rounded to 256ths of a level: fine enough to tell a smooth slope from its
 * steps in 8 bits, and few enough digits for the first levels of the pyramid to be exact in float32.
 */

/** Of the weighted sum of three samples, 257 x 10,000 are one level. */
const FINE_A_SUM: f64 = 256.0 / 2570000.0;
const GREY: f64 = 2989 + 5870 + 1140;

/** Luma of `width` RGB pixels as floats. */
export function deepLumaRgb(samples: usize, width: i32, to: usize): void {
  for (let x = 0; x < width; x++) {
    store<f32>(to, fineLuma(<f64>weigh(samples)));
    samples += 6;
    to += 4;
  }
}

/** Luma of `width` RGBA pixels blended over grey `backdrop` / 510. */
export function deepLumaRgba(samples: usize, width: i32, backdrop: i32, to: usize): void {
  const behind = (65535 * GREY * <f64>backdrop) / 510.0;
  for (let x = 0; x < width; x++) {
    const alpha = <f64>load<u16>(samples, 6);
    store<f32>(to, fineLuma((alpha * weigh(samples) + (65535.0 - alpha) * behind) / 65535.0));
    samples += 8;
    to += 4;
  }
}

@inline
function weigh(samples: usize): i32 {
  return 2989 * <i32>load<u16>(samples) + 5870 * <i32>load<u16>(samples, 2) + 1140 * <i32>load<u16>(samples, 4);
}

@inline
function fineLuma(sum: f64): f32 {
  return <f32>(nearest(sum * FINE_A_SUM) / 256.0);
}

/** Keeps a row of luma in 256ths. */
export function storeFine(luma: usize, width: i32, to: usize): void {
  for (let x: usize = 0; x < <usize>width; x++) store<u16>(to + (x << 1), <u16>(load<f32>(luma + (x << 2)) * 256));
}

/** Subtracts a row of luma from one kept in 256ths, in place. */
export function subtractFromFine(kept: usize, luma: usize, width: i32): void {
  for (let x: usize = 0; x < <usize>width; x++) {
    const at = luma + (x << 2);
    store<f32>(at, <f32>load<u16>(kept + (x << 1)) / 256 - load<f32>(at));
  }
}
