/**
 * Rounded luma from encoded bytes (IWSSIM.md section 1): 0.2989 R + 0.5870 G + 0.1140 B, ties to even, in whole
 * ten-thousandths so that no rounding comes before the last one.
 */

const TEN_THOUSAND: f32 = 10000;
const GREY: i32 = 2989 + 5870 + 1140;

/** Luma of `width` RGB pixels as floats; reads up to 16 bytes more, writes up to 16. */
export function lumaRgb(bytes: usize, width: i32, to: usize): void {
  const rg = i16x8(2989, 5870, 2989, 5870, 2989, 5870, 2989, 5870);
  const b0 = i16x8(1140, 0, 1140, 0, 1140, 0, 1140, 0);
  const rgAt = i8x16(0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1);
  const bAt = i8x16(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1);
  for (const end = to + (<usize>width << 2); to < end; to += 16) {
    const pixels = v128.load(bytes);
    const warm = i32x4.dot_i16x8_s(v128.swizzle(pixels, rgAt), rg);
    const sum = i32x4.add(warm, i32x4.dot_i16x8_s(v128.swizzle(pixels, bAt), b0));
    v128.store(to, f32x4.nearest(f32x4.div(f32x4.convert_i32x4_s(sum), f32x4.splat(TEN_THOUSAND))));
    bytes += 12;
  }
}

/** Luma of `width` RGBA pixels blended over grey `backdrop` / 510. */
export function lumaRgba(bytes: usize, width: i32, backdrop: i32, to: usize): void {
  for (let x = 0; x < width; x++) {
    const alpha = <i32>load<u8>(bytes, 3);
    const sum = 2989 * <i32>load<u8>(bytes) + 5870 * <i32>load<u8>(bytes, 1) + 1140 * <i32>load<u8>(bytes, 2);
    const blend = 2 * alpha * sum + (255 - alpha) * GREY * backdrop;
    store<f32>(to, <f32>nearest(<f64>blend / (510.0 * 10000.0)));
    bytes += 4;
    to += 4;
  }
}

/** Keeps a row of luma as bytes. */
export function storeBytes(luma: usize, width: i32, to: usize): void {
  for (let x: usize = 0; x < <usize>width; x++) store<u8>(to + x, <u8>load<f32>(luma + (x << 2)));
}

/** Subtracts a row of luma from one kept as bytes, in place; may touch 16 bytes more. */
export function subtractFrom(bytes: usize, luma: usize, width: i32): void {
  for (const end = luma + (<usize>width << 2); luma < end; luma += 16) {
    const whole = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(bytes)));
    v128.store(luma, f32x4.sub(f32x4.convert_i32x4_u(whole), v128.load(luma)));
    bytes += 4;
  }
}
