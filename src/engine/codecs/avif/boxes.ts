/**
 * The boxes of an ISO base media file that a still AVIF or HEIC is made of (ISO/IEC 14496-12, 23008-12): reads
 * the items, their properties and where their bytes lie.
 */
import { corrupt, latin1, tooMany, viewOf } from '../bytes.ts';

export interface Box {
  type: string;
  data: Uint8Array;
}

export interface Item {
  /** E.g. `av01`, `grid`, `Exif`, `mime`, `tmap`. */
  type: string;
  properties: Box[];
  /** Where its bytes lie in the file. */
  extents: Uint8Array[];
}

export interface Items {
  primary: Item;
  all: Item[];
  /** Every property of the file, associated or not. */
  properties: Box[];
}

/** Ids of items have 16 bits, and few files make use of more. */
const MOST_BOXES = 100_000;

/** Boxes of a file without which it is not whole. */
const NEEDED = ['ftyp', 'meta', 'mdat', 'moov', 'moof'];

/**
 * Of a whole file, up to where something else begins: cameras and senders leave things behind its end.
 * @throws Decline `corrupt` when a box that matters leads out of the file; `too-large`.
 */
export function readFileBoxes(file: Uint8Array): Box[] {
  return boxesIn(file, (type) => !NEEDED.includes(type));
}

/** @throws Decline `corrupt` when a box leads out of its parent; `too-large`. */
export function readBoxes(parent: Uint8Array): Box[] {
  return boxesIn(parent, () => false);
}

/** @param isStray whether what leads out is no box by its type. */
function boxesIn(bytes: Uint8Array, isStray: (type: string) => boolean): Box[] {
  const view = viewOf(bytes);
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const type = latin1(bytes, at + 4, 4);
    const size = view.getUint32(at);
    const isLarge = size === 1;
    const end = size === 0 ? bytes.length : at + (isLarge ? Number(view.getBigUint64(at + 8)) : size);
    const start = at + (isLarge ? 16 : 8);
    if (end > bytes.length || end < start) {
      if (isStray(type)) break;
      throw corrupt('A box leads out of the file.');
    }
    if (boxes.length === MOST_BOXES) throw tooMany('A part of the file', MOST_BOXES, 'boxes');
    boxes.push({ type, data: bytes.subarray(start, end) });
    at = end;
  }
  return boxes;
}

export function findBox(boxes: Box[], type: string): Uint8Array | null {
  return boxes.find((box) => box.type === type)?.data ?? null;
}

/** The innermost of nested boxes, e.g. `['moov', 'trak']`. */
export function findNested(boxes: Box[], path: string[]): Uint8Array | null {
  const [type, ...rest] = path as [string, ...string[]];
  const found = findBox(boxes, type);
  return found && rest.length > 0 ? findNested(readBoxes(found), rest) : found;
}

/** @throws Decline('corrupt') when there is no primary item or its bytes lie outside of the file. */
export function readItems(file: Uint8Array): Items {
  const meta = findBox(readFileBoxes(file), 'meta');
  if (!meta) throw corrupt('There is no image in the file.');
  const boxes = readBoxes(meta.subarray(4));
  const [primaryBox, infoBox] = [findBox(boxes, 'pitm'), findBox(boxes, 'iinf')];
  if (!primaryBox || !infoBox) throw corrupt('There is no image in the file.');
  const itemProperties = readBoxes(findBox(boxes, 'iprp') ?? new Uint8Array());
  const properties = readBoxes(findBox(itemProperties, 'ipco') ?? new Uint8Array());
  const associations = readAssociations(findBox(itemProperties, 'ipma'));
  const locations = readLocations(findBox(boxes, 'iloc'), file, findBox(boxes, 'idat'));
  const items = new Map<number, Item>();
  for (const { id, type } of readInfo(infoBox)) {
    const own = (associations.get(id) ?? []).flatMap((index) => properties[index - 1] ?? []);
    items.set(id, { type, properties: own, extents: locations.get(id) ?? [] });
  }
  const primary = items.get(idAt(viewOf(primaryBox), 4, primaryBox[0]! > 0));
  if (!primary) throw corrupt('There is no image in the file.');
  return { primary, all: [...items.values()], properties };
}

