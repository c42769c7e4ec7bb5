/**
 * IW-SSIM a second time, for the tests: double precision, whole planes, nothing clever. It shares no line with
 * the product and follows the published steps (Wang and Li, IEEE TIP 2011) one by one.
 */
import type { Pixels } from '../../src/engine/contract.ts';
import { type Plane, planeOf } from './straight.ts';

const C1 = 6.5025;
const C2 = 58.5225;
const NOISE = 0.4;
const BETAS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
const BINOMIAL = [1, 4, 6, 4, 1].map((tap) => (Math.SQRT2 / 16) * tap);
const GAUSSIAN = normalised(
  Array.from({ length: 11 }, (_, tap) => Math.exp(-((tap - 5) ** 2) / (2 * 1.5 ** 2))),
);
const BOX = [1 / 3, 1 / 3, 1 / 3];

function normalised(taps: number[]): number[] {
  const sum = taps.reduce((total, tap) => total + tap);
  return taps.map((tap) => tap / sum);
}

function at({ data, width }: Plane, x: number, y: number): number {
  return data[y * width + x]!;
}

function combine(a: Plane, b: Plane, value: (a: number, b: number) => number): Plane {
  return { ...a, data: a.data.map((sample, index) => value(sample, b.data[index]!)) };
}

/** A whole number from 0 to 255, ties to even. */
function roundToEven(value: number): number {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

/** Luma, rounded to a level, of deep pixels to a 256th; alpha blended over grey `backdrop` (0 to 1) in encoded values. */
export function luma({ data, deep, width, height, channels }: Pixels, backdrop: number): Plane {
  const level = (at: number) => (deep ? deep[at]! / 257 : data[at]!);
  const finer = deep ? 256 : 1;
  return planeOf(width, height, (x, y) => {
    const from = (y * width + x) * channels;
    const alpha = channels === 4 ? level(from + 3) / 255 : 1;
    const [r, g, b] = [0, 1, 2].map((at) => alpha * level(from + at) + (1 - alpha) * backdrop * 255);
    return roundToEven(finer * (0.2989 * r! + 0.587 * g! + 0.114 * b!)) / finer;
  });
}

/** Mirrored about the edge sample, which is not repeated. */
function mirror(index: number, size: number): number {
  if (index < 0) return -index;
  return index >= size ? 2 * size - 2 - index : index;
}

function filterMirrored(plane: Plane, dx: number, dy: number): Plane {
  const { width, height } = plane;
  return planeOf(width, height, (x, y) =>
    BINOMIAL.reduce((sum, weight, tap) => {
      const [u, v] = [mirror(x + (tap - 2) * dx, width), mirror(y + (tap - 2) * dy, height)];
      return sum + weight * at(plane, u, v);
    }, 0),
  );
}

function reduce(plane: Plane): Plane {
  const smooth = filterMirrored(filterMirrored(plane, 1, 0), 0, 1);
  return planeOf(Math.ceil(plane.width / 2), Math.ceil(plane.height / 2), (x, y) => at(smooth, 2 * x, 2 * y));
}

function expand(plane: Plane, width: number, height: number): Plane {
  const spread = planeOf(width, height, (x, y) => (x % 2 || y % 2 ? 0 : at(plane, x / 2, y / 2)));
  return filterMirrored(filterMirrored(spread, 1, 0), 0, 1);
}

function scaleCount(width: number, height: number): number {
  const side = Math.min(width, height);
  return side < 11 ? 0 : Math.min(5, Math.floor(Math.log2(side / 11)) + 1);
}

/** Laplacian bands from fine to coarse, the low-pass last. */
function pyramid(image: Plane): Plane[] {
  const bands: Plane[] = [];
  let low = image;
  for (let scale = scaleCount(image.width, image.height); scale > 1; scale--) {
    const lower = reduce(low);
    bands.push(combine(low, expand(lower, low.width, low.height), (a, b) => a - b));
    low = lower;
  }
  return [...bands, low];
}

/** Separable filter, only where its window fits. */
function filterValid(plane: Plane, taps: number[]): Plane {
  const reach = taps.length - 1;
  const { width, height } = plane;
  const rows = planeOf(width - reach, height, (x, y) =>
    taps.reduce((sum, weight, tap) => sum + weight * at(plane, x + tap, y), 0),
  );
  return planeOf(width - reach, height - reach, (x, y) =>
    taps.reduce((sum, weight, tap) => sum + weight * at(rows, x, y + tap), 0),
  );
}

interface Moments {
  meanX: Plane;
  meanY: Plane;
  varX: Plane;
  varY: Plane;
  cov: Plane;
}

function moments(x: Plane, y: Plane, taps: number[]): Moments {
  const product = (a: Plane, b: Plane) =>
    filterValid(
      combine(a, b, (u, v) => u * v),
      taps,
    );
  const [meanX, meanY] = [filterValid(x, taps), filterValid(y, taps)];
  const variance = (square: Plane, mean: Plane) => combine(square, mean, (s, m) => Math.max(0, s - m * m));
  const means = combine(meanX, meanY, (a, b) => a * b);
  return {
    meanX,
    meanY,
    varX: variance(product(x, x), meanX),
    varY: variance(product(y, y), meanY),
    cov: combine(product(x, y), means, (s, m) => s - m),
  };
}

function structureMap(x: Plane, y: Plane, withLuminance: boolean): Plane {
  const { meanX, meanY, varX, varY, cov } = moments(x, y, GAUSSIAN);
  const data = cov.data.map((c, index) => {
    const [mx, my] = [meanX.data[index]!, meanY.data[index]!];
    const cs = (2 * c + C2) / (varX.data[index]! + varY.data[index]! + C2);
    return withLuminance ? (cs * (2 * mx * my + C1)) / (mx * mx + my * my + C1) : cs;
  });
  return { ...cov, data };
}

/** The coarser band enlarged to twice its size: resized, grown by a sample on each side, every second kept. */
function enlarge(band: Plane): Plane {
  const grown = [band.width, band.height].map((size) => 4 * size - 3);
  const coordinate = (k: number, size: number) =>
    Math.min(size - 1, Math.max(0, ((k + 0.5) * size) / (4 * size - 3) - 0.5));
  const resized = planeOf(grown[0]!, grown[1]!, (k, l) => {
    const [u, v] = [coordinate(k, band.width), coordinate(l, band.height)];
    const [x, y] = [Math.floor(u), Math.floor(v)];
    const row = (y: number) =>
      at(band, x, y) + (u - x) * (at(band, Math.min(x + 1, band.width - 1), y) - at(band, x, y));
    return row(y) + (v - y) * (row(Math.min(y + 1, band.height - 1)) - row(y));
  });
  const outside = (k: number, size: number, sample: (k: number) => number) => {
    if (k < 0) return 2 * sample(0) - sample(1);
    return k >= size ? 2 * sample(size - 1) - sample(size - 2) : sample(k);
  };
  const wide = (k: number, l: number) => outside(l, grown[1]!, (m) => at(resized, k, m));
  return planeOf(2 * band.width, 2 * band.height, (x, y) =>
    outside(2 * x - 1, grown[0]!, (k) => wide(k, 2 * y - 1)),
  );
}

/** The vectors u of all interior positions, row by row. */
function neighbourhoods(band: Plane, parent: Plane | null): number[][] {
  const vectors: number[][] = [];
  for (let y = 1; y < band.height - 1; y++) {
    for (let x = 1; x < band.width - 1; x++) {
      const block = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => at(band, x + dx, y + dy)));
      vectors.push(parent ? [...block, at(parent, x, y)] : block);
    }
  }
  return vectors;
}

