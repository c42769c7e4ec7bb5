/**
 * One instance of the metrics' wasm that holds a reference for IW-SSIM: its luma, the bands of its pyramid and
 * what each of their neighbourhoods has to tell.
 */
import type { Pixels } from '../contract.ts';
import { widen } from '../depth.ts';
import type { Backdrop } from './inputs.ts';
import { createStock, instantiate } from './instances.ts';
import { ENTRIES, whiten } from './whitener.ts';

/** Levels of the pyramid at most: four bands and the low-pass. */
const LEVELS = 5;
/** Side of the window of the structure maps; a level needs one in both directions. */
export const WINDOW = 11;
/** Margin of a band that the structure maps do not cover, on each side. */
const MARGIN = (WINDOW - 1) / 2;
const STRIP_ROWS = 16;
/** Up to here the reference's means and variances are kept: 23 bytes a pixel instead of 12, a quarter faster. */
const KEEP_PIXELS = 16_000_000;

export interface LumaEye {
  /**
   * Takes a reference in, with 1 to 5 levels; it stays in memory until the next call.
   * @param keep whether its means and variances are kept; costs memory, saves time, changes no number.
   * @param stripRows rows handed over at a time, of this and of candidates; changes no number.
   */
  look(reference: Pixels, backdrop: Backdrop, levels: number, keep?: boolean, stripRows?: number): void;
  /** Pooled structure loss 1 - q of each band from fine to coarse, the low-pass last. */
  losses(candidate: Pixels, backdrop: Backdrop): number[];
  /** Bytes of the instance's memory. */
  sizeBytes(): number;
}

interface Exports {
  memory: { readonly buffer: ArrayBuffer };
  openIwssim(
    width: number,
    height: number,
    levels: number,
    stripRows: number,
    keep: number,
    isDeep: number,
  ): number;
  lumaStripAt(): number;
  productsAt(): number;
  whitenersAt(): number;
  eigenvaluesAt(): number;
  entryCountsAt(): number;
  lossSumsAt(): number;
  measuredRows(level: number, margin: number): number;
  startLuma(candidate: number): void;
  pushLumaRgb(rows: number): void;
  pushLumaRgba(rows: number, backdrop: number): void;
  correlateBand(level: number): void;
  finishBand(level: number): void;
  finishCandidate(): void;
}

interface Size {
  width: number;
  height: number;
}

export const lumaEyes = createStock(createLumaEye);

function createLumaEye(): LumaEye {
  const wasm = instantiate<Exports>(() => {});
  let sizes: Size[] = [];
  let stripRows: number;
  let isDeep: boolean;
  return {
    look(reference, backdrop, levels, keep = isKept(reference), newStripRows = STRIP_ROWS) {
      sizes = levelSizes(reference, levels);
      stripRows = newStripRows;
      isDeep = reference.deep !== undefined;
      open(wasm, reference, levels, keep, stripRows);
      wasm.startLuma(0);
      push(wasm, reference, backdrop, stripRows, isDeep);
      for (let level = 0; level < levels - 1; level++) weigh(wasm, level, sizes);
    },
    losses(candidate, backdrop) {
      wasm.startLuma(1);
      push(wasm, candidate, backdrop, stripRows, isDeep);
      wasm.finishCandidate();
      return sizes.map((size, level) => lossOf(wasm, level, size, level === sizes.length - 1));
    },
    sizeBytes: () => wasm.memory.buffer.byteLength,
  };
}

/** Sizes of the levels; each halves the one before, rounding up. */
function levelSizes({ width, height }: Size, levels: number): Size[] {
  return Array.from({ length: levels }, (_, level) => ({
    width: Math.ceil(width / 2 ** level),
    height: Math.ceil(height / 2 ** level),
  }));
}

function isKept({ width, height }: Size): boolean {
  return width * height <= KEEP_PIXELS;
}

function open(
  wasm: Exports,
  { width, height, deep }: Pixels,
  levels: number,
  keep: boolean,
  stripRows: number,
): void {
  if (wasm.openIwssim(width, height, levels, stripRows, Number(keep), Number(deep !== undefined))) return;
  throw new Error(`There is not enough memory to judge an image of ${width} x ${height} pixels.`);
}

/**
 * Runs all rows of an image through the wasm, a strip at a time.
 * @param isDeep whether in 16 bits, as the reference was; an image of 8 is brought there.
 */
function push(
  wasm: Exports,
  { data, deep, width, height, channels }: Pixels,
  backdrop: Backdrop,
  stripRows: number,
  isDeep: boolean,
): void {
  const rowSamples = width * channels;
  for (let y = 0; y < height; y += stripRows) {
    const rows = Math.min(stripRows, height - y);
    const [from, to] = [y * rowSamples, (y + rows) * rowSamples];
    const strip = new (isDeep ? Uint16Array : Uint8Array)(
      wasm.memory.buffer,
      wasm.lumaStripAt() >>> 0,
      rows * rowSamples,
    );
    if (isDeep) strip.set(deep?.subarray(from, to) ?? widen(data.subarray(from, to)));
    else strip.set(data.subarray(from, to));
    if (channels === 4) wasm.pushLumaRgba(rows, backdrop);
    else wasm.pushLumaRgb(rows);
  }
}

/** Finishes a band of the reference: how its neighbourhoods weigh. */
function weigh(wasm: Exports, level: number, sizes: Size[]): void {
  const { width } = sizes[level]!;
  const entries = level < sizes.length - 2 ? ENTRIES : ENTRIES - 1;
  wasm.correlateBand(level);
  const matrix = ENTRIES * ENTRIES;
  const sums = doublesAt(wasm, wasm.productsAt(), level, matrix);
  const whitening = whiten(sums, entries, (width - 2) * wasm.measuredRows(level, 1));
  new Int32Array(wasm.memory.buffer, wasm.entryCountsAt() >>> 0, LEVELS)[level] = whitening ? entries : 0;
  if (whitening) {
    doublesAt(wasm, wasm.eigenvaluesAt(), level, ENTRIES).set(whitening.eigenvalues);
    const whitener = new Float32Array(
      wasm.memory.buffer,
      (wasm.whitenersAt() >>> 0) + 4 * level * matrix,
      matrix,
    );
    for (const [row, factors] of whitening.matrix.entries()) whitener.set(factors, row * ENTRIES);
  }
  wasm.finishBand(level);
}

/** The doubles of one level in a table at `at`, `count` per level. A pointer above 2 GiB arrives negative. */
function doublesAt(wasm: Exports, at: number, level: number, count: number): Float64Array {
  return new Float64Array(wasm.memory.buffer, (at >>> 0) + level * count * 8, count);
}

/** Mean of the losses of a level: weighted by information where there is any, plain in the low-pass. */
function lossOf(wasm: Exports, level: number, { width }: Size, lowPass: boolean): number {
  const [weights, weighted, plain] = doublesAt(wasm, wasm.lossSumsAt(), level, 3);
  if (!lowPass && weights! > 0) return weighted! / weights!;
  return plain! / ((width - 2 * MARGIN) * wasm.measuredRows(level, MARGIN));
}
