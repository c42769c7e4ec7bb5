/** One instance of the metrics' wasm that goes through two images at once and says where their colours differ. */
import type { Flat } from './dots.ts';
import { createStock, instantiate } from './instances.ts';

/** What a strip of rows has. */
export interface Strip {
  /** Sums along columns, three a pixel. */
  before: Uint16Array;
  after: Uint16Array;
  /** Pairs of numbers: the last row of windows, and the first of eight samples at which windows begin that may have changed. */
  changed: Int32Array;
}

export interface TintEye {
  /**
   * Opens for two images of one width.
   * @param rows of a strip, at most
   */
  open(width: number, rows: number): void;
  /** The rows from `y` on of both; holds until the next call. */
  look(reference: Flat, candidate: Flat, y: number, rows: number): Strip;
  sizeBytes(): number;
}

interface Exports {
  memory: { readonly buffer: ArrayBuffer };
  openTint(width: number, rows: number): number;
  tintStripAt(): number;
  tintStride(): number;
  tintTotalsAt(): number;
  tintFoundAt(): number;
  pushTint(rows: number): number;
}

export const tintEyes = createStock(createTintEye);

function createTintEye(): TintEye {
  const wasm = instantiate<Exports>(() => {});
  let rowsMost = 0;
  return {
    open(width, rows) {
      rowsMost = rows;
      if (!wasm.openTint(width, rows)) throw new Error('There is not enough memory to compare colours.');
    },
    look(reference, candidate, y, rows) {
      const { buffer } = wasm.memory;
      const stride = wasm.tintStride();
      const [strip, totals] = [wasm.tintStripAt() >>> 0, wasm.tintTotalsAt() >>> 0];
      const samples = 3 * reference.width;
      const bytes = new Uint8Array(buffer, strip, 2 * rowsMost * stride);
      for (let row = 0; row < rows; row++) {
        const from = (y + row) * samples;
        bytes.set(reference.data.subarray(from, from + samples), row * stride);
        bytes.set(candidate.data.subarray(from, from + samples), (rowsMost + row) * stride);
      }
      const places = wasm.pushTint(rows);
      return {
        before: new Uint16Array(buffer, totals, samples),
        after: new Uint16Array(buffer, totals + 2 * stride, samples),
        changed: new Int32Array(buffer, wasm.tintFoundAt() >>> 0, 2 * places),
      };
    },
    sizeBytes: () => wasm.memory.buffer.byteLength,
  };
}
