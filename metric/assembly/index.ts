/**
 * One pass over an image in strips of rows, all scales at once: each pair of rows feeds one row of the next
 * smaller scale, so that nothing but the reference's planes is as large as the image. First a pass over the
 * reference, which keeps its channels, means and variances, then any number of passes over candidates.
 */
import { blurColumns, blurRow, REACH, TAPS } from './blur';
import { halveRow } from './halve';
import {
  CHANNELS,
  heightOf,
  MAPS,
  maskOf,
  reserve,
  reset,
  SCALES,
  setMask,
  setSize,
  spanOf,
  strideOf,
  take,
  widthOf,
} from './layout';
import { coneResponses, linearRgb, linearRgba } from './linear';
import { differenceRow, edgeRow, sideRow, squareRow, ssimRow, varianceRow } from './maps';
import { CELL_BITS, poolRow } from './pool';
import { channelRow, rootRow } from './xyb';

export { setMask };

/** Receives one row of the weighted error of a scale (see `startCandidate`). */
declare function errorRow(scale: i32, y: i32, row: usize): void;

const SSIM: i32 = 1;
const ARTIFACT: i32 = 2;
const LOSS: i32 = 4;

/** Rows of a scale that the blurs are taken from: nine taps of up to three planes. */
const BLURRED: i32 = 3;
const FINE_STEPS: usize = 130051;

let scales: i32 = 0;
let cellsAcross: i32 = 0;
let cells: i32 = 0;

let strip: usize = 0;
let table: usize = 0;
let fine: usize = 0;
let sums: usize = 0;
let weights: usize = 0;
let zeros: usize = 0;
let roots: usize = 0;
let square: usize = 0;
let difference: usize = 0;
let scratch: usize = 0;
let taps: usize = 0;

const cones: StaticArray<usize> = [0, 0, 0, 0, 0, 0];
const seen: StaticArray<i32> = [0, 0, 0, 0, 0, 0];
/** Per scale and channel: the reference's planes, the ring of blurred rows, the ring of candidate rows. */
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
const channels: StaticArray<usize> = [
  0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0,
];

let judging = false;
let mapping = false;

/** Lays memory out for images of one size, after `setMask`; false when it does not fit. */
export function open(width: i32, height: i32, scaleCount: i32, stripRows: i32): bool {
  reset();
  setSize(width, height);
  scales = scaleCount;
  cellsAcross = (width + (1 << CELL_BITS) - 1) >> CELL_BITS;
  cells = cellsAcross * ((height + (1 << CELL_BITS) - 1) >> CELL_BITS);
  fine = 0;
  table = take(256 * 4);
  taps = take(TAPS * sizeof<usize>());
  weights = take(SCALES * CHANNELS * MAPS * 4);
  sums = take(sumsBytes());
  strip = take(<usize>width * 4, stripRows);
  takeScratch();
  for (let scale = 0; scale < scales; scale++) takeScale(scale);
  if (!reserve()) return false;
  memory.fill(zeros, 0, strideOf(0));
  return true;
}

function takeScratch(): void {
  const stride = strideOf(0);
  zeros = take(stride);
  roots = take(stride, CHANNELS);
  square = take(stride);
  difference = take(stride);
  scratch = take(stride, 6);
}

function takeScale(scale: i32): void {
  const stride = strideOf(scale);
  cones[scale] = take(stride, 2 * CHANNELS);
  for (let channel = 0; channel < CHANNELS; channel++) {
    if (!maskOf(scale, channel)) continue;
    const at = scale * CHANNELS + channel;
    rings[at] = take(stride, TAPS * BLURRED);
    channels[at] = take(stride, REACH + 1);
    planes[at] = take(stride, 3 * heightOf(scale));
  }
}

function sumsBytes(): usize {
  return <usize>(SCALES * CHANNELS * MAPS * cells) * 16;
}

/** Where the caller writes the rows that it then pushes. */
export function stripAt(): usize {
  return strip;
}

/** Where the caller writes the 256 linear values of the sRGB bytes, as float32. */
export function tableAt(): usize {
  return table;
}

/** Where the caller writes the 130,051 linear values that blends with alpha need; 0 until `takeFine`. */
export function fineAt(): usize {
  return fine;
}

export function takeFine(): bool {
  fine = take(FINE_STEPS * 4);
  return reserve();
}

