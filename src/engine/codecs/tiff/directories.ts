/** A TIFF's directories and their fields (TIFF 6.0 §2; BigTIFF, libtiff.gitlab.io/libtiff/specification/bigtiff.html). */
import { corrupt, unsupported, viewOf } from '../bytes.ts';

/** Bytes of one value of each field type; 13 is the offset type of supplement 1, 16 to 18 are BigTIFF's. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
/** Types of whole, unsigned numbers. */
const NUMBER_TYPES = [1, 3, 4, 13, 16, 18];
const MAX_PAGES = 1000;
/** Of all directories together: they may overlap, and so be far more than the file has room for. */
const MAX_FIELDS = 100_000;

/** Of one field: a strip a row of the highest image, or tiles of 16 x 16, in each of several planes. */
const MAX_NUMBERS = 1 << 21;

interface Field {
  type: number;
  count: number;
  /** Offset of the first value. */
  at: number;
}

export interface Directory {
  /** The values of a field of whole numbers; none where there is no such field. Throws Decline `unsupported` where there are too many. */
  numbers(tag: number): number[];
  /** The first of them. */
  number(tag: number): number | undefined;
  /** The bytes of a field's values. */
  block(tag: number): Uint8Array | null;
  has(tag: number): boolean;
}

/** Where things stand in either kind of TIFF. */
interface Layout {
  firstAt: number;
  /** Of an offset, and of a count of values. */
  wordBytes: 4 | 8;
  countBytes: 2 | 8;
  entryBytes: 12 | 20;
}

const CLASSIC: Layout = { firstAt: 4, wordBytes: 4, countBytes: 2, entryBytes: 12 };
const BIG: Layout = { firstAt: 8, wordBytes: 8, countBytes: 8, entryBytes: 20 };

/**
 * @returns at least one directory, in the order of their chain.
 * @throws Decline `corrupt` when a field leads out of the file or the chain turns back on itself, `unsupported` when
 *   there are too many; RangeError when the file ends within a directory.
 */
export function readDirectories(bytes: Uint8Array): Directory[] {
  const read = numberReader(bytes);
  const layout = read(2, 2) === 43 ? BIG : CLASSIC;
  const found: Directory[] = [];
  const visited = new Set<number>();
  let fieldsLeft = MAX_FIELDS;
  for (let at = read(layout.firstAt, layout.wordBytes); at !== 0; ) {
    if (visited.has(at)) throw corrupt('The TIFF’s directories lead back to an earlier one.');
    if (found.length === MAX_PAGES) throw unsupported(`The TIFF has more than ${MAX_PAGES} pages.`);
    visited.add(at);
    const count = read(at, layout.countBytes);
    fieldsLeft -= count;
    if (fieldsLeft < 0) throw unsupported(`The TIFF’s directories have more than ${MAX_FIELDS} fields.`);
    const start = at + layout.countBytes;
    found.push(openDirectory(bytes, read, readFields(read, start, count, layout, bytes.length)));
    at = read(start + count * layout.entryBytes, layout.wordBytes);
  }
  if (found.length === 0) throw corrupt('The TIFF has no image in it.');
  return found;
}

type ReadNumber = (at: number, size: number) => number;

function numberReader(bytes: Uint8Array): ReadNumber {
  const view = viewOf(bytes);
  const littleEndian = bytes[0] === 0x49;
  return (at, size) => {
    if (size === 1) return view.getUint8(at);
    if (size === 2) return view.getUint16(at, littleEndian);
    return size === 4 ? view.getUint32(at, littleEndian) : Number(view.getBigUint64(at, littleEndian));
  };
}

function readFields(
  read: ReadNumber,
  start: number,
  count: number,
  { wordBytes, entryBytes }: Layout,
  fileBytes: number,
): Map<number, Field> {
  const fields = new Map<number, Field>();
  for (let index = 0; index < count; index++) {
    const entry = start + entryBytes * index;
    const [type, values] = [read(entry + 2, 2), read(entry + 4, wordBytes)];
    const size = (TYPE_BYTES[type] ?? 0) * values;
    const valueAt = entry + 4 + wordBytes;
    const at = size <= wordBytes ? valueAt : read(valueAt, wordBytes);
    if (at + size > fileBytes) throw corrupt('A TIFF field leads out of the file.');
    fields.set(read(entry, 2), { type, count: values, at });
  }
  return fields;
}

function openDirectory(bytes: Uint8Array, read: ReadNumber, fields: Map<number, Field>): Directory {
  const numbersOf = (tag: number, most: number): number[] => {
    const field = fields.get(tag);
    if (!field || !NUMBER_TYPES.includes(field.type)) return [];
    const size = TYPE_BYTES[field.type]!;
    const count = Math.min(field.count, most);
    return Array.from({ length: count }, (_, index) => read(field.at + index * size, size));
  };
  return {
    numbers(tag) {
      const all = numbersOf(tag, MAX_NUMBERS + 1);
      if (all.length > MAX_NUMBERS)
        throw unsupported(`A field of the TIFF has more than ${MAX_NUMBERS} numbers.`);
      return all;
    },
    number: (tag) => numbersOf(tag, 1)[0],
    block(tag) {
      const field = fields.get(tag);
      return field ? bytes.subarray(field.at, field.at + field.count * (TYPE_BYTES[field.type] ?? 0)) : null;
    },
    has: (tag) => fields.has(tag),
  };
}