function idAt(view: DataView, at: number, isWide: boolean): number {
  return isWide ? view.getUint32(at) : view.getUint16(at);
}

/** iinf: a list of infe boxes; version 2 has ids of 16 bits, version 3 of 32. */
function readInfo(data: Uint8Array): { id: number; type: string }[] {
  const entries = readBoxes(data.subarray(data[0] === 0 ? 6 : 8));
  return entries.map((entry) => {
    const isWide = entry.data[0] === 3;
    return { id: idAt(viewOf(entry.data), 4, isWide), type: latin1(entry.data, isWide ? 10 : 8, 4) };
  });
}

/** ipma: for each item the 1-based indices of its properties, of 7 or 15 bits behind an `essential` bit. */
function readAssociations(data: Uint8Array | null): Map<number, number[]> {
  const found = new Map<number, number[]>();
  if (!data) return found;
  const view = viewOf(data);
  const [wideIds, wideIndices] = [data[0]! > 0, (data[3]! & 1) === 1];
  let at = 8;
  for (let left = view.getUint32(4); left > 0; left--) {
    const id = idAt(view, at, wideIds);
    at += wideIds ? 4 : 2;
    const count = view.getUint8(at++);
    const step = wideIndices ? 2 : 1;
    const indexAt = (start: number) =>
      wideIndices ? view.getUint16(start) & 0x7fff : view.getUint8(start) & 0x7f;
    found.set(
      id,
      Array.from({ length: count }, (_, index) => indexAt(at + index * step)),
    );
    at += count * step;
  }
  return found;
}

/** iloc: for each item the stretches of the file, or of idat, that hold its bytes. */
function readLocations(
  data: Uint8Array | null,
  file: Uint8Array,
  idat: Uint8Array | null,
): Map<number, Uint8Array[]> {
  const found = new Map<number, Uint8Array[]>();
  if (!data) return found;
  const version = data[0]!;
  const sizes = {
    offset: data[4]! >> 4,
    length: data[4]! & 15,
    base: data[5]! >> 4,
    index: version > 0 ? data[5]! & 15 : 0,
  };
  const read = numberReader(data, 6);
  for (let left = read(version < 2 ? 2 : 4); left > 0; left--) {
    const id = read(version < 2 ? 2 : 4);
    const method = version > 0 ? read(2) & 15 : 0;
    read(2);
    const base = read(sizes.base);
    const holder = method === 1 ? (idat ?? new Uint8Array()) : file;
    const count = read(2);
    // They cost a file nothing, and 65,535 of them in each of many items would cost us minutes.
    if (count > 1 && sizes.index + sizes.offset + sizes.length === 0)
      throw corrupt('An item lies in several places that are not told apart.');
    const extents = Array.from({ length: count }, () => {
      read(sizes.index);
      return slice(holder, base + read(sizes.offset), read(sizes.length));
    });
    found.set(id, extents);
  }
  return found;
}

/** A length of 0 means to the end (ISO/IEC 14496-12 §8.11.3). */
function slice(holder: Uint8Array, start: number, length: number): Uint8Array {
  if (start + length > holder.length) throw corrupt('The file ends before its image data does.');
  return holder.subarray(start, length === 0 ? undefined : start + length);
}

/** Reads big-endian numbers of 0, 2, 4 or 8 bytes one after the other. */
function numberReader(data: Uint8Array, start: number): (size: number) => number {
  const view = viewOf(data);
  let at = start;
  return (size) => {
    const here = at;
    at += size;
    if (size === 0) return 0;
    if (size === 2) return view.getUint16(here);
    return size === 4 ? view.getUint32(here) : Number(view.getBigUint64(here));
  };
}
