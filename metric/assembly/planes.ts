/**
 * The rows that a pass works on: the reference's planes, which are as large as the image, and for each scale
 * the few rows that the halving and the blurs still need.
 */
import { blurColumns, REACH, TAPS } from './blur';
import { CHANNELS, heightOf, maskOf, SCALES, spanOf, strideOf, take } from './layout';

/** Products of reference A and candidate B that are blurred: D = A - B, D D, B B, A and A A. */
export const DIFFERENCE: i32 = 0;
export const SQUARED_DIFFERENCE: i32 = 1;
export const SQUARED_CANDIDATE: i32 = 2;
export const REFERENCE: i32 = 3;
export const SQUARED_REFERENCE: i32 = 4;
const PRODUCTS: i32 = 5;

const SCRATCH_ROWS: usize = 8;

const cones: StaticArray<usize> = [0, 0, 0, 0, 0, 0];
const planes: StaticArray<usize> = [
  0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0,
];
const rings: StaticArray<usize> = [
  0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0,
];
const candidates: StaticArray<usize> = [
  0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0,
];

let zeros: usize = 0;
let scratch: usize = 0;
let taps: usize = 0;
/** Whether the reference's means and variances are kept, or blurred again for each candidate. */
export let kept = false;
/** Three rows for the cube roots of L, M and S. */
export let roots: usize = 0;
/** Two rows for products that are about to be blurred. */
export let difference: usize = 0;
export let square: usize = 0;

/** Plans the rows of `depth` scales, after `setSize` and `setMask`. */
export function takePlanes(depth: i32, keep: bool): void {
  kept = keep;
  const stride = strideOf(0);
  taps = take(TAPS * sizeof<usize>());
  zeros = take(stride);
  roots = take(stride, CHANNELS);
  difference = take(stride);
  square = take(stride);
  scratch = take(stride, SCRATCH_ROWS);
  for (let scale = 0; scale < depth; scale++) takeScale(scale);
}

function takeScale(scale: i32): void {
  const stride = strideOf(scale);
  cones[scale] = take(stride, 2 * CHANNELS);
  for (let channel = 0; channel < CHANNELS; channel++) {
    if (!maskOf(scale, channel)) continue;
    const at = scale * CHANNELS + channel;
    rings[at] = take(stride, TAPS * PRODUCTS);
    candidates[at] = take(stride, REACH + 1);
    planes[at] = take(stride, (kept ? 3 : 1) * heightOf(scale));
  }
}

/** Fills what has to start as zeros, once the memory is there. */
export function clearPlanes(): void {
  memory.fill(zeros, 0, strideOf(0));
}

/** One of eight rows for whatever is computed next. */
export function scratchRow(index: usize): usize {
  return scratch + index * strideOf(0);
}

/** Three rows of cone responses of a scale; even and odd rows take turns. */
export function conesOf(scale: i32, parity: i32): usize {
  return cones[scale] + <usize>(parity * CHANNELS) * strideOf(scale);
}

/** Row `y` of the reference: plane 0 the channel itself; where `kept`, 1 its local mean, 2 its local variance. */
export function planeRow(scale: i32, channel: i32, plane: i32, y: i32): usize {
  const rows = <usize>plane * heightOf(scale) + y;
  return planes[scale * CHANNELS + channel] + rows * strideOf(scale);
}

/** Row `y` of the candidate's channel, kept until the blur has caught up. */
export function candidateRow(scale: i32, channel: i32, y: i32): usize {
  return candidates[scale * CHANNELS + channel] + <usize>(y % (REACH + 1)) * strideOf(scale);
}

/** Row `y` of a product of a channel, blurred along the row and waiting to be blurred along columns. */
export function ringRow(scale: i32, channel: i32, product: i32, y: i32): usize {
  const slot = <usize>(product * TAPS + (y % TAPS));
  return rings[scale * CHANNELS + channel] + slot * strideOf(scale);
}

/** Blurs a product along columns at row `y`; rows outside the image are zero. */
export function blurRing(scale: i32, channel: i32, product: i32, y: i32, to: usize): void {
  for (let tap = 0; tap < TAPS; tap++) {
    const at = y + tap - REACH;
    const outside = at < 0 || at >= heightOf(scale);
    store<usize>(taps + tap * sizeof<usize>(), outside ? zeros : ringRow(scale, channel, product, at));
  }
  blurColumns(taps, to, spanOf(scale));
}
