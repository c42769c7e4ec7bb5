/**
 * From the sums of products of neighbourhood vectors to what weighs them: eigenvalues, and the matrix that
 * turns a vector into one whose squared length is its signal (IW-SSIM, Wang and Li 2011).
 */

/** Entries of the longest vector: rows of the matrices that the wasm reads. */
export const ENTRIES = 10;

/** Variance of the visual noise, sigma_n^2. */
const NOISE = 0.4;
/** Below this trace a band is blank: all its positions weigh the same. */
const BLANK = 1e-8;
/** Directions with less than this share of the largest eigenvalue are rounding. */
const NEGLIGIBLE = 1e-12;
const MAX_SWEEPS = 50;

export interface Whitening {
  /** Not negative, in no order, as many as a vector has entries. */
  eigenvalues: number[];
  /** Upper triangle M such that |M u|^2 = u' C^-1 u / N / sigma_n^4; directions without signal are left out. */
  matrix: number[][];
}

/**
 * @param sums upper triangle of the summed products, rows of `ENTRIES`.
 * @param entries length N of a vector.
 * @param positions number of vectors summed.
 * @returns null where the band is blank.
 */
export function whiten(sums: Float64Array, entries: number, positions: number): Whitening | null {
  const covariance = Array.from({ length: entries }, (_, i) =>
    Array.from({ length: entries }, (_, j) => sums[Math.min(i, j) * ENTRIES + Math.max(i, j)]! / positions),
  );
  const trace = covariance.reduce((sum, row, i) => sum + row[i]!, 0);
  if (trace < BLANK) return null;
  const axes = diagonalize(covariance);
  const largest = Math.max(...axes.map(({ value }) => value));
  const signals = axes.map((axis) => (axis.value < NEGLIGIBLE * largest ? { ...axis, value: 0 } : axis));
  const repair = trace / signals.reduce((sum, { value }) => sum + value, 0);
  const rows = signals
    .filter(({ value }) => value > 0)
    .map(({ value, vector }) => vector.map((part) => part / Math.sqrt(value * entries) / NOISE));
  return { eigenvalues: signals.map(({ value }) => value * repair), matrix: triangle(rows, entries) };
}

/** One principal axis: its eigenvalue and unit vector. */
interface Axis {
  value: number;
  vector: number[];
}

/** Principal axes of a symmetric matrix, by Jacobi's rotations; the matrix is used up. */
function diagonalize(matrix: number[][]): Axis[] {
  const size = matrix.length;
  const vectors = matrix.map((_, i) => matrix.map((_, j) => Number(i === j)));
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let turns = 0;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) turns += Number(annihilate(matrix, vectors, p, q));
    }
    if (turns === 0) break;
  }
  return vectors.map((vector, i) => ({ value: matrix[i]![i]!, vector }));
}

/** Turns axes p and q so that their entry becomes zero; false where it is as good as zero. */
function annihilate(matrix: number[][], vectors: number[][], p: number, q: number): boolean {
  const off = matrix[p]![q]!;
  if (off * off <= Number.EPSILON ** 2 * Math.abs(matrix[p]![p]! * matrix[q]![q]!)) return false;
  const slope = (matrix[q]![q]! - matrix[p]![p]!) / (2 * off);
  const tangent = (slope < 0 ? -1 : 1) / (Math.abs(slope) + Math.hypot(1, slope));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = tangent * cosine;
  turn(matrix[p]!, matrix[q]!, cosine, sine);
  turn(vectors[p]!, vectors[q]!, cosine, sine);
  for (const row of matrix) {
    const [left, right] = [row[p]!, row[q]!];
    row[p] = cosine * left - sine * right;
    row[q] = sine * left + cosine * right;
  }
  return true;
}

function turn(a: number[], b: number[], cosine: number, sine: number): void {
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i]!, b[i]!];
    a[i] = cosine * left - sine * right;
    b[i] = sine * left + cosine * right;
  }
}

/** The upper triangle R with |R u| = |rows u| for all u, by modified Gram-Schmidt over the columns. */
function triangle(rows: number[][], size: number): number[][] {
  const columns = Array.from({ length: size }, (_, j) => rows.map((row) => row[j]!));
  return columns.map((column, i) => {
    const result = new Array<number>(size).fill(0);
    const length = Math.hypot(...column);
    if (length === 0) return result;
    result[i] = length;
    const unit = column.map((part) => part / length);
    for (let j = i + 1; j < size; j++) {
      const along = columns[j]!.reduce((sum, part, k) => sum + part * unit[k]!, 0);
      result[j] = along;
      columns[j] = columns[j]!.map((part, k) => part - along * unit[k]!);
    }
    return result;
  });
}
