/**
 * IW-SSIM's part of what the wasm exports: one pass over an image in strips of rows, all levels at once, first
 * for the reference, then for any number of candidates. A candidate's pass works on the difference of lumas,
 * whose bands are the difference of the bands, and holds only the rows within reach of the windows.
 */
import { correlate } from './iwssim-correlate';
import {
  bandRow,
  deep,
  differenceRow,
  eigenvalues,
  ENTRIES,
  enlargedRow,
  entryCounts,
  heightOf,
  isMeasured,
  kept,
  last,
  levelRow,
  LEVELS,
  lumaRow,
  meanRow,
  products,
  REACH,
  scratchRow,
  shrunkenRow,
  signalRow,
  stepOf,
  strideOf,
  strip,
  sums,
  SUMS_BYTES,
  takeAll,
  varianceRow,
  whiteners,
  widthOf,
  WINDOW,
} from './iwssim-layout';
import { lowPassLoss } from './iwssim-lowpass';
import { deepLumaRgb, deepLumaRgba, storeFine, subtractFromFine } from './iwssim-deep-luma';
import { lumaRgb, lumaRgba, storeBytes, subtractFrom } from './iwssim-luma';
import { columnMeans, gainRow, lossRow, referenceColumns, referenceMoments } from './iwssim-moments';
import {
  enlargeRow,
  evenBandRow,
  mirrorRow,
  oddBandRow,
  shrinkColumns,
  shrinkRow,
} from './iwssim-pyramid';
import { weighSignals } from './iwssim-signal';
import { addPlain, addRow, closeRow } from './iwssim-weights';

let judging = false;
/** Rows of the image taken in. */
let taken: i32 = 0;
/** Rows of the next level made, and rows of the band made, per level. */
const halved: StaticArray<i32> = [0, 0, 0, 0, 0];
const banded: StaticArray<i32> = [0, 0, 0, 0, 0];

/**
 * Lays memory out for images of one size and `scales` levels; false when it does not fit. With `isDeep`, all
 * samples that are pushed have 16 bits.
 */
export function openIwssim(width: i32, height: i32, scales: i32, stripRows: i32, keep: bool, isDeep: bool): bool {
  return takeAll(width, height, scales, stripRows, keep, isDeep);
}

/** Where the caller writes the rows that it then pushes. */
export function lumaStripAt(): usize {
  return strip;
}

/** Where the sums of products are: per band float64 [10 x 10], upper triangle. */
export function productsAt(): usize {
  return products;
}

/** Where the caller writes, per band, the whitener: float32 [10 x 10], upper triangle. */
export function whitenersAt(): usize {
  return whiteners;
}

/** Where the caller writes, per band, the eigenvalues: float64 [10]. */
export function eigenvaluesAt(): usize {
  return eigenvalues;
}

/** Where the caller writes, per band, the entries of a vector (int32); 0 where all positions weigh the same. */
export function entryCountsAt(): usize {
  return entryCounts;
}

/** Where the sums over positions are: per band float64 [w, w d, d] with d = 1 - cs, for the low-pass only d. */
export function lossSumsAt(): usize {
  return sums;
}

/** How many rows of a band are measured that lie at least `margin` rows from its ends. */
export function measuredRows(level: i32, margin: i32): i32 {
  let rows = 0;
  for (let y = margin; y < heightOf(level) - margin; y++) rows += i32(isMeasured(level, y));
  return rows;
}

export function startLuma(candidate: bool): void {
  judging = candidate;
  taken = 0;
  for (let level = 0; level < LEVELS; level++) {
    halved[level] = 0;
    banded[level] = 0;
  }
  memory.fill(sums, 0, SUMS_BYTES * LEVELS);
}

/** Takes `rows` rows of RGB pixels from the strip. */
export function pushLumaRgb(rows: i32): void {
  for (let row = 0; row < rows; row++) {
    const luma = levelRow(0, taken, judging);
    if (deep) deepLumaRgb(strip + <usize>(row * widthOf(0) * 6), widthOf(0), luma);
    else lumaRgb(strip + <usize>(row * widthOf(0) * 3), widthOf(0), luma);
    takeRow();
  }
}

/** Takes `rows` rows of RGBA pixels from the strip and blends them over grey `backdrop` / 510. */
export function pushLumaRgba(rows: i32, backdrop: i32): void {
  for (let row = 0; row < rows; row++) {
    const luma = levelRow(0, taken, judging);
    if (deep) deepLumaRgba(strip + <usize>(row * widthOf(0) * 8), widthOf(0), backdrop, luma);
    else lumaRgba(strip + <usize>(row * widthOf(0) * 4), widthOf(0), backdrop, luma);
    takeRow();
  }
}

function takeRow(): void {
  const luma = levelRow(0, taken, judging);
  if (deep) takeFine(luma);
  else if (judging) subtractFrom(lumaRow(taken), luma, widthOf(0));
  else storeBytes(luma, widthOf(0), lumaRow(taken));
  advance(0, taken++);
}

function takeFine(luma: usize): void {
  if (judging) subtractFromFine(lumaRow(taken), luma, widthOf(0));
  else storeFine(luma, widthOf(0), lumaRow(taken));
}

