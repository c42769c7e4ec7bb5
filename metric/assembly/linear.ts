/**
 * Encoded sRGB samples to linear cone responses L, M, S (SSIMULACRA2.md sections 1 and 2, up to the cube
 * root). Halving commutes with this linear step, so the smaller scales start from here too.
 */
import { PAD } from './layout';

const BIAS: f32 = 0.0037930732552754493;

/** 257 x 257: what the blend of 16-bit samples has more levels than that of bytes. */
const FINER: u64 = 66049;

/** Three linear planes from `width` RGB pixels; `table` maps a sample, u8 or u16, to its linear value. */
export function linearRgb<T>(samples: usize, table: usize, width: i32, rgb: usize, stride: usize): void {
  let r = rgb + PAD;
  let g = r + stride;
  let b = g + stride;
  for (let x = 0; x < width; x++) {
    store<f32>(r, load<f32>(table + (<usize>load<T>(samples) << 2)));
    store<f32>(g, load<f32>(table + (<usize>load<T>(samples, sizeof<T>()) << 2)));
    store<f32>(b, load<f32>(table + (<usize>load<T>(samples, 2 * sizeof<T>()) << 2)));
    samples += 3 * sizeof<T>();
    r += 4;
    g += 4;
    b += 4;
  }
}

/**
 * The same from RGBA pixels blended over grey. The blend of two bytes over grey `backdrop / 510` is a whole
 * number of 1/130050ths, so that `fine`, a table of all 130,051 linear values, is exact without rounding.
 */
export function linearRgba(bytes: usize, fine: usize, backdrop: u32, width: i32, rgb: usize, stride: usize): void {
  let r = rgb + PAD;
  let g = r + stride;
  let b = g + stride;
  for (let x = 0; x < width; x++) {
    const alpha = <u32>load<u8>(bytes, 3);
    const grey = (255 - alpha) * backdrop;
    store<f32>(r, load<f32>(fine + ((2 * alpha * load<u8>(bytes) + grey) << 2)));
    store<f32>(g, load<f32>(fine + ((2 * alpha * load<u8>(bytes, 1) + grey) << 2)));
    store<f32>(b, load<f32>(fine + ((2 * alpha * load<u8>(bytes, 2) + grey) << 2)));
    bytes += 4;
    r += 4;
    g += 4;
    b += 4;
  }
}

/**
 * The same of 16-bit samples, of which `fine` holds every 66,049th blend: the others lie between, as good as on a
 * line. So what bytes can say in 16 bits has the very value that it has as bytes; opaque pixels have that of `deep`.
 */
export function linearDeepRgba(
  samples: usize,
  deep: usize,
  fine: usize,
  backdrop: u32,
  width: i32,
  rgb: usize,
  stride: usize,
): void {
  let r = rgb + PAD;
  let g = r + stride;
  let b = g + stride;
  for (let x = 0; x < width; x++) {
    const alpha = <u64>load<u16>(samples, 6);
    if (alpha == 65535) {
      linearRgb<u16>(samples, deep, 1, r - PAD, stride);
    } else {
      const grey = (65535 - alpha) * 257 * backdrop;
      store<f32>(r, between(fine, 2 * alpha * load<u16>(samples) + grey));
      store<f32>(g, between(fine, 2 * alpha * load<u16>(samples, 2) + grey));
      store<f32>(b, between(fine, 2 * alpha * load<u16>(samples, 4) + grey));
    }
    samples += 8;
    r += 4;
    g += 4;
    b += 4;
  }
}

/** The linear value of a blend, in 66,049ths of a level of `fine` and below its last. */
@inline
function between(fine: usize, blend: u64): f32 {
  const at = fine + (<usize>(blend / FINER) << 2);
  const low = load<f32>(at);
  return low + (load<f32>(at, 4) - low) * (<f32>(blend % FINER) / <f32>FINER);
}

@inline
function mix(r: v128, g: v128, b: v128, wr: f32, wg: f32, wb: f32): v128 {
  const rg = f32x4.add(f32x4.mul(r, f32x4.splat(wr)), f32x4.mul(g, f32x4.splat(wg)));
  return f32x4.add(f32x4.add(rg, f32x4.mul(b, f32x4.splat(wb))), f32x4.splat(BIAS));
}

/** Turns three linear planes R, G, B into L, M, S in place. */
export function coneResponses(rgb: usize, span: usize, stride: usize): void {
  let p = rgb + PAD;
  for (const end = p + span; p < end; p += 16) {
    const r = v128.load(p);
    const g = v128.load(p + stride);
    const b = v128.load(p + 2 * stride);
    v128.store(p, mix(r, g, b, 0.3, 0.622, 0.078));
    v128.store(p + stride, mix(r, g, b, 0.23, 0.692, 0.078));
    v128.store(p + 2 * stride, mix(r, g, b, 0.24342268924547819, 0.20476744424496821, 0.5518098665095536));
  }
}