/** Where the sums are: float64 [scale][channel][map][cell][sum of d, sum of d^4]. */
export function sumsAt(): usize {
  return sums;
}

/** Where the caller writes the weights of the error rows: float32 [scale][channel][map]. */
export function weightsAt(): usize {
  return weights;
}

export function startReference(): void {
  start(false);
  mapping = false;
}

/** With `errors`, `errorRow` is called with the weighted sum of the maps for each row of each scale. */
export function startCandidate(errors: bool): void {
  start(true);
  mapping = errors;
  memory.fill(sums, 0, sumsBytes());
}

function start(candidate: bool): void {
  judging = candidate;
  for (let scale = 0; scale < scales; scale++) seen[scale] = 0;
}

/** Takes `rows` rows of RGB pixels from the strip. */
export function pushRgb(rows: i32): void {
  const width = widthOf(0);
  for (let row = 0; row < rows; row++) {
    linearRgb(strip + <usize>row * width * 3, table, width, nextCones(0), strideOf(0));
    coneResponses(nextCones(0), spanOf(0), strideOf(0));
    advance(0);
  }
}

/** Takes `rows` rows of RGBA pixels from the strip and blends them over grey `backdrop` / 510. */
export function pushRgba(rows: i32, backdrop: i32): void {
  const width = widthOf(0);
  for (let row = 0; row < rows; row++) {
    linearRgba(strip + <usize>row * width * 4, fine, backdrop, width, nextCones(0), strideOf(0));
    coneResponses(nextCones(0), spanOf(0), strideOf(0));
    advance(0);
  }
}

/** Where the next row of cone responses of a scale goes: two rows take turns. */
function nextCones(scale: i32): usize {
  return conesOf(scale, seen[scale] & 1);
}

function conesOf(scale: i32, parity: i32): usize {
  return cones[scale] + <usize>(parity * CHANNELS) * strideOf(scale);
}

/** Processes the row of cone responses that was just written, and what it completes in smaller scales. */
function advance(scale: i32): void {
  const y = seen[scale];
  const last = y == heightOf(scale) - 1;
  feed(scale, y);
  seen[scale] = y + 1;
  if (y >= REACH) drain(scale, y - REACH);
  if (scale + 1 < scales && (y & 1 || last)) {
    halve(scale, y & 1);
    advance(scale + 1);
  }
  if (last) for (let rest = max(0, y - REACH + 1); rest <= y; rest++) drain(scale, rest);
}

function halve(scale: i32, parity: i32): void {
  const stride = strideOf(scale);
  const toStride = strideOf(scale + 1);
  for (let plane: usize = 0; plane < <usize>CHANNELS; plane++) {
    const upper = conesOf(scale, 0) + plane * stride;
    const lower = conesOf(scale, parity) + plane * stride;
    halveRow(upper, lower, widthOf(scale), nextCones(scale + 1) + plane * toStride, spanOf(scale + 1));
  }
}

/** Rows into the ring: channels of the new row, their products, blurred along the row. */
function feed(scale: i32, y: i32): void {
  const span = spanOf(scale);
  const stride = strideOf(scale);
  const from = nextCones(scale);
  const used: usize = maskOf(scale, 2) ? 3 : 2;
  for (let plane: usize = 0; plane < used; plane++) {
    rootRow(from + plane * stride, roots + plane * stride, span);
  }
  for (let channel = 0; channel < CHANNELS; channel++) {
    if (!maskOf(scale, channel)) continue;
    const row = judging ? candidateRow(scale, channel, y) : planeRow(scale, channel, 0, y);
    channelRow(channel, roots, stride, row, widthOf(scale), span);
    if (judging) feedCandidate(scale, channel, y, row);
    else feedReference(scale, channel, y, row);
  }
}

function feedReference(scale: i32, channel: i32, y: i32, row: usize): void {
  const span = spanOf(scale);
  squareRow(row, square, strideOf(scale));
  blurRow(row, ringRow(scale, channel, 0, y), span);
  blurRow(square, ringRow(scale, channel, 1, y), span);
}

function feedCandidate(scale: i32, channel: i32, y: i32, row: usize): void {
  const span = spanOf(scale);
  const stride = strideOf(scale);
  squareRow(row, square, stride);
  blurRow(square, ringRow(scale, channel, 2, y), span);
  differenceRow(planeRow(scale, channel, 0, y), row, difference, square, stride);
  blurRow(difference, ringRow(scale, channel, 0, y), span);
  blurRow(square, ringRow(scale, channel, 1, y), span);
}

