/**
 * Writes DCT coefficients as a JPEG with Huffman coding: sequential (ITU-T T.81 annex F), or progressive (annex G) in
 * the steps that `scan-script.ts` finds to take the fewest bytes.
 */
import type { EffortLevel } from '../../contract.ts';
import type { Coefficients } from './coefficients.ts';
import type { Component } from './layout.ts';
import type { Step } from './progressive.ts';
import { MOST_SHIFT, scriptFor } from './scan-script.ts';
import { acScan, dcScan, sequentialScan } from './scan-segments.ts';
import { DQT, EOI, writeSegment } from './segments.ts';

const SOF0 = 0xc0;
const SOF1 = 0xc1;
const SOF2 = 0xc2;
/** The most blocks that a unit of several components may have (B.2.3). */
const MOST_BLOCKS = 10;
/** Decoders that guard against bombs, libvips among them, stop at a hundred scans. */
const MOST_STEPS = 80;

/**
 * @param prelude segments to put first, such as those that say how components become colours.
 * @throws Decline('unsupported') when coefficients are out of the range of 8-bit samples.
 */
export function writeCoefficients(coefficients: Coefficients, prelude: Uint8Array[] = []): Uint8Array {
  const [first] = coefficients.components;
  const scans = scansOf(coefficients).flatMap((scan) =>
    sequentialScan(coefficients, scan, slotsOf(scan, first!)),
  );
  return assemble(coefficients, prelude, false, scans);
}

/** As `writeCoefficients`; most images take fewer bytes this way. */
export function writeProgressive(
  coefficients: Coefficients,
  prelude: Uint8Array[],
  effort: EffortLevel,
): Uint8Array {
  const steps = coefficients.components
    .flatMap((component) => scriptFor(component, effort).map((step) => ({ component, step })))
    // What shows the most comes first, whatever component it is of.
    .sort((a, b) => rank(a.step) - rank(b.step));
  if (steps.length > MOST_STEPS && effort === 'thorough')
    return writeProgressive(coefficients, prelude, 'usual');
  return assemble(coefficients, prelude, true, [
    ...scansOf(coefficients).flatMap((scan) => shortestDcScan(coefficients, scan)),
    ...steps.flatMap(({ component, step }) => acScan(component, step)),
  ]);
}

function rank({ isRefinement, shift }: Step): number {
  return isRefinement ? MOST_SHIFT - shift : 0;
}

/** All components in one scan, or each in its own where a unit would have too many blocks. */
function scansOf({ components }: Coefficients): Component[][] {
  const blocks = components.reduce((sum, { across, down }) => sum + across * down, 0);
  return blocks <= MOST_BLOCKS ? [components] : components.map((component) => [component]);
}

/** Components that are quantized alike are coded alike. */
function slotsOf(scan: Component[], { quantization }: Component): number[] {
  return scan.map((component) => (sameTable(component.quantization, quantization) ? 0 : 1));
}

/** With tables by the looks of the quantization, or, since progressive JPEGs may have four, one for each component. */
function shortestDcScan(coefficients: Coefficients, scan: Component[]): Uint8Array[] {
  const alike = dcScan(coefficients, scan, slotsOf(scan, coefficients.components[0]!));
  const apart = dcScan(coefficients, scan, [...scan.keys()]);
  return lengthOf(apart) < lengthOf(alike) ? apart : alike;
}

function lengthOf(segments: Uint8Array[]): number {
  return segments.reduce((sum, { length }) => sum + length, 0);
}

function assemble(
  coefficients: Coefficients,
  prelude: Uint8Array[],
  isProgressive: boolean,
  scans: Uint8Array[],
): Uint8Array {
  const tables = distinctTables(coefficients.components);
  return Buffer.concat([
    Uint8Array.of(0xff, 0xd8),
    ...prelude,
    ...tables.map(quantizationSegment),
    frameSegment(coefficients, tables, isProgressive),
    ...scans,
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
function frameSegment(
  { width, height, components }: Coefficients,
  tables: Uint16Array[],
  isProgressive: boolean,
): Uint8Array {
  const specs = components.flatMap(({ id, across, down, quantization }) => [
    id,
    (across << 4) | down,
    tables.findIndex((table) => sameTable(table, quantization)),
  ]);
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  const marker = isProgressive ? SOF2 : tables.some(isWide) ? SOF1 : SOF0;
  return writeSegment(marker, Uint8Array.of(8, ...size, components.length, ...specs));
}