/** Eigenvalues and eigenvectors (rows) of a symmetric matrix, by Jacobi rotations. */
function eigen(matrix: number[][]): { values: number[]; vectors: number[][] } {
  const a = matrix.map((row) => [...row]);
  const size = a.length;
  const vectors = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 60; sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, vectors, p, q);
  }
  return { values: a.map((row, i) => row[i]!), vectors };
}

function rotate(a: number[][], vectors: number[][], p: number, q: number): void {
  if (a[p]![q] === 0) return;
  const angle = 0.5 * Math.atan2(2 * a[p]![q]!, a[q]![q]! - a[p]![p]!);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  for (const rows of [a, vectors]) {
    const [rowP, rowQ] = [rows[p]!, rows[q]!];
    rows[p] = rowP.map((value, k) => c * value - s * rowQ[k]!);
    rows[q] = rowP.map((value, k) => s * value + c * rowQ[k]!);
  }
  for (const row of a) {
    const [left, right] = [row[p]!, row[q]!];
    row[p] = c * left - s * right;
    row[q] = s * left + c * right;
  }
}

/** Information weights at the interior positions that the structure map covers. */
function weights(x: Plane, y: Plane, parent: Plane | null): Plane {
  const { varX, varY, cov } = moments(x, y, BOX);
  const vectors = neighbourhoods(x, parent);
  const size = vectors[0]!.length;
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from(
      { length: size },
      (_, j) => vectors.reduce((sum, u) => sum + u[i]! * u[j]!, 0) / vectors.length,
    ),
  );
  const trace = matrix.reduce((sum, row, i) => sum + row[i]!, 0);
  const { values, vectors: axes } = eigen(matrix);
  const largest = Math.max(...values);
  const kept = values.map((value) => (value < 1e-12 * largest ? 0 : value));
  const repaired = trace / kept.reduce((sum, value) => sum + value, 0);
  const weight = (index: number): number => {
    if (trace < 1e-8) return 1;
    const [g, v] = gain(varX.data[index]!, varY.data[index]!, cov.data[index]!);
    const u = vectors[index]!;
    const s = kept.reduce((sum, value, j) => {
      const along = axes[j]!.reduce((dot, axis, k) => dot + axis * u[k]!, 0);
      return value === 0 ? sum : sum + along ** 2 / value / size;
    }, 0);
    const bits = kept.reduce((sum, value) => {
      const signal = (v + (1 + g * g) * NOISE) * s * value * repaired + NOISE * v;
      return sum + Math.log2(1 + signal / NOISE ** 2);
    }, 0);
    return bits < 1e-15 ? 0 : bits;
  };
  return planeOf(x.width - 10, x.height - 10, (u, v) => weight((v + 4) * (x.width - 2) + u + 4));
}

