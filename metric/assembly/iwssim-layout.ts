/**
 * Where IW-SSIM keeps what in linear memory, and the sizes of its levels. Level 0 is the luma, each next one
 * half the size; all but the last have a band (level minus the next one enlarged), the last is the low-pass.
 *
 * A row is floats of one level; pointers to rows point at the first sample. 64 bytes before and after it may be
 * written, and rows lie an odd number of cache lines apart so that a column of them never shares a cache set.
 */
import { reserve, reset, take } from './layout';

export const LEVELS: i32 = 5;
/** Rows and columns that the 11 x 11 window of the structure maps reaches from its centre. */
export const REACH: i32 = 5;
export const WINDOW: i32 = 2 * REACH + 1;
/** Most entries that the vector of a neighbourhood has: a 3 x 3 block and its parent. */
export const ENTRIES: i32 = 10;

/** From this many pixels on, the finest band is measured at every third row: */
const MANY_PIXELS: i64 = 1_000_000;
/** its 3 x 3 boxes then lie side by side, and its windows of eleven rows weigh all rows alike within 3 %. */
const SPARSE: i32 = 3;

const MARGIN: usize = 64;
const SCRATCH_ROWS: usize = 12;
/** Rows in a ring, as a power of two; at most six are in use at a time. */
const RING: i32 = 8;

const widths: StaticArray<i32> = [0, 0, 0, 0, 0];
const heights: StaticArray<i32> = [0, 0, 0, 0, 0];
const levels: StaticArray<usize> = [0, 0, 0, 0, 0];
const shrunken: StaticArray<usize> = [0, 0, 0, 0, 0];
const enlarged: StaticArray<usize> = [0, 0, 0, 0, 0];
const differences: StaticArray<usize> = [0, 0, 0, 0, 0];
const bands: StaticArray<usize> = [0, 0, 0, 0, 0];
const signals: StaticArray<usize> = [0, 0, 0, 0, 0];
const means: StaticArray<usize> = [0, 0, 0, 0, 0];
const variances: StaticArray<usize> = [0, 0, 0, 0, 0];

let lumaPlane: usize = 0;
let lowPasses: usize = 0;
let scratch: usize = 0;
/** The level that is the low-pass. */
export let last: i32 = 0;
/** Whether the reference's means and variances are kept, or blurred again for each candidate. */
export let kept = false;
/** Whether samples have 16 bits. */
export let deep = false;
let sparse = false;
/** Where the caller writes the rows that it then pushes. */
export let strip: usize = 0;
/** Per band float64 [sum of w, sum of w d, sum of d]; for the low-pass only the last is used. */
export let sums: usize = 0;
/** Per band float64 [ENTRIES x ENTRIES]: sums of products of the neighbourhood vectors, upper triangle. */
export let products: usize = 0;
/** Per band float32 [ENTRIES x ENTRIES]: whitens those vectors, so that lengths squared are s / sigma^4; upper triangle. */
export let whiteners: usize = 0;
/** Per band float64 [ENTRIES]: eigenvalues. */
export let eigenvalues: usize = 0;
/** Per band int32: the number of entries of a vector; 0 where all weights are one. */
export let entryCounts: usize = 0;

/** Eight neighbourhood vectors, entry by entry. */
export let vectors: usize = 0;
/** Nine doubles for sums on their way into a matrix. */
export let table: usize = 0;
/** Five doubles for each column of the low-pass. */
export let columns: usize = 0;

export const SUMS_BYTES: usize = 3 * 8;
export const PRODUCTS_BYTES: usize = ENTRIES * ENTRIES * 8;
export const WHITENER_BYTES: usize = ENTRIES * ENTRIES * 4;

/** Plans the memory for images of one size; false when it does not fit. */
export function takeAll(width: i32, height: i32, scales: i32, stripRows: i32, keep: bool, isDeep: bool): bool {
  reset();
  last = scales - 1;
  kept = keep;
  deep = isDeep;
  sparse = last > 0 && <i64>width * height >= MANY_PIXELS;
  for (let level = 0; level < scales; level++) {
    widths[level] = width;
    heights[level] = height;
    width = (width + 1) >> 1;
    height = (height + 1) >> 1;
  }
  takeTables();
  strip = take(<usize>widthOf(0) * (deep ? 8 : 4) + 16, stripRows);
  scratch = take(strideOf(0), SCRATCH_ROWS) + MARGIN;
  lumaPlane = take(lumaStride(), heightOf(0));
  lowPasses = take(strideOf(last), 2 * heightOf(last)) + MARGIN;
  for (let level = 0; level < last; level++) takeLevel(level);
  take(MARGIN);
  return reserve();
}

