/**
 * What the wasm exports: one pass over an image in strips of rows, all scales at once. Each pair of rows
 * makes one row of the next smaller scale, so that nothing but the reference's planes is as large as the
 * image. First a pass over the reference, then any number of passes over candidates of the same size.
 */
import { REACH } from './blur';
import { clearSums, drainCandidate, feedCandidate, sums, takeSums, weights } from './candidate';
import { halveRow } from './halve';
import { CHANNELS, heightOf, maskOf, reserve, reset, setMask, setSize, spanOf, strideOf, take, widthOf } from './layout';
import { coneResponses, linearDeepRgba, linearRgb, linearRgba } from './linear';
import { candidateRow, clearPlanes, conesOf, kept, planeRow, roots, takePlanes } from './planes';
import { drainReference, feedReference } from './reference';
import { channelRow, rootRow } from './xyb';

export { setMask };
export * from './iwssim';
export * from './tint';

/** Linear values that a blend of 8-bit colour by 8-bit alpha can have, see linear.ts. */
const FINE_LEVELS: usize = 130051;
const DEEP_LEVELS: usize = 65536;
/** Of RGBA of 16 bits, the most that a row may hold. */
const PIXEL_BYTES: usize = 8;

let depth: i32 = 0;
let strip: usize = 0;
let table: usize = 0;
let fine: usize = 0;
let deep: usize = 0;
let judging = false;
/** Rows taken in, per scale. */
const seen: StaticArray<i32> = [0, 0, 0, 0, 0, 0];

/**
 * Lays memory out for images of one size and `scales` scales, after `setMask`; false when it does not fit.
 * `keep` spends 8 bytes more per sample of the reference and saves two fifths of the blurs of a candidate.
 */
export function open(width: i32, height: i32, scales: i32, stripRows: i32, keep: bool): bool {
  reset();
  setSize(width, height);
  depth = scales;
  fine = 0;
  deep = 0;
  table = take(256 * 4);
  strip = take(<usize>width * PIXEL_BYTES, stripRows);
  takeSums(width, height);
  takePlanes(scales, keep);
  if (!reserve()) return false;
  clearPlanes();
  return true;
}

/** Makes room for the 130,051 linear values that blends need, float32; false when it does not fit. */
export function takeFine(): bool {
  fine = take(FINE_LEVELS * 4);
  return reserve();
}

/** Where the caller writes those; 0 until `takeFine`. */
export function fineAt(): usize {
  return fine;
}

/** Makes room for the linear values of 16-bit samples, float32; false when it does not fit. */
export function takeDeep(): bool {
  deep = take(DEEP_LEVELS * 4);
  return reserve();
}

/** Where the caller writes those; 0 until `takeDeep`. */
export function deepAt(): usize {
  return deep;
}

/** Where the caller writes the 256 linear values of bytes, float32. */
export function tableAt(): usize {
  return table;
}

/** Where the caller writes the rows that it then pushes. */
export function stripAt(): usize {
  return strip;
}

/** Where the caller writes the weights of the error rows: float32 [scale][channel][map]. */
export function weightsAt(): usize {
  return weights;
}

/** Where the sums are: float64 [scale][channel][map][cell][sum of d, sum of d^4]. */
export function sumsAt(): usize {
  return sums;
}

export function startReference(): void {
  start(false);
}

/** With `errors`, `errorRow` is called with the weighted sum of the maps for each row of each scale. */
export function startCandidate(errors: bool): void {
  start(true);
  clearSums(errors);
}

function start(candidate: bool): void {
  judging = candidate;
  for (let scale = 0; scale < depth; scale++) seen[scale] = 0;
}

/** Takes `rows` rows of RGB pixels from the strip. */
export function pushRgb(rows: i32): void {
  const width = widthOf(0);
  for (let row = 0; row < rows; row++) {
    linearRgb<u8>(strip + <usize>(row * width * 3), table, width, nextCones(0), strideOf(0));
    pushLinear();
  }
}

/** The same of 16-bit samples. */
export function pushDeepRgb(rows: i32): void {
  const width = widthOf(0);
  for (let row = 0; row < rows; row++) {
    linearRgb<u16>(strip + <usize>(row * width * 6), deep, width, nextCones(0), strideOf(0));
    pushLinear();
  }
}

/** Takes `rows` rows of RGBA pixels from the strip and blends them over grey `backdrop` / 510. */
export function pushRgba(rows: i32, backdrop: i32): void {
  const width = widthOf(0);
  for (let row = 0; row < rows; row++) {
    linearRgba(strip + <usize>(row * width * 4), fine, backdrop, width, nextCones(0), strideOf(0));
    pushLinear();
  }
}

/** The same of 16-bit samples. */
export function pushDeepRgba(rows: i32, backdrop: i32): void {
  const width = widthOf(0);
  for (let row = 0; row < rows; row++) {
    const from = strip + <usize>(row * width * 8);
    linearDeepRgba(from, deep, fine, backdrop, width, nextCones(0), strideOf(0));
    pushLinear();
  }
}

function pushLinear(): void {
  coneResponses(nextCones(0), spanOf(0), strideOf(0));
  advance(0);
}

/** Where the next row of cone responses of a scale goes. */
function nextCones(scale: i32): usize {
  return conesOf(scale, seen[scale] & 1);
}

/** Processes the row of cone responses that was just written, and what it completes in smaller scales. */
function advance(scale: i32): void {
  const y = seen[scale];
  const last = y == heightOf(scale) - 1;
  feed(scale, y);
  if (y >= REACH) drain(scale, y - REACH);
  seen[scale] = y + 1;
  if (scale + 1 < depth && (y & 1 || last)) {
    halve(scale, y & 1);
    advance(scale + 1);
  }
  if (last) for (let rest = max(0, y - REACH + 1); rest <= y; rest++) drain(scale, rest);
}

/** One row of the next scale from the last two rows, or from a last odd one. */
function halve(scale: i32, parity: i32): void {
  for (let plane: usize = 0; plane < <usize>CHANNELS; plane++) {
    const upper = conesOf(scale, 0) + plane * strideOf(scale);
    const lower = conesOf(scale, parity) + plane * strideOf(scale);
    const to = nextCones(scale + 1) + plane * strideOf(scale + 1);
    halveRow(upper, lower, widthOf(scale), to, spanOf(scale + 1));
  }
}

/** Cone responses to the channels in use, and those into the blur. */
function feed(scale: i32, y: i32): void {
  const stride = strideOf(scale);
  const span = spanOf(scale);
  const used: usize = maskOf(scale, 2) ? 3 : 2;
  for (let plane: usize = 0; plane < used; plane++) {
    rootRow(nextCones(scale) + plane * stride, roots + plane * stride, span);
  }
  for (let channel = 0; channel < CHANNELS; channel++) {
    if (!maskOf(scale, channel)) continue;
    const to = judging ? candidateRow(scale, channel, y) : planeRow(scale, channel, 0, y);
    channelRow(channel, roots, stride, to, widthOf(scale), span);
    if (judging) feedCandidate(scale, channel, y);
    else if (kept) feedReference(scale, channel, y);
  }
}

function drain(scale: i32, y: i32): void {
  if (judging) return drainCandidate(scale, y);
  if (!kept) return;
  for (let channel = 0; channel < CHANNELS; channel++) {
    if (maskOf(scale, channel)) drainReference(scale, channel, y);
  }
}
