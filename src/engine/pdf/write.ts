/**
 * Writes a PDF anew (ISO 32000-1, 7.5): objects numbered from 1, those alike side by side in object streams, and a
 * cross-reference stream; or, for conformance to standards that know neither, plain objects and a table.
 */
import { deflateSync } from 'node:zlib';
import {
  type Dictionary,
  type IndirectObject,
  isDictionary,
  isStream,
  nameOf,
  type Reference,
  type Stream,
  type Value,
  writeValue,
} from './objects.ts';

export interface Writing {
  version: number;
  trailer: Dictionary;
  /** By number, as `find` knows them. */
  objects: Map<number, IndirectObject>;
  /** The number in `objects` that a reference leads to; null for none. */
  find(reference: Reference): number | null;
  /** Whether object streams may be written. */
  packed: boolean;
}

/** Readers must unpack all of an object stream to get at one object. */
const MOST_IN_STREAM = 1000;
const FIRST_VERSION_WITH_STREAMS = 1.5;
const DEFLATE = { level: 9, memLevel: 9 };

/** Where an object went: an offset in the file, or an object stream and the index in it. */
type Position = { offset: number } | { container: number; index: number };

/** @returns the file. */
export function writeDocument({ version, trailer, objects, find, packed }: Writing): Uint8Array {
  const order = [...objects].sort(([, a], [, b]) => compareText(kindOf(a), kindOf(b)));
  const numbers = new Map(order.map(([number], index) => [number, index + 1]));
  const renumber = (reference: Reference) => numbers.get(find(reference) ?? -1) ?? null;
  const file = createFile(packed ? Math.max(version, FIRST_VERSION_WITH_STREAMS) : version);
  const loose = order.filter(([, object]) => !packed || isStream(object));
  for (const [number, object] of loose) file.add(numbers.get(number)!, object, renumber);
  if (!packed) return file.endWithTable(trailer, renumber);
  const rest = order.flatMap(([number, object]) =>
    isStream(object) ? [] : [{ number: numbers.get(number)!, text: writeValue(object, renumber) }],
  );
  let next = order.length + 1;
  for (let from = 0; from < rest.length; from += MOST_IN_STREAM)
    file.addPacked(next++, rest.slice(from, from + MOST_IN_STREAM));
  return file.endWithStream(next, trailer, renumber);
}

/** What an object is alike in to others: its kind, then the names of its entries. */
function kindOf(object: IndirectObject): string {
  if (isStream(object)) return `~${kindOf(object.dictionary)}`;
  if (!isDictionary(object)) return Array.isArray(object) ? '}' : '|';
  return `${nameOf(object.get('Type')) ?? ''} ${nameOf(object.get('Subtype')) ?? ''} ${[...object.keys()].join(' ')}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

type Renumber = (reference: Reference) => number | null;

function createFile(version: number) {
  const chunks: Uint8Array[] = [];
  const positions = new Map<number, Position>();
  let length = 0;
  append(`%PDF-${version.toFixed(1)}\n%\xe2\xe3\xcf\xd3\n`);
  return { add, addPacked, endWithTable, endWithStream };

  function append(chunk: Uint8Array | string): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk;
    chunks.push(bytes);
    length += bytes.length;
  }

  function add(number: number, object: IndirectObject, renumber: Renumber): void {
    positions.set(number, { offset: length });
    append(`${number} 0 obj\n`);
    if (isStream(object)) appendStream(object, renumber);
    else append(writeValue(object, renumber));
    append('\nendobj\n');
  }

  function appendStream({ dictionary, data }: Stream, renumber: Renumber): void {
    const entries: Dictionary = new Map(dictionary).set('Length', { atom: `${data.length}` });
    append(`${writeValue(entries, renumber)}\nstream\n`);
    append(data);
    append('\nendstream');
  }

  function addPacked(container: number, items: { number: number; text: string }[]): void {
    let offset = 0;
    const heads = items.map(({ number, text }, index) => {
      positions.set(number, { container, index });
      const head = `${number} ${offset}`;
      offset += text.length + 1;
      return head;
    });
    const head = `${heads.join(' ')}\n`;
    const body = items.map(({ text }) => `${text}\n`).join('');
    const dictionary: Dictionary = new Map<string, Value>([
      ['Type', { name: 'ObjStm' }],
      ['N', { atom: `${items.length}` }],
      ['First', { atom: `${head.length}` }],
      ['Filter', { name: 'FlateDecode' }],
    ]);
    add(
      container,
      { dictionary, data: deflateSync(Buffer.from(head + body, 'latin1'), DEFLATE) },
      () => null,
    );
  }

  function endWithTable(trailer: Dictionary, renumber: Renumber): Uint8Array {
    const start = length;
    const size = positions.size + 1;
    append(`xref\n0 ${size}\n0000000000 65535 f \n`);
    for (let number = 1; number < size; number++) {
      const { offset } = positions.get(number) as { offset: number };
      append(`${`${offset}`.padStart(10, '0')} 00000 n \n`);
    }
    const entries: Dictionary = new Map(trailer).set('Size', { atom: `${size}` });
    append(`trailer\n${writeValue(entries, renumber)}\n`);
    return end(start);
  }

  function endWithStream(number: number, trailer: Dictionary, renumber: Renumber): Uint8Array {
    const start = length;
    positions.set(number, { offset: start });
    const rows = Array.from({ length: number + 1 }, (_, each) => rowOf(positions.get(each)));
    const width = widthFor(Math.max(...rows.map(([, second]) => second)));
    const lastWidth = widthFor(Math.max(...rows.map(([, , third]) => third)));
    const dictionary: Dictionary = new Map<string, Value>([
      ['Type', { name: 'XRef' }],
      ['Size', { atom: `${number + 1}` }],
      ['W', [1, width, lastWidth].map((bytes) => ({ atom: `${bytes}` }))],
      ...trailer,
      ['Filter', { name: 'FlateDecode' }],
      [
        'DecodeParms',
        new Map<string, Value>([
          ['Predictor', { atom: '12' }],
          ['Columns', { atom: `${1 + width + lastWidth}` }],
        ]),
      ],
    ]);
    add(number, { dictionary, data: deflateSync(differences(rows, width, lastWidth), DEFLATE) }, renumber);
    return end(start);
  }

  function end(start: number): Uint8Array {
    append(`startxref\n${start}\n%%EOF\n`);
    return Buffer.concat(chunks);
  }
}

function rowOf(position: Position | undefined): [kind: number, second: number, third: number] {
  if (!position) return [0, 0, 0];
  return 'offset' in position ? [1, position.offset, 0] : [2, position.container, position.index];
}

function widthFor(number: number): number {
  return Math.max(1, Math.ceil(Math.log2(number + 1) / 8));
}

/** Rows of a cross-reference stream, each byte less the one above it: PNG's predictor Up. */
function differences(rows: [number, number, number][], width: number, lastWidth: number): Uint8Array {
  const rowBytes = 1 + width + lastWidth;
  const out = new Uint8Array(rows.length * (rowBytes + 1));
  let above = Buffer.alloc(rowBytes);
  for (const [at, [kind, second, third]] of rows.entries()) {
    const row = Buffer.alloc(rowBytes);
    row[0] = kind;
    row.writeUIntBE(second, 1, width);
    row.writeUIntBE(third, 1 + width, lastWidth);
    const to = at * (rowBytes + 1);
    out[to] = 2;
    for (let byte = 0; byte < rowBytes; byte++) out[to + 1 + byte] = row[byte]! - above[byte]!;
    above = row;
  }
  return out;
}
