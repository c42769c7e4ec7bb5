/** The index of a file with several JPEGs in it, one behind the other (CIPA DC-007, the multi-picture format). */
import { viewOf } from '../bytes.ts';
import { isMetadata, isMultiPicture, readSegments, writeSegment } from './segments.ts';

const NAME = 'MPF\0';
const APP2 = 0xe2;
const MOST_PICTURES = 16;
const [VERSION, NUMBER, ENTRIES] = [0xb000, 0xb001, 0xb002];
const [LONG, UNDEFINED] = [4, 7];
const ENTRY_BYTES = 16;
/** Byte order and the first directory's offset, the directory of three tags, and the next one's offset. */
const HEAD_BYTES = 8 + 2 + 3 * 12 + 4;
/** A baseline primary image (5.2.3.3.1). */
const PRIMARY = 0x0003_0000;

/**
 * The pictures behind the first one, by the file's index, and else whatever follows at once. Only whole ones; each ends
 * with its own end marker, whatever stands behind that.
 */
export function laterPictures(jpeg: Uint8Array): Uint8Array[] {
  const { list, end } = readSegments(jpeg);
  const index = list.find(isMultiPicture);
  const starts = index ? readStarts(index.payload.subarray(NAME.length), index.start + 4 + NAME.length) : [];
  const places = starts.filter((at) => at >= end);
  return places.length > 0 ? places.flatMap((at) => pictureAt(jpeg, at) ?? []) : followers(jpeg, end);
}

function followers(jpeg: Uint8Array, end: number): Uint8Array[] {
  const pictures: Uint8Array[] = [];
  for (let at = end; pictures.length < MOST_PICTURES; ) {
    const picture = pictureAt(jpeg, at);
    if (!picture) break;
    pictures.push(picture);
    at += picture.length;
  }
  return pictures;
}

/** Null where no whole JPEG begins. */
function pictureAt(jpeg: Uint8Array, at: number): Uint8Array | null {
  if (jpeg[at] !== 0xff || jpeg[at + 1] !== 0xd8) return null;
  try {
    const rest = jpeg.subarray(at);
    return rest.subarray(0, readSegments(rest).end);
  } catch {
    return null;
  }
}

/** Where the index says that pictures begin; it counts from its own beginning. A damaged index says nothing. */
function readStarts(index: Uint8Array, base: number): number[] {
  try {
    const view = viewOf(index);
    const littleEndian = index[0] === 0x49;
    const directory = view.getUint32(4, littleEndian);
    const tags = Array.from(
      { length: view.getUint16(directory, littleEndian) },
      (_, at) => directory + 2 + 12 * at,
    );
    const entries = tags.find((at) => view.getUint16(at, littleEndian) === ENTRIES);
    if (entries === undefined) return [];
    const count = Math.floor(view.getUint32(entries + 4, littleEndian) / ENTRY_BYTES);
    const first = view.getUint32(entries + 8, littleEndian);
    return Array.from(
      { length: Math.min(count, MOST_PICTURES) },
      (_, at) => base + view.getUint32(first + at * ENTRY_BYTES + 8, littleEndian),
    );
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** Puts pictures behind a JPEG that has no index yet, and an index behind its metadata. */
export function joinPictures(primary: Uint8Array, others: Uint8Array[]): Uint8Array {
  const { list, end } = readSegments(primary);
  const at = list.find((segment) => !isMetadata(segment))!.start;
  const count = 1 + others.length;
  const indexBytes = 4 + NAME.length + HEAD_BYTES + count * ENTRY_BYTES;
  const primaryBytes = end + indexBytes;
  const entries: number[][] = [[PRIMARY, primaryBytes, 0]];
  let start = primaryBytes - (at + 4 + NAME.length);
  for (const { length } of others) {
    entries.push([0, length, start]);
    start += length;
  }
  const index = writeSegment(APP2, writeIndex(entries));
  return Buffer.concat([primary.subarray(0, at), index, primary.subarray(at, end), ...others]);
}

/** @param entries attributes, size and offset of each picture. */
function writeIndex(entries: number[][]): Uint8Array {
  const bytes = Buffer.alloc(NAME.length + HEAD_BYTES + entries.length * ENTRY_BYTES);
  bytes.write(`${NAME}MM\0*`, 'latin1');
  const view = viewOf(bytes.subarray(NAME.length));
  const tag = (at: number, [id, type, count, value]: [number, number, number, number]) => {
    view.setUint16(at, id);
    view.setUint16(at + 2, type);
    view.setUint32(at + 4, count);
    view.setUint32(at + 8, value);
  };
  view.setUint32(4, 8);
  view.setUint16(8, 3);
  tag(10, [VERSION, UNDEFINED, 4, 0x3031_3030]);
  tag(22, [NUMBER, LONG, 1, entries.length]);
  tag(34, [ENTRIES, UNDEFINED, entries.length * ENTRY_BYTES, HEAD_BYTES]);
  for (const [index, numbers] of entries.entries())
    for (const [place, number] of numbers.entries())
      view.setUint32(HEAD_BYTES + index * ENTRY_BYTES + place * 4, number);
  return bytes;
}