function gain(varX: number, varY: number, cov: number): [number, number] {
  if (varY < 1e-15) return [0, 0];
  if (varX < 1e-15) return [0, varY];
  const g = cov / (varX + 1e-15);
  return [g, varY - g * cov];
}

/** q of one band: its structure map averaged by information. */
function pooled(x: Plane, y: Plane, parent: Plane | null): number {
  const map = structureMap(x, y, false);
  let weight = weights(x, y, parent).data;
  if (weight.every((w) => w === 0)) weight = weight.map(() => 1);
  const total = weight.reduce((sum, w) => sum + w, 0);
  return map.data.reduce((sum, cs, index) => sum + cs * weight[index]!, 0) / total;
}

/** q of every band, the low-pass last. */
export function bandScores(x: Plane, y: Plane): number[] {
  const [bandsX, bandsY] = [pyramid(x), pyramid(y)];
  const last = bandsX.length - 1;
  return bandsX.map((band, scale) => {
    if (scale < last) {
      const parent = scale < last - 1 ? enlarge(bandsX[scale + 1]!) : null;
      return pooled(band, bandsY[scale]!, parent);
    }
    const map = structureMap(band, bandsY[scale]!, true).data;
    return map.reduce((sum, value) => sum + value, 0) / map.length;
  });
}

/** IW-SSIM of two images over one backdrop (0 to 1), null where it is undefined. */
export function straightOver(reference: Pixels, candidate: Pixels, backdrop: number): number | null {
  const scales = scaleCount(reference.width, reference.height);
  if (scales === 0) return null;
  const betas = normalised(BETAS.slice(0, scales));
  const scores = bandScores(luma(reference, backdrop), luma(candidate, backdrop));
  return scores.reduce((product, q, scale) => product * Math.max(0, q) ** betas[scale]!, 1);
}

/** IW-SSIM of two images: with alpha in the reference the lower of two backdrops. */
export function straightIwssim(reference: Pixels, candidate: Pixels): number | null {
  const over = (backdrop: number) => straightOver(reference, candidate, backdrop);
  if (reference.channels === 3) return over(0.5);
  const [dark, light] = [over(0.1), over(0.9)];
  return dark === null || light === null ? null : Math.min(dark, light);
}
