/**
 * Writes DCT coefficients as a JPEG with sequential Huffman coding (ITU-T T.81 annex F), with the best tables for
 * them. What a progressive coding would save more is `transcode.ts`'.
 */
import { unsupported } from '../bytes.ts';
import { createBitWriter } from './bit-writer.ts';
import type { Coefficients } from './coefficients.ts';
import { type HuffmanCode, huffmanCode } from './huffman-code.ts';
import { type Component, forEachUnit } from './layout.ts';
import { DHT, DQT, EOI, SOS, writeSegment } from './segments.ts';

const SOF0 = 0xc0;
const SOF1 = 0xc1;
/** The most blocks that a unit of several components may have (B.2.3). */
const MOST_BLOCKS = 10;
/** The longest values that 8-bit samples give (F.1.2.1, F.1.2.2). */
const LONGEST_DC = 11;
const LONGEST_AC = 10;
/** A run of sixteen zeros, and no more values in a block. */
const ZEROS = 0xf0;
const END_OF_BLOCK = 0;

/**
 * @param prelude segments to put first, such as those that say how components become colours.
 * @throws Decline('unsupported') when coefficients are out of the range of 8-bit samples.
 */
export function writeCoefficients(coefficients: Coefficients, prelude: Uint8Array[] = []): Uint8Array {
  const { components } = coefficients;
  const blocks = components.reduce((sum, { across, down }) => sum + across * down, 0);
  const scans = blocks <= MOST_BLOCKS ? [components] : components.map((component) => [component]);
  const tables = distinctTables(components);
  return Buffer.concat([
    Uint8Array.of(0xff, 0xd8),
    ...prelude,
    ...tables.map(quantizationSegment),
    frameSegment(coefficients, tables),
    ...scans.flatMap((scan) => scanSegments(coefficients, scan)),
    Uint8Array.of(0xff, EOI),
  ]);
}

function distinctTables(components: Component[]): Uint16Array[] {
  const tables: Uint16Array[] = [];
  for (const { quantization } of components)
    if (!tables.some((table) => sameTable(table, quantization))) tables.push(quantization);
  return tables;
}

function sameTable(a: Uint16Array, b: Uint16Array): boolean {
  return a.every((divisor, k) => divisor === b[k]);
}

function isWide(table: Uint16Array): boolean {
  return table.some((divisor) => divisor > 255);
}

/** B.2.4.1. */
function quantizationSegment(table: Uint16Array, slot: number): Uint8Array {
  const wide = isWide(table);
  const numbers = [...table].flatMap((divisor) => (wide ? [divisor >> 8, divisor & 0xff] : [divisor]));
  return writeSegment(DQT, Uint8Array.of((wide ? 0x10 : 0) | slot, ...numbers));
}

/** B.2.2; divisors of 16 bits are not baseline. */
function frameSegment({ width, height, components }: Coefficients, tables: Uint16Array[]): Uint8Array {
  const specs = components.flatMap(({ id, across, down, quantization }) => [
    id,
    (across << 4) | down,
    tables.findIndex((table) => sameTable(table, quantization)),
  ]);
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  const marker = tables.some(isWide) ? SOF1 : SOF0;
  return writeSegment(marker, Uint8Array.of(8, ...size, components.length, ...specs));
}

/** The tables of a scan, its header (B.2.3) and its data. Components that are quantized alike are coded alike. */
function scanSegments(coefficients: Coefficients, scan: Component[]): Uint8Array[] {
  const slots = scan.map(({ quantization }) => (sameTable(quantization, scan[0]!.quantization) ? 0 : 1));
  const counter = createCounter();
  codeScan(coefficients, scan, slots, counter);
  const codes = counter.occurrences.map(huffmanCode);
  const used = codes.map((code, table) => ({ code, table })).filter(({ code }) => code.symbols.length > 0);
  const writer = createSymbolWriter(codes);
  codeScan(coefficients, scan, slots, writer);
  const specs = scan.flatMap(({ id }, index) => [id, slots[index]! * 0x11]);
  return [
    ...used.map(({ code, table }) => huffmanSegment(code, table)),
    writeSegment(SOS, Uint8Array.of(scan.length, ...specs, 0, 63, 0)),
    writer.finish(),
  ];
}

/** B.2.4.2. @param table 0 and 1 for DC, 2 and 3 for AC. */
function huffmanSegment({ counts, symbols }: HuffmanCode, table: number): Uint8Array {
  return writeSegment(DHT, Uint8Array.of(((table >> 1) << 4) | (table & 1), ...counts, ...symbols));
}

/** Takes symbols, each with the bits of a value behind it. */
interface SymbolSink {
  /** @param table 0 and 1 for DC, 2 and 3 for AC. */
  put(table: number, symbol: number, bits: number, count: number): void;
}

function createCounter() {
  const occurrences = Array.from({ length: 4 }, () => new Uint32Array(256));
  return {
    occurrences,
    put(table: number, symbol: number) {
      occurrences[table]![symbol]!++;
    },
  };
}

function createSymbolWriter(tables: HuffmanCode[]) {
  const writer = createBitWriter();
  return {
    put(table: number, symbol: number, bits: number, count: number) {
      const { codes, lengths } = tables[table]!;
      writer.put(codes[symbol]!, lengths[symbol]!);
      writer.put(bits, count);
    },
    finish: writer.finish,
  };
}

function codeScan(layout: Coefficients, scan: Component[], slots: number[], sink: SymbolSink): void {
  const previous = scan.map(() => 0);
  forEachUnit(layout, scan, (visit) => {
    visit((index, at) => {
      const { blocks } = scan[index]!;
      const slot = slots[index]!;
      const difference = blocks[at]! - previous[index]!;
      previous[index] = blocks[at]!;
      putValue(sink, slot, 0, difference, LONGEST_DC);
      codeAc(blocks, at, slot + 2, sink);
    });
  });
}

/** F.1.2.2. */
function codeAc(blocks: Int16Array, at: number, table: number, sink: SymbolSink): void {
  let zeros = 0;
  for (let k = 1; k < 64; k++) {
    const value = blocks[at + k]!;
    if (value === 0) {
      zeros++;
      continue;
    }
    for (; zeros > 15; zeros -= 16) sink.put(table, ZEROS, 0, 0);
    putValue(sink, table, zeros, value, LONGEST_AC);
    zeros = 0;
  }
  if (zeros > 0) sink.put(table, END_OF_BLOCK, 0, 0);
}

/** A run of zeros and the length of a value in one symbol, then the value; negative ones less one (F.1.2.1). */
function putValue(sink: SymbolSink, table: number, zeros: number, value: number, longest: number): void {
  const count = 32 - Math.clz32(Math.abs(value));
  if (count > longest) throw unsupported('The JPEG has coefficients that 8-bit samples cannot have.');
  const bits = value < 0 ? value + (1 << count) - 1 : value;
  sink.put(table, (zeros << 4) | count, bits, count);
}