/** Row `y` of the reference: plane 0 the channel itself, 1 its local mean, 2 its local variance. */
function planeRow(scale: i32, channel: i32, plane: i32, y: i32): usize {
  const rows = <usize>plane * heightOf(scale) + y;
  return planes[scale * CHANNELS + channel] + rows * strideOf(scale);
}

function candidateRow(scale: i32, channel: i32, y: i32): usize {
  return channels[scale * CHANNELS + channel] + <usize>(y % (REACH + 1)) * strideOf(scale);
}

function ringRow(scale: i32, channel: i32, plane: i32, y: i32): usize {
  const slot = <usize>(plane * TAPS + (y % TAPS));
  return rings[scale * CHANNELS + channel] + slot * strideOf(scale);
}

/** Blurs one plane of the ring along columns at row `y`; rows outside the image are zero. */
function blurRing(scale: i32, channel: i32, plane: i32, y: i32, to: usize): void {
  for (let tap = 0; tap < TAPS; tap++) {
    const at = y + tap - REACH;
    const outside = at < 0 || at >= heightOf(scale);
    store<usize>(taps + tap * sizeof<usize>(), outside ? zeros : ringRow(scale, channel, plane, at));
  }
  blurColumns(taps, to, spanOf(scale));
}

/** Finishes row `y` of all channels of a scale: everything within the reach of the blur is in the ring. */
function drain(scale: i32, y: i32): void {
  if (mapping) memory.fill(scratchRow(5), 0, strideOf(0));
  for (let channel = 0; channel < CHANNELS; channel++) {
    if (!maskOf(scale, channel)) continue;
    if (judging) drainCandidate(scale, channel, y);
    else drainReference(scale, channel, y);
  }
  if (mapping) errorRow(scale, y, scratchRow(5));
}

function drainReference(scale: i32, channel: i32, y: i32): void {
  const mean = planeRow(scale, channel, 1, y);
  const variance = planeRow(scale, channel, 2, y);
  blurRing(scale, channel, 0, y, mean);
  blurRing(scale, channel, 1, y, variance);
  varianceRow(variance, mean, spanOf(scale));
}

function scratchRow(index: usize): usize {
  return scratch + index * strideOf(0);
}

function drainCandidate(scale: i32, channel: i32, y: i32): void {
  const mask = maskOf(scale, channel);
  const span = spanOf(scale);
  const muD = scratchRow(0);
  const muA = planeRow(scale, channel, 1, y);
  const map = scratchRow(3);
  blurRing(scale, channel, 0, y, muD);
  if (mask & SSIM) {
    blurRing(scale, channel, 1, y, scratchRow(1));
    blurRing(scale, channel, 2, y, scratchRow(2));
    ssimRow(muD, scratchRow(1), scratchRow(2), muA, planeRow(scale, channel, 2, y), map, span);
    pool(scale, channel, 0, y, map);
  }
  if (!(mask & (ARTIFACT | LOSS))) return;
  const edge = scratchRow(4);
  edgeRow(planeRow(scale, channel, 0, y), candidateRow(scale, channel, y), muA, muD, edge, span);
  if (mask & ARTIFACT) {
    sideRow(edge, 1, map, span);
    pool(scale, channel, 1, y, map);
  }
  if (mask & LOSS) {
    sideRow(edge, -1, map, span);
    pool(scale, channel, 2, y, map);
  }
}

function pool(scale: i32, channel: i32, map: i32, y: i32, row: usize): void {
  const index = (scale * CHANNELS + channel) * MAPS + map;
  const cell = index * cells + (y >> (CELL_BITS - scale)) * cellsAcross;
  poolRow(row, widthOf(scale), spanOf(scale), scale, sums + <usize>cell * 16);
  if (mapping) weighRow(row, load<f32>(weights + (<usize>index << 2)), spanOf(scale));
}

function weighRow(row: usize, weight: f32, span: usize): void {
  const to = scratchRow(5);
  for (let i: usize = 16; i < span + 16; i += 16) {
    const more = f32x4.mul(v128.load(row + i), f32x4.splat(weight));
    v128.store(to + i, f32x4.add(v128.load(to + i), more));
  }
}
