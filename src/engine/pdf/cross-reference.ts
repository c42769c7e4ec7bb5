/**
 * Where a PDF's objects lie: its cross-reference tables and streams, the newest first, with those of earlier revisions
 * behind them and those for older readers beside them (ISO 32000-1, 7.5.4, 7.5.8).
 */
import { corrupt, latin1 } from '../codecs/bytes.ts';
import { Decline } from '../contract.ts';
import { decodeFully, filtersOf, type ReadBudget } from './filters.ts';
import {
  type Dictionary,
  isDictionary,
  isStream,
  NULL,
  nameOf,
  numberOf,
  type Stream,
  type Value,
} from './objects.ts';
import { createParser, parseIndirect } from './parse.ts';

/** An object at an offset, or in an object stream; null for one that was deleted. */
export type Place = { offset: number; generation: number } | { container: number } | null;

export interface CrossReference {
  places: Map<number, Place>;
  trailer: Dictionary;
}

export const MAX_OBJECTS = 1_000_000;
const MAX_SECTIONS = 1000;

interface Section {
  places: [number: number, place: Place][];
  trailer: Dictionary;
}

/** @throws Decline `corrupt` when a section is damaged or leads back to itself, `too-large` when there are too many objects. */
export function readCrossReference(bytes: Uint8Array, budget: ReadBudget): CrossReference {
  const places = new Map<number, Place>();
  const seen = new Set<number>();
  let trailer: Dictionary | null = null;
  for (let offset: number | null = startOf(bytes); offset !== null; ) {
    if (seen.has(offset) || seen.size >= MAX_SECTIONS)
      throw corrupt('The cross-reference tables of the PDF lead in a circle.');
    seen.add(offset);
    const section = readWhole(bytes, offset, budget);
    trailer ??= section.trailer;
    for (const [number, place] of section.places) if (!places.has(number)) places.set(number, place);
    if (places.size > MAX_OBJECTS)
      throw new Decline('too-large', `The PDF has more than ${MAX_OBJECTS} objects.`);
    offset = numberOf(section.trailer.get('Prev'));
  }
  return { places, trailer: trailer! };
}

function startOf(bytes: Uint8Array): number {
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = tail.lastIndexOf('startxref');
  const found = at === -1 ? null : /^startxref[\0\t\n\f\r ]+(\d{1,15})/.exec(latin1(bytes, at, 64));
  if (!found) throw corrupt('The PDF does not say where its cross-reference table is: it ends early.');
  return Number(found[1]);
}

/** A section, and the stream beside a table: what that finds is free to readers that know no such streams (7.5.8.4). */
function readWhole(bytes: Uint8Array, offset: number, budget: ReadBudget): Section {
  const { places, trailer } = readSection(bytes, offset, budget);
  const beside = numberOf(trailer.get('XRefStm'));
  if (beside === null) return { places, trailer };
  const shown = places.filter(([, place]) => place !== null);
  const hidden = readSection(bytes, beside, budget).places;
  return { places: [...shown, ...hidden, ...places], trailer };
}

function readSection(bytes: Uint8Array, offset: number, budget: ReadBudget): Section {
  if (offset >= bytes.length) throw corrupt('A cross-reference table of the PDF is beyond its end.');
  const start = /^[\0\t\n\f\r ]*xref(?=[\0\t\n\f\r ])/.exec(latin1(bytes, offset, 32));
  return start ? readTable(bytes, offset + start[0].length, budget) : readStream(bytes, offset, budget);
}

const ENTRY_BYTES = 20;

function readTable(bytes: Uint8Array, start: number, budget: ReadBudget): Section {
  const places: Section['places'] = [];
  let at = start;
  for (;;) {
    const head = /^[\0\t\n\f\r ]*(?:(trailer)|(\d{1,10})[ \t]+(\d{1,10})[ \t]*\r?\n?)/.exec(
      latin1(bytes, at, 64),
    );
    if (!head) throw corrupt('The cross-reference table of the PDF is damaged.');
    at += head[0].length;
    if (head[1]) break;
    const [first, count] = [Number(head[2]), Number(head[3])];
    if (count > MAX_OBJECTS || at + count * ENTRY_BYTES > bytes.length)
      throw corrupt('The cross-reference table of the PDF is longer than the file.');
    for (let index = 0; index < count; index++, at += ENTRY_BYTES)
      places.push([first + index, placeFrom(latin1(bytes, at, ENTRY_BYTES))]);
  }
  const trailer = createParser(bytes, at, budget).value();
  if (!isDictionary(trailer)) throw corrupt('The PDF has no trailer where one must be.');
  return { places, trailer };
}

function placeFrom(entry: string): Place {
  const found = /^(\d{10}) (\d{5}) ([nf])[ \r\n]{2}$/.exec(entry);
  if (!found) throw corrupt('An entry of the cross-reference table of the PDF is damaged.');
  return found[3] === 'n' && Number(found[1]) > 0
    ? { offset: Number(found[1]), generation: Number(found[2]) }
    : null;
}

function readStream(bytes: Uint8Array, offset: number, budget: ReadBudget): Section {
  const { object } = parseIndirect(bytes, offset, numberOf, budget);
  if (!isStream(object) || nameOf(object.dictionary.get('Type')) !== 'XRef')
    throw corrupt('The PDF has no cross-reference table where it says.');
  const { dictionary } = object;
  const data = plainBytes(object, budget);
  const widths = numbersIn(dictionary.get('W'));
  const size = numberOf(dictionary.get('Size')) ?? 0;
  const ranges = dictionary.has('Index') ? numbersIn(dictionary.get('Index')) : [0, size];
  const entryBytes = widths.reduce((sum, width) => sum + width, 0);
  if (widths.length < 3 || widths.some((width) => width > 6) || entryBytes < 1 || ranges.length % 2 !== 0)
    throw corrupt('The cross-reference stream of the PDF is damaged.');
  const places: Section['places'] = [];
  let at = 0;
  for (let range = 0; range < ranges.length; range += 2) {
    const count = ranges[range + 1]!;
    if (at + count * entryBytes > data.length)
      throw corrupt('The cross-reference stream of the PDF ends early.');
    for (let index = 0; index < count; index++, at += entryBytes)
      places.push([ranges[range]! + index, placeIn(data.subarray(at, at + entryBytes), widths)]);
  }
  return { places, trailer: dictionary };
}

/** @returns the decoded bytes of a stream that the structure of the file needs. @throws Decline('corrupt'). */
export function plainBytes(stream: Stream, budget: ReadBudget): Uint8Array {
  const filters = filtersOf(stream, (value) => value ?? NULL);
  const layers = filters && decodeFully(stream, filters, budget);
  if (!layers || layers.filters.length > 0)
    throw corrupt('A stream that holds the structure of the PDF is damaged.');
  return layers.data;
}

function numbersIn(value: Value | undefined): number[] {
  const numbers = Array.isArray(value) ? value.map(numberOf) : [];
  if (numbers.some((number) => number === null || !Number.isInteger(number) || number < 0))
    throw corrupt('The cross-reference stream of the PDF is damaged.');
  return numbers as number[];
}

function placeIn(entry: Uint8Array, widths: number[]): Place {
  let at = 0;
  const fields = widths.slice(0, 3).map((width) => {
    let value = 0;
    for (const end = at + width; at < end; at++) value = value * 256 + entry[at]!;
    return value;
  }) as [number, number, number];
  const kind = widths[0] === 0 ? 1 : fields[0];
  if (kind === 1) return { offset: fields[1], generation: fields[2] };
  return kind === 2 ? { container: fields[1] } : null;
}
