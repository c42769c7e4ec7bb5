/**
 * EXIF blocks as lists of fields, and lists of fields as blocks (EXIF 2.32 §4.5; TIFF 6.0 §2). What cannot be
 * read, or lies about where it is, is not there; which fields may stay is `exif-policy.ts`' to say.
 */
import { viewOf } from '../bytes.ts';

export interface Field {
  tag: number;
  type: number;
  count: number;
  /** In the block's byte order. */
  value: Uint8Array;
}

/** The directories that describe the image; the one of the thumbnail is left out. */
export interface Directories {
  littleEndian: boolean;
  main: Field[];
  exif: Field[];
  gps: Field[];
  interoperability: Field[];
}

/** Tags that point to other directories. */
const POINTER = { exif: 0x8769, gps: 0x8825, interoperability: 0xa005 } as const;
const POINTERS: number[] = Object.values(POINTER);
const LONG = 4;
const ENTRY_BYTES = 12;
const HEADER_BYTES = 8;

/** Bytes of one value of each field type (TIFF 6.0 §2; 13 is the offset type of supplement 1). */
export const TYPE_BYTES: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
};

/** More than any camera writes, and few enough to be read in no time. */
const MOST_FIELDS = 1000;
/** Of all values together. Fields may lie over each other, so that a small block could ask for gigabytes. */
const MOST_VALUE_BYTES = 1 << 20;

/**
 * @param block from its TIFF header on; may be a whole TIFF file
 * @param isWanted tags whose values are looked at; all, unless told
 * @returns null when it is no such block, or asks for too much.
 */
export function readDirectories(
  block: Uint8Array,
  isWanted: (tag: number) => boolean = () => true,
): Directories | null {
  if (block.length < HEADER_BYTES) return null;
  const view = viewOf(block);
  const littleEndian = block[0] === 0x49;
  if (view.getUint16(2, littleEndian) !== 42) return null;
  let bytesLeft = MOST_VALUE_BYTES;
  const read = (start: number): Field[] => {
    const fields = readFields(block, start, littleEndian, isWanted);
    bytesLeft -= fields.reduce((sum, { value }) => sum + value.length, 0);
    return fields;
  };
  const follow = (fields: Field[], pointer: number): Field[] => {
    const field = fields.find(({ tag, value }) => tag === pointer && value.length === 4);
    return field ? read(viewOf(field.value).getUint32(0, littleEndian)) : [];
  };
  const main = read(view.getUint32(4, littleEndian));
  const exif = follow(main, POINTER.exif);
  const gps = follow(main, POINTER.gps);
  const interoperability = follow(exif, POINTER.interoperability);
  if (bytesLeft < 0) return null;
  return { littleEndian, main, exif, gps, interoperability };
}

function readFields(
  block: Uint8Array,
  start: number,
  littleEndian: boolean,
  isWanted: (tag: number) => boolean,
): Field[] {
  const view = viewOf(block);
  if (start < HEADER_BYTES || start + 2 > block.length) return [];
  const room = Math.floor((block.length - start - 2) / ENTRY_BYTES);
  const fields: Field[] = [];
  let bytesLeft = MOST_VALUE_BYTES;
  for (let index = 0; index < Math.min(view.getUint16(start, littleEndian), room, MOST_FIELDS); index++) {
    const entry = start + 2 + ENTRY_BYTES * index;
    const [tag, type] = [view.getUint16(entry, littleEndian), view.getUint16(entry + 2, littleEndian)];
    const count = view.getUint32(entry + 4, littleEndian);
    const size = count * (TYPE_BYTES[type] ?? 0);
    const at = size <= 4 ? entry + 8 : view.getUint32(entry + 8, littleEndian);
    if (size === 0 || at + size > block.length || !isWanted(tag)) continue;
    bytesLeft -= size;
    fields.push({ tag, type, count, value: block.subarray(at, at + size) });
    if (bytesLeft < 0) break;
  }
  return fields;
}

/** @returns a block of these fields, each directory's in the order of their tags; null where there are none. */
export function writeDirectories({
  littleEndian,
  main,
  exif,
  gps,
  interoperability,
}: Directories): Uint8Array | null {
  const without = (fields: Field[]) => fields.filter(({ tag }) => !POINTERS.includes(tag));
  const parts: Uint8Array[] = [header(littleEndian)];
  let at = HEADER_BYTES;
  /** Innermost first, so that each pointer is known when its directory is written. */
  const place = (fields: Field[]): number => {
    if (fields.length === 0) return 0;
    const start = at;
    const bytes = writeFields(fields, start, littleEndian);
    parts.push(bytes);
    at += bytes.length;
    return start;
  };
  const pointTo = (tag: number, start: number): Field[] =>
    start === 0 ? [] : [{ tag, type: LONG, count: 1, value: numberBytes(start, 4, littleEndian) }];
  const inner = pointTo(POINTER.interoperability, place(without(interoperability)));
  const pointers = [
    ...pointTo(POINTER.exif, place([...without(exif), ...inner])),
    ...pointTo(POINTER.gps, place(without(gps))),
  ];
  const start = place([...without(main), ...pointers]);
  if (start === 0) return null;
  parts[0]!.set(numberBytes(start, 4, littleEndian), 4);
  return Buffer.concat(parts);
}

function header(littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set(littleEndian ? [0x49, 0x49, 42, 0] : [0x4d, 0x4d, 0, 42]);
  return bytes;
}

/** A directory without a next one, and behind it the values that do not fit their entries, on even offsets. */
function writeFields(fields: Field[], start: number, littleEndian: boolean): Uint8Array {
  const sorted = fields.toSorted((a, b) => a.tag - b.tag);
  const table = new Uint8Array(2 + ENTRY_BYTES * sorted.length + 4);
  const view = viewOf(table);
  view.setUint16(0, sorted.length, littleEndian);
  const values: Uint8Array[] = [];
  let at = start + table.length;
  for (const [index, { tag, type, count, value }] of sorted.entries()) {
    const entry = 2 + ENTRY_BYTES * index;
    view.setUint16(entry, tag, littleEndian);
    view.setUint16(entry + 2, type, littleEndian);
    view.setUint32(entry + 4, count, littleEndian);
    if (value.length <= 4) {
      table.set(value, entry + 8);
      continue;
    }
    view.setUint32(entry + 8, at, littleEndian);
    const padded = new Uint8Array(value.length + (value.length % 2));
    padded.set(value);
    values.push(padded);
    at += padded.length;
  }
  return Buffer.concat([table, ...values]);
}

/** @param size 2 or 4 bytes */
export function numberBytes(value: number, size: 2 | 4, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(size);
  if (size === 2) viewOf(bytes).setUint16(0, value, littleEndian);
  else viewOf(bytes).setUint32(0, value, littleEndian);
  return bytes;
}
