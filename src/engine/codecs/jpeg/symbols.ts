/** The symbols that JPEG codes a block's values as (ITU-T T.81 F.1.2), and who takes them: to count them or to write them. */
import { unsupported } from '../bytes.ts';
import { createBitWriter } from './bit-writer.ts';
import type { HuffmanCode } from './huffman-code.ts';

/** Takes symbols, each with the bits of a value behind it. */
export interface SymbolSink {
  /** @param table from `DC` or `AC` on, by slot. */
  put(table: number, symbol: number, bits: number, count: number): void;
  /** Bits that no symbol announces. */
  putBits(bits: number, count: number): void;
}

/** The four slots for tables of DC values, then those for AC values. */
export const DC = 0;
export const AC = 4;
const TABLES = 8;
/** The longest values that 8-bit samples give (F.1.2.1, F.1.2.2). */
export const LONGEST_DC = 11;
export const LONGEST_AC = 10;
/** A run of sixteen zeros. */
export const ZEROS = 0xf0;

export function createCounter() {
  const occurrences = Array.from({ length: TABLES }, () => new Uint32Array(256));
  let bitCount = 0;
  return {
    occurrences,
    put(table: number, symbol: number, _bits: number, count: number) {
      occurrences[table]![symbol]!++;
      bitCount += count;
    },
    putBits(_bits: number, count: number) {
      bitCount += count;
    },
    /** Of all bits but the symbols' codes. */
    bitCount: () => bitCount,
  };
}

/** @param codes by table. */
export function createSymbolWriter(codes: HuffmanCode[]) {
  const writer = createBitWriter();
  return {
    put(table: number, symbol: number, bits: number, count: number) {
      const code = codes[table]!;
      writer.put(code.codes[symbol]!, code.lengths[symbol]!);
      writer.put(bits, count);
    },
    putBits: writer.put,
    finish: writer.finish,
  };
}

/**
 * A run of zeros and the length of a value in one symbol, then the value; negative ones less one.
 * @throws Decline('unsupported') for a value that is longer than `longest`.
 */
export function putValue(
  sink: SymbolSink,
  table: number,
  zeros: number,
  value: number,
  longest: number,
): void {
  const count = 32 - Math.clz32(Math.abs(value));
  if (count > longest) throw unsupported('The JPEG has coefficients that 8-bit samples cannot have.');
  const bits = value < 0 ? value + (1 << count) - 1 : value;
  sink.put(table, (zeros << 4) | count, bits, count);
}