function takeTables(): void {
  sums = take(SUMS_BYTES, LEVELS);
  products = take(PRODUCTS_BYTES, LEVELS);
  whiteners = take(WHITENER_BYTES, LEVELS);
  eigenvalues = take(8 * ENTRIES, LEVELS);
  entryCounts = take(4, LEVELS);
  vectors = take(8 * 4, ENTRIES);
  table = take(9 * 8);
  columns = take(5 * 8, widthOf(last));
}

function takeLevel(level: i32): void {
  const stride = strideOf(level);
  levels[level] = take(stride, RING) + MARGIN;
  shrunken[level] = take(strideOf(level + 1), RING) + MARGIN;
  enlarged[level] = take(stride, RING) + MARGIN;
  differences[level] = take(stride, 2 * WINDOW) + MARGIN;
  bands[level] = take(stride, heightOf(level)) + MARGIN;
  signals[level] = take(stride, heightOf(level)) + MARGIN;
  if (!kept) return;
  means[level] = take(stride, heightOf(level)) + MARGIN;
  variances[level] = take(stride, heightOf(level)) + MARGIN;
}

export function widthOf(level: i32): i32 {
  return widths[level];
}

export function heightOf(level: i32): i32 {
  return heights[level];
}

/** Bytes from one row to the next. */
export function strideOf(level: i32): usize {
  return ((((<usize>widthOf(level) * 4 + 63) >> 6) + 2) | 1) << 6;
}

/** Rows of a band from one that is measured to the next. */
export function stepOf(level: i32): i32 {
  return sparse && level == 0 ? SPARSE : 1;
}

/** Whether the windows and neighbourhoods around row `y` of a band are measured. */
export function isMeasured(level: i32, y: i32): bool {
  return (y - REACH) % stepOf(level) == 0;
}

function lumaStride(): usize {
  return (<usize>widthOf(0) * (deep ? 2 : 1) + 15) & ~15;
}

/** Row `y` of the reference's luma, in bytes; in 256ths of a level where samples are deep. */
export function lumaRow(y: i32): usize {
  return lumaPlane + <usize>y * lumaStride();
}

/** One of twelve rows for whatever is computed next. */
export function scratchRow(index: usize): usize {
  return scratch + index * strideOf(0);
}

/** Row `y` of a level on its way to be halved: of the reference, or of reference minus candidate. */
export function levelRow(level: i32, y: i32, judging: bool): usize {
  if (level == last) return lowPassRow(y, judging);
  return levels[level] + <usize>(y & (RING - 1)) * strideOf(level);
}

/** Row `y` of the low-pass of the reference, or of reference minus candidate. */
export function lowPassRow(y: i32, judging: bool): usize {
  return lowPasses + <usize>(judging ? heightOf(last) + y : y) * strideOf(last);
}

/** Row `y` of a level, halved in width only. */
export function shrunkenRow(level: i32, y: i32): usize {
  return shrunken[level] + <usize>(y & (RING - 1)) * strideOf(level + 1);
}

/** Row `y` of the next level, doubled in width. */
export function enlargedRow(level: i32, y: i32): usize {
  return enlarged[level] + <usize>(y & (RING - 1)) * strideOf(level);
}

/** Row `y` of the reference's band. */
export function bandRow(level: i32, y: i32): usize {
  return bands[level] + <usize>y * strideOf(level);
}

/**
 * Row `y` of the difference's band. The last eleven rows are kept, each twice, so that any eleven that follow
 * each other lie one after the other: the second copy is `WINDOW` rows further.
 */
export function differenceRow(level: i32, y: i32): usize {
  return differences[level] + <usize>(y % WINDOW) * strideOf(level);
}

/** Row `y` of s / sigma^4 of a band, from column REACH on. */
export function signalRow(level: i32, y: i32): usize {
  return signals[level] + <usize>y * strideOf(level);
}

/** Row `y` of the reference's local means, from column REACH on; a scratch row where they are not kept. */
export function meanRow(level: i32, y: i32): usize {
  return kept ? means[level] + <usize>y * strideOf(level) : scratchRow(10);
}

/** Row `y` of the reference's local variances, from column REACH on. */
export function varianceRow(level: i32, y: i32): usize {
  return kept ? variances[level] + <usize>y * strideOf(level) : scratchRow(11);
}
