/**
 * The structure and luminance loss of the low-pass (IWSSIM.md section 3), in double precision: its values reach
 * 4080, and their squares would leave a float32 no digits for what differs.
 */
import { columns, heightOf, last, lowPassRow, REACH, widthOf, WINDOW } from './iwssim-layout';

const C1: f64 = 6.5025;
const C2: f64 = 58.5225;

const GAUSSIAN: StaticArray<f64> = [
  0.00102838008447911, 0.007598758135239185, 0.03600077212843083, 0.10936068950970002, 0.2130055377112537,
  0.26601172486179436, 0.2130055377112537, 0.10936068950970002, 0.03600077212843083, 0.007598758135239185,
  0.00102838008447911,
];

/** Means of a column or window: X, D, X X, D D and X D, as doubles. */
const MEANS: usize = 5;
const MEANS_BYTES: usize = MEANS * 8;

/** Sum of 1 - cs l over all positions where the window fits. */
export function lowPassLoss(): f64 {
  let sum: f64 = 0;
  for (let y = 0; y < heightOf(last) - 2 * REACH; y++) {
    for (let x = 0; x < widthOf(last); x++) columnMeans(x, y);
    for (let x = 0; x < widthOf(last) - 2 * REACH; x++) sum += lossAt(x);
  }
  return sum;
}

/** Means of column `x` over the rows from `y` on, into its place among the columns. */
function columnMeans(x: i32, y: i32): void {
  const to = columns + <usize>x * MEANS_BYTES;
  memory.fill(to, 0, MEANS_BYTES);
  for (let tap = 0; tap < WINDOW; tap++) {
    const weight = unchecked(GAUSSIAN[tap]);
    const a = <f64>load<f32>(lowPassRow(y + tap, false) + (<usize>x << 2));
    const d = <f64>load<f32>(lowPassRow(y + tap, true) + (<usize>x << 2));
    store<f64>(to, load<f64>(to) + weight * a);
    store<f64>(to, load<f64>(to, 8) + weight * d, 8);
    store<f64>(to, load<f64>(to, 16) + weight * a * a, 16);
    store<f64>(to, load<f64>(to, 24) + weight * d * d, 24);
    store<f64>(to, load<f64>(to, 32) + weight * a * d, 32);
  }
}

/** One of those means over the columns from `x` on. */
function windowMean(x: i32, mean: usize): f64 {
  let sum: f64 = 0;
  for (let tap = 0; tap < WINDOW; tap++) {
    sum += unchecked(GAUSSIAN[tap]) * load<f64>(columns + <usize>(x + tap) * MEANS_BYTES + (mean << 3));
  }
  return sum;
}

/** 1 - cs l, where 1 - cs = var(D) / (var(X) + var(Y) + C2) and 1 - l = mean(D)^2 / (mean(X)^2 + mean(Y)^2 + C1). */
function lossAt(x: i32): f64 {
  const meanX = windowMean(x, 0);
  const meanD = windowMean(x, 1);
  const meanY = meanX - meanD;
  const varX = max(windowMean(x, 2) - meanX * meanX, 0.0);
  const varD = max(windowMean(x, 3) - meanD * meanD, 0.0);
  const cov = windowMean(x, 4) - meanX * meanD;
  const structure = varD / (varX + max(varX - 2 * cov + varD, 0.0) + C2);
  const luminance = (meanD * meanD) / (meanX * meanX + meanY * meanY + C1);
  return structure + luminance - structure * luminance;
}
