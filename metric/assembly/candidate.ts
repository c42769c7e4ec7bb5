/** The candidate's side: blurred products with the reference, the three error maps, pooled or handed out. */
import { blurRow } from './blur';
import { CHANNELS, MAPS, maskOf, PAD, SCALES, spanOf, strideOf, take, widthOf } from './layout';
import { differenceRow, edgeRow, sideRow, squareRow, ssimRow } from './maps';
import {
  blurRing,
  candidateRow,
  DIFFERENCE,
  difference,
  kept,
  planeRow,
  ringRow,
  scratchRow,
  square,
  SQUARED_CANDIDATE,
  SQUARED_DIFFERENCE,
} from './planes';
import { CELL_BITS, poolRow } from './pool';
import { drainReference, feedReference, meanOf, varianceOf } from './reference';

/** Receives one row of the weighted error of a scale, see `startCandidate`. */
@external('eye', 'errorRow')
declare function errorRow(scale: i32, y: i32, row: usize): void;

const SSIM: i32 = 0;
const ARTIFACT: i32 = 1;
const LOSS: i32 = 2;

const ERRORS: usize = 5;

let cellsAcross: i32 = 0;
let cells: i32 = 0;
let mapping = false;
/** float64 [scale][channel][map][cell][sum of d, sum of d^4]. */
export let sums: usize = 0;
/** float32 [scale][channel][map]: what each map weighs in the error rows. */
export let weights: usize = 0;

/** Plans the memory for the sums of an image. */
export function takeSums(width: i32, height: i32): void {
  cellsAcross = cellsAlong(width);
  cells = cellsAcross * cellsAlong(height);
  sums = take(16 * SCALES * CHANNELS * MAPS, cells);
  weights = take(4 * SCALES * CHANNELS * MAPS);
}

function cellsAlong(side: i32): i32 {
  return (side + (1 << CELL_BITS) - 1) >> CELL_BITS;
}

/** With `errors`, `errorRow` is called with the weighted sum of the maps for each row of each scale. */
export function clearSums(errors: bool): void {
  mapping = errors;
  memory.fill(sums, 0, <usize>(16 * SCALES * CHANNELS * MAPS * cells));
}

/** Takes in row `y` of a channel, which is in `candidateRow` already. */
export function feedCandidate(scale: i32, channel: i32, y: i32): void {
  if (!kept) feedReference(scale, channel, y);
  const row = candidateRow(scale, channel, y);
  const span = spanOf(scale);
  const stride = strideOf(scale);
  squareRow(row, square, stride);
  blurRow(square, ringRow(scale, channel, SQUARED_CANDIDATE, y), span);
  differenceRow(planeRow(scale, channel, 0, y), row, difference, square, stride);
  blurRow(difference, ringRow(scale, channel, DIFFERENCE, y), span);
  blurRow(square, ringRow(scale, channel, SQUARED_DIFFERENCE, y), span);
}

/** Finishes row `y` of all channels: all rows within the reach of the blur have been fed. */
export function drainCandidate(scale: i32, y: i32): void {
  if (mapping) memory.fill(scratchRow(ERRORS), 0, strideOf(scale));
  for (let channel = 0; channel < CHANNELS; channel++) {
    if (!maskOf(scale, channel)) continue;
    if (!kept) drainReference(scale, channel, y);
    const shift = scratchRow(0);
    blurRing(scale, channel, DIFFERENCE, y, shift);
    if (needs(scale, channel, SSIM)) drainSsim(scale, channel, y, shift);
    if (needs(scale, channel, ARTIFACT) || needs(scale, channel, LOSS)) drainEdges(scale, channel, y, shift);
  }
  if (mapping) errorRow(scale, y, scratchRow(ERRORS) + PAD);
}

function needs(scale: i32, channel: i32, map: i32): bool {
  return <bool>((maskOf(scale, channel) >> map) & 1);
}

function drainSsim(scale: i32, channel: i32, y: i32, shift: usize): void {
  const sDD = scratchRow(1);
  const sBB = scratchRow(2);
  const map = scratchRow(3);
  const muA = meanOf(scale, channel, y);
  const varA = varianceOf(scale, channel, y);
  blurRing(scale, channel, SQUARED_DIFFERENCE, y, sDD);
  blurRing(scale, channel, SQUARED_CANDIDATE, y, sBB);
  ssimRow(shift, sDD, sBB, muA, varA, map, spanOf(scale));
  pool(scale, channel, SSIM, y, map);
}

function drainEdges(scale: i32, channel: i32, y: i32, shift: usize): void {
  const span = spanOf(scale);
  const edge = scratchRow(1);
  const map = scratchRow(2);
  const a = planeRow(scale, channel, 0, y);
  edgeRow(a, candidateRow(scale, channel, y), meanOf(scale, channel, y), shift, edge, span);
  for (let side = ARTIFACT; side <= LOSS; side++) {
    if (!needs(scale, channel, side)) continue;
    sideRow(edge, side == ARTIFACT ? 1 : -1, map, span);
    pool(scale, channel, side, y, map);
  }
}

function pool(scale: i32, channel: i32, map: i32, y: i32, row: usize): void {
  const index = (scale * CHANNELS + channel) * MAPS + map;
  const cell = index * cells + (y >> (CELL_BITS - scale)) * cellsAcross;
  poolRow(row, widthOf(scale), spanOf(scale), scale, sums + <usize>cell * 16);
  if (mapping) addWeighted(row, load<f32>(weights + (<usize>index << 2)), spanOf(scale));
}

function addWeighted(row: usize, weight: f32, span: usize): void {
  const to = scratchRow(ERRORS);
  for (let i: usize = PAD; i < span + PAD; i += 16) {
    const more = f32x4.mul(v128.load(row + i), f32x4.splat(weight));
    v128.store(to + i, f32x4.add(v128.load(to + i), more));
  }
}
