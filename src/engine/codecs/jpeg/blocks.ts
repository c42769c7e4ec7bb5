/** How the 64 coefficients of a block are coded: at once (ITU-T T.81 F.2) or in progressive steps (G.1.2). */
import { corrupt } from '../bytes.ts';
import type { BitReader, HuffmanTable } from './entropy.ts';

export interface BlockCoding {
  dc: HuffmanTable | undefined;
  ac: HuffmanTable | undefined;
  /** The coefficients coded, in zigzag order. */
  first: number;
  last: number;
  progressive: boolean;
  /** Progressive: whether one more bit of known coefficients is coded, and which bit that is. */
  isRefinement: boolean;
  shift: number;
}

export interface BlockReader {
  /** Reads the next block into `blocks` from `at` on. */
  block(blocks: Int16Array, at: number): void;
  /** Forgets what earlier blocks said, as after a restart marker. */
  reset(): void;
}

export function blockReader(bits: BitReader, coding: BlockCoding): BlockReader {
  if (!coding.progressive) return sequential(bits, coding);
  if (coding.first > 0) return coding.isRefinement ? refiningAc(bits, coding) : firstAc(bits, coding);
  return coding.isRefinement ? refiningDc(bits, coding) : firstDc(bits, coding);
}

function needed(table: HuffmanTable | undefined): HuffmanTable {
  if (!table) throw corrupt('A JPEG scan needs a Huffman table that is not there.');
  return table;
}

function sequential(bits: BitReader, { dc, ac, shift }: BlockCoding): BlockReader {
  const direct = firstDc(bits, { dc, shift });
  const table = needed(ac);
  return {
    reset: direct.reset,
    block(blocks, at) {
      direct.block(blocks, at);
      for (let k = 1; k < 64; k++) {
        const symbol = bits.symbol(table);
        const size = symbol & 15;
        if (size === 0 && symbol !== 0xf0) return;
        k += symbol >> 4;
        if (size > 0 && k < 64) blocks[at + k] = bits.signed(size);
      }
    },
  };
}

function firstDc(bits: BitReader, { dc, shift }: Pick<BlockCoding, 'dc' | 'shift'>): BlockReader {
  const table = needed(dc);
  let previous = 0;
  return {
    block(blocks, at) {
      previous += bits.signed(bits.symbol(table));
      blocks[at] = previous << shift;
    },
    reset() {
      previous = 0;
    },
  };
}

function refiningDc(bits: BitReader, { shift }: BlockCoding): BlockReader {
  return {
    block(blocks, at) {
      if (bits.bits(1) === 1) blocks[at]! |= 1 << shift;
    },
    reset: () => undefined,
  };
}

function firstAc(bits: BitReader, { ac, first, last, shift }: BlockCoding): BlockReader {
  const table = needed(ac);
  let emptyBlocks = 0;
  return {
    block(blocks, at) {
      if (emptyBlocks > 0) {
        emptyBlocks--;
        return;
      }
      for (let k = first; k <= last; k++) {
        const symbol = bits.symbol(table);
        const [run, size] = [symbol >> 4, symbol & 15];
        if (size === 0 && run < 15) {
          emptyBlocks = (1 << run) - 1 + bits.bits(run);
          return;
        }
        k += run;
        if (size > 0 && k < 64) blocks[at + k] = bits.signed(size) << shift;
      }
    },
    reset() {
      emptyBlocks = 0;
    },
  };
}

/** Between new coefficients stand correction bits for the known ones that are passed over (G.1.2.3). */
function refiningAc(bits: BitReader, { ac, first, last, shift }: BlockCoding): BlockReader {
  const table = needed(ac);
  const step = 1 << shift;
  let emptyBlocks = 0;
  const correct = (blocks: Int16Array, index: number) => {
    const value = blocks[index]!;
    if (bits.bits(1) === 1 && (value & step) === 0) blocks[index] = value + (value > 0 ? step : -step);
  };
  /** Passes `zeros` zeros and every known coefficient on the way; gives the place behind them. */
  const pass = (blocks: Int16Array, at: number, start: number, zeros: number) => {
    let left = zeros;
    for (let k = start; k <= last; k++) {
      if (blocks[at + k] !== 0) correct(blocks, at + k);
      else if (left-- === 0) return k;
    }
    return last + 1;
  };
  return {
    block(blocks, at) {
      let k = first;
      while (emptyBlocks === 0 && k <= last) {
        const symbol = bits.symbol(table);
        const [run, size] = [symbol >> 4, symbol & 15];
        if (size === 0 && run < 15) {
          emptyBlocks = (1 << run) + bits.bits(run);
          break;
        }
        const value = size > 0 ? (bits.bits(1) === 1 ? step : -step) : 0;
        k = pass(blocks, at, k, run);
        if (value !== 0 && k <= last) blocks[at + k] = value;
        k++;
      }
      if (emptyBlocks === 0) return;
      pass(blocks, at, k, 64);
      emptyBlocks--;
    },
    reset() {
      emptyBlocks = 0;
    },
  };
}
