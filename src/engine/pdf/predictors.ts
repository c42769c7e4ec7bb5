/**
 * Undoes predictors, PNG's and TIFF's, which leave of samples what differs from those beside and above, so that Flate finds more
 * alike (ISO 32000-1, 7.4.4.4; PNG specification, 9.2).
 */
import { type Dictionary, numberOf } from './objects.ts';

/** Rows of samples side by side, each row from a byte of its own. */
export interface Rows {
  components: number;
  bits: number;
  columns: number;
}

/** As many colorants as a colour space may have. */
const MOST_COMPONENTS = 32;
const MOST_COLUMNS = 2 ** 31 - 1;

/** Whether rows are such as a PDF may have. */
export function isSound({ components, bits, columns }: Rows): boolean {
  const isCount = (count: number, most: number) => Number.isInteger(count) && count >= 1 && count <= most;
  return (
    isCount(components, MOST_COMPONENTS) && isCount(columns, MOST_COLUMNS) && [1, 2, 4, 8, 16].includes(bits)
  );
}

/** What the parameters of a filter say of its rows; null where that is not to be understood. */
function rowsFrom(parameters: Dictionary): Rows | null {
  const read = (key: string, usual: number) => (parameters.has(key) ? numberOf(parameters.get(key)) : usual);
  const [components, bits, columns] = [read('Colors', 1), read('BitsPerComponent', 8), read('Columns', 1)];
  if (components === null || bits === null || columns === null) return null;
  const rows = { components, bits, columns };
  return isSound(rows) ? rows : null;
}

/** Bytes of a row, and of the samples that a pixel is predicted from. */
export function bytesOf({ components, bits, columns }: Rows): { rowBytes: number; pixelBytes: number } {
  return {
    rowBytes: Math.ceil((components * bits * columns) / 8),
    pixelBytes: Math.max(1, (components * bits) >> 3),
  };
}

/** Null for data that are damaged or stored in another way than is known. */
export function unpredict(data: Uint8Array, parameters: Dictionary): Uint8Array | null {
  const predictor = parameters.has('Predictor') ? numberOf(parameters.get('Predictor')) : 1;
  if (predictor === 1) return data;
  const rows = rowsFrom(parameters);
  if (predictor === null || !rows) return null;
  const { rowBytes, pixelBytes } = bytesOf(rows);
  if (predictor === 2) return undoDifferences(data, rows, rowBytes);
  return predictor < 10 ? null : unpredictRows(data, rowBytes, pixelBytes);
}

/** TIFF's predictor: every sample less the one to its left. Of other than 8 bits it is hardly ever seen, and read unlike by readers. */
function undoDifferences(data: Uint8Array, { components, bits }: Rows, rowBytes: number): Uint8Array | null {
  if (bits !== 8 || data.length % rowBytes !== 0) return null;
  const out = Uint8Array.from(data);
  for (let row = 0; row < out.length; row += rowBytes)
    for (let at = row + components; at < row + rowBytes; at++) out[at] = out[at]! + out[at - components]!;
  return out;
}

function unpredictRows(data: Uint8Array, rowBytes: number, pixelBytes: number): Uint8Array | null {
  if (data.length % (rowBytes + 1) !== 0) return null;
  const rows = data.length / (rowBytes + 1);
  const out = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    const from = row * (rowBytes + 1);
    if (!unpredictRow(data.subarray(from, from + rowBytes + 1), out, row * rowBytes, pixelBytes)) return null;
  }
  return out;
}

function unpredictRow(coded: Uint8Array, out: Uint8Array, start: number, pixelBytes: number): boolean {
  const rowBytes = coded.length - 1;
  const kind = coded[0]!;
  if (kind > 4) return false;
  for (let at = 0; at < rowBytes; at++) {
    const left = at >= pixelBytes ? out[start + at - pixelBytes]! : 0;
    const up = start > 0 ? out[start + at - rowBytes]! : 0;
    const corner = start > 0 && at >= pixelBytes ? out[start + at - rowBytes - pixelBytes]! : 0;
    out[start + at] = coded[at + 1]! + predicted(kind, left, up, corner);
  }
  return true;
}

/** What is expected of a byte, by the row's filter type. */
function predicted(kind: number, left: number, up: number, corner: number): number {
  if (kind === 0) return 0;
  if (kind === 1) return left;
  if (kind === 2) return up;
  if (kind === 3) return (left + up) >> 1;
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [
    Math.abs(estimate - left),
    Math.abs(estimate - up),
    Math.abs(estimate - corner),
  ];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