/** Processes row `y` of a level, which was just written, and what it completes in smaller ones. */
function advance(level: i32, y: i32): void {
  if (level == last) return;
  const row = levelRow(level, y, judging);
  mirrorRow(row, widthOf(level));
  shrinkRow(row, shrunkenRow(level, y), widthOf(level + 1));
  const bottom = y == heightOf(level) - 1;
  while (halved[level] < heightOf(level + 1) && (bottom || 2 * halved[level] + 2 <= y)) {
    halve(level, halved[level]++);
    makeBand(level);
  }
}

/** Makes row `y` of the next level. */
function halve(level: i32, y: i32): void {
  const row = levelRow(level + 1, y, judging);
  shrinkColumns(
    shrunkenRow(level, mirrored(2 * y - 2, heightOf(level))),
    shrunkenRow(level, mirrored(2 * y - 1, heightOf(level))),
    shrunkenRow(level, 2 * y),
    shrunkenRow(level, mirrored(2 * y + 1, heightOf(level))),
    shrunkenRow(level, mirrored(2 * y + 2, heightOf(level))),
    row,
    widthOf(level + 1),
  );
  enlargeRow(row, widthOf(level + 1), enlargedRow(level, y), widthOf(level));
  advance(level + 1, y);
}

@inline
function mirrored(y: i32, height: i32): i32 {
  return y < 0 ? -y : y >= height ? 2 * height - 2 - y : y;
}

/** Makes the rows of a band for which the next level is far enough. */
function makeBand(level: i32): void {
  const whole = halved[level] == heightOf(level + 1);
  while (banded[level] < heightOf(level) && (whole || (banded[level] >> 1) + 1 < halved[level])) {
    const y = banded[level]++;
    const to = judging ? differenceRow(level, y) : bandRow(level, y);
    subtractNext(level, y, to);
    if (!judging) continue;
    memory.copy(to + <usize>WINDOW * strideOf(level), to, strideOf(level) - 64);
    if (y >= 2 * REACH && isMeasured(level, y - REACH)) drain(level, y - REACH);
  }
}

/** Row `y` of a band: of the level, minus the next level enlarged. */
function subtractNext(level: i32, y: i32, to: usize): void {
  const row = levelRow(level, y, judging);
  const half = y >> 1;
  const below = enlargedRow(level, rowBelow(level, half));
  const at = enlargedRow(level, half);
  if (y & 1) oddBandRow(row, at, below, to, widthOf(level));
  else evenBandRow(row, enlargedRow(level, half > 0 ? half - 1 : 1), at, below, to, widthOf(level));
}

/** The enlarged row below `half`; at the bottom what mirroring the rows between them makes of it. */
function rowBelow(level: i32, half: i32): i32 {
  if (half + 1 < heightOf(level + 1)) return half + 1;
  return heightOf(level) & 1 ? half - 1 : half;
}

/** Adds the losses around row `y` of a band. */
function drain(level: i32, y: i32): void {
  const stride = strideOf(0);
  const count = widthOf(level) - 2 * REACH;
  if (!kept) measureReference(level, y);
  columnMeans(
    bandRow(level, y - REACH),
    differenceRow(level, y - REACH),
    strideOf(level),
    scratchRow(0),
    stride,
    <usize>widthOf(level) << 2,
  );
  lossRow(scratchRow(0), stride, meanRow(level, y), varianceRow(level, y), <usize>count << 2);
  gainRow(scratchRow(3), stride, signalRow(level, y), <usize>count << 2);
  addLosses(level, count);
}

function addLosses(level: i32, count: i32): void {
  const loss = scratchRow(0);
  const a = scratchRow(3);
  const b = scratchRow(4);
  const to = sums + <usize>level * SUMS_BYTES;
  const entries = load<i32>(entryCounts + (<usize>level << 2));
  closeRow(loss, a, b, count);
  addPlain(loss, count, to);
  if (entries) addRow(loss, a, b, count, eigenvalues + <usize>(level * ENTRIES * 8), entries, to);
}

/** Sums up the products of a band's neighbourhoods, after the reference's pass. */
export function correlateBand(level: i32): void {
  correlate(level, level < last - 1);
}

/** Finishes a band of the reference: `entryCounts`, `whiteners` and `eigenvalues` of it are in place. */
export function finishBand(level: i32): void {
  const entries = load<i32>(entryCounts + (<usize>level << 2));
  if (entries) weighSignals(level, entries);
  if (!kept) return;
  for (let y = REACH; y < heightOf(level) - REACH; y += stepOf(level)) measureReference(level, y);
}

/** Means and variances of the reference around row `y` of a band. */
function measureReference(level: i32, y: i32): void {
  const span = <usize>widthOf(level) << 2;
  referenceColumns(bandRow(level, y - REACH), strideOf(level), scratchRow(0), strideOf(0), span);
  referenceMoments(scratchRow(0), strideOf(0), meanRow(level, y), varianceRow(level, y), span - 4 * 2 * REACH);
}

/** Finishes a candidate: adds the losses of the low-pass. */
export function finishCandidate(): void {
  store<f64>(sums + <usize>last * SUMS_BYTES, lowPassLoss(), 16);
}
