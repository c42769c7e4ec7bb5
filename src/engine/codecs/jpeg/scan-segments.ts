/** The segments of one scan: its tables, its header (ITU-T T.81 B.2.3) and its data, with the best tables for it. */
import type { Coefficients } from './coefficients.ts';
import { type HuffmanCode, huffmanCode } from './huffman-code.ts';
import { type Component, forEachUnit } from './layout.ts';
import { codeStep, type Step } from './progressive.ts';
import { DHT, SOS, writeSegment } from './segments.ts';
import {
  AC,
  createCounter,
  createSymbolWriter,
  DC,
  LONGEST_AC,
  LONGEST_DC,
  putValue,
  type SymbolSink,
  ZEROS,
} from './symbols.ts';

/** No more values in a block. */
const END_OF_BLOCK = 0;

/** A sequential scan. @param slots of each component's tables, 0 or 1. */
export function sequentialScan(layout: Coefficients, scan: Component[], slots: number[]): Uint8Array[] {
  return scanSegments({ scan, slots, first: 0, last: 63, approximation: 0 }, (sink) =>
    codeUnits(layout, scan, slots, sink, true),
  );
}

/** A progressive scan of DC values alone. @param slots of each component's table, 0 to 3. */
export function dcScan(layout: Coefficients, scan: Component[], slots: number[]): Uint8Array[] {
  return scanSegments({ scan, slots, first: 0, last: 0, approximation: 0 }, (sink) =>
    codeUnits(layout, scan, slots, sink, false),
  );
}

/** A progressive scan of AC values. */
export function acScan(component: Component, step: Step): Uint8Array[] {
  const { first, last, shift, isRefinement } = step;
  const approximation = isRefinement ? ((shift + 1) << 4) | shift : shift;
  return scanSegments({ scan: [component], slots: [0], first, last, approximation }, (sink) =>
    codeStep(component, step, sink),
  );
}

interface ScanHeader {
  scan: Component[];
  slots: number[];
  first: number;
  last: number;
  approximation: number;
}

/** @param code is called twice: to count symbols, and to write them. */
function scanSegments(
  { scan, slots, first, last, approximation }: ScanHeader,
  code: (sink: SymbolSink) => void,
): Uint8Array[] {
  const counter = createCounter();
  code(counter);
  const codes = counter.occurrences.map(huffmanCode);
  const used = codes.map((code, table) => ({ code, table })).filter(({ code }) => code.symbols.length > 0);
  const writer = createSymbolWriter(codes);
  code(writer);
  const specs = scan.flatMap(({ id }, index) => [id, slots[index]! * 0x11]);
  return [
    ...used.map(({ code, table }) => huffmanSegment(code, table)),
    writeSegment(SOS, Uint8Array.of(scan.length, ...specs, first, last, approximation)),
    writer.finish(),
  ];
}

/** B.2.4.2. */
function huffmanSegment({ counts, symbols }: HuffmanCode, table: number): Uint8Array {
  const [kind, slot] = table < AC ? [0, table] : [1, table - AC];
  return writeSegment(DHT, Uint8Array.of((kind << 4) | slot, ...counts, ...symbols));
}

function codeUnits(
  layout: Coefficients,
  scan: Component[],
  slots: number[],
  sink: SymbolSink,
  codesAc: boolean,
): void {
  const previous = scan.map(() => 0);
  forEachUnit(layout, scan, (visit) => {
    visit((index, at) => {
      const { blocks } = scan[index]!;
      const slot = slots[index]!;
      const difference = blocks[at]! - previous[index]!;
      previous[index] = blocks[at]!;
      putValue(sink, DC + slot, 0, difference, LONGEST_DC);
      if (codesAc) codeAc(blocks, at, AC + slot, sink);
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
