/**
 * The reference's side: local means and variances of its channels. Kept from the first pass where memory
 * allows, otherwise computed along with each candidate; the numbers are the same.
 */
import { blurRow } from './blur';
import { spanOf, strideOf } from './layout';
import { squareRow, varianceRow } from './maps';
import { blurRing, kept, planeRow, REFERENCE, ringRow, scratchRow, square, SQUARED_REFERENCE } from './planes';

/** Takes in row `y` of a channel, which is in its plane already. */
export function feedReference(scale: i32, channel: i32, y: i32): void {
  const row = planeRow(scale, channel, 0, y);
  const span = spanOf(scale);
  squareRow(row, square, strideOf(scale));
  blurRow(row, ringRow(scale, channel, REFERENCE, y), span);
  blurRow(square, ringRow(scale, channel, SQUARED_REFERENCE, y), span);
}

/** Computes means and variances of row `y`: all rows within the reach of the blur have been fed. */
export function drainReference(scale: i32, channel: i32, y: i32): void {
  const mean = meanOf(scale, channel, y);
  const variance = varianceOf(scale, channel, y);
  blurRing(scale, channel, REFERENCE, y, mean);
  blurRing(scale, channel, SQUARED_REFERENCE, y, variance);
  varianceRow(variance, mean, spanOf(scale));
}

/** The reference's local means at row `y`. */
export function meanOf(scale: i32, channel: i32, y: i32): usize {
  return kept ? planeRow(scale, channel, 1, y) : scratchRow(6);
}

/** The reference's local variances at row `y`. */
export function varianceOf(scale: i32, channel: i32, y: i32): usize {
  return kept ? planeRow(scale, channel, 2, y) : scratchRow(7);
}
