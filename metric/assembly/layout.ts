/**
 * Where everything lies in linear memory, and the sizes of the scales. A bump allocator without free:
 * an instance serves one reference at a time, and `reset` starts over.
 *
 * A "row" is always floats of one plane of one scale: 16 bytes of left padding, the samples, zeros up to a
 * multiple of four samples, and 16 bytes of right padding. Pointers to rows point at the left padding.
 */

export const SCALES: i32 = 6;
export const CHANNELS: i32 = 3;
export const MAPS: i32 = 3;
/** Bytes of zeros left and right of the samples: four of them, the reach of the blur. */
export const PAD: usize = 16;

const PAGE: u64 = 65536;

const widths: StaticArray<i32> = [0, 0, 0, 0, 0, 0];
const heights: StaticArray<i32> = [0, 0, 0, 0, 0, 0];
const masks: StaticArray<i32> = [
  0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0,
];

let free: u64 = __heap_base;

/** Forgets every allocation. */
export function reset(): void {
  free = (__heap_base + 63) & ~63;
}

/** Plans `count` times `size` bytes, aligned to 64. Usable after `reserve`; contents undefined. */
export function take(size: usize, count: usize = 1): usize {
  const start = free;
  free = (free + <u64>size * <u64>count + 63) & ~63;
  return <usize>start;
}

/** Grows the memory to what was planned; false when the engine or the 4 GiB of the address space refuse. */
export function reserve(): bool {
  const pages = <i64>((free + PAGE - 1) / PAGE) - memory.size();
  if (pages <= 0) return true;
  return pages < 65536 && memory.grow(<i32>pages) >= 0;
}

/** Sets the sizes of all scales from that of the image; each scale halves the one before, rounding up. */
export function setSize(width: i32, height: i32): void {
  for (let scale = 0; scale < SCALES; scale++) {
    widths[scale] = width;
    heights[scale] = height;
    width = (width + 1) >> 1;
    height = (height + 1) >> 1;
  }
}

/** Which maps of a channel at a scale are computed: bit 0 SSIM error, bit 1 artifact, bit 2 detail loss. */
export function setMask(scale: i32, channel: i32, mask: i32): void {
  masks[scale * CHANNELS + channel] = mask;
}

export function maskOf(scale: i32, channel: i32): i32 {
  return masks[scale * CHANNELS + channel];
}

export function widthOf(scale: i32): i32 {
  return widths[scale];
}

export function heightOf(scale: i32): i32 {
  return heights[scale];
}

/** Bytes of the samples of a row, rounded up to whole vectors, without the padding. */
export function spanOf(scale: i32): usize {
  return <usize>((widthOf(scale) + 3) & ~3) << 2;
}

/** Bytes from one row to the next. */
export function strideOf(scale: i32): usize {
  return spanOf(scale) + 2 * PAD;
}
