/**
 * Numbers in a TIFF structure (TIFF 6.0 §2), such as EXIF is, read and changed where they stand: the block keeps its
 * length, and what is not understood stays. Which numbers mean what is for others to know.
 */
import { viewOf } from '../bytes.ts';

const [SHORT, LONG] = [3, 4];
const ENTRY_BYTES = 12;
/** Of one field; more than a thumbnail has strips. */
const MOST_NUMBERS = 1000;

export interface NumberDirectory {
  /** The number under a tag; 0 where there is none. */
  get(tag: number): number;
  /** All numbers under a tag; none where they are not all there. */
  list(tag: number): number[];
  /** Changes numbers that are there. */
  set(tags: number[], value: number): void;
  /** Offset of the pointer to the next directory. */
  next: number;
}

export type TiffNumbers = ReturnType<typeof openTiffNumbers>;

/** @param bytes 8 at least; changed in place. */
export function openTiffNumbers(bytes: Uint8Array) {
  const view = viewOf(bytes);
  const littleEndian = bytes[0] === 0x49;
  const short = (at: number) => view.getUint16(at, littleEndian);
  const long = (at: number) => view.getUint32(at, littleEndian);
  const setLong = (at: number, value: number) => view.setUint32(at, value, littleEndian);
  /** What does not fit an entry stands elsewhere. */
  const numbersAt = (entry: number): number[] => {
    const [type, count] = [short(entry + 2), long(entry + 4)];
    const [size, read] = type === LONG ? [4, long] : [2, short];
    const at = count * size <= 4 ? entry + 8 : long(entry + 8);
    if ((type !== LONG && type !== SHORT) || count > MOST_NUMBERS || at + count * size > bytes.length)
      return [];
    return Array.from({ length: count }, (_, index) => read(at + index * size));
  };
  /** Null where no whole directory is. */
  const directory = (start: number): NumberDirectory | null => {
    if (start < 8 || start + 2 > bytes.length) return null;
    const next = start + 2 + short(start) * ENTRY_BYTES;
    if (next > bytes.length) return null;
    const entries = Array.from({ length: short(start) }, (_, index) => start + 2 + index * ENTRY_BYTES);
    return {
      next,
      get(tag) {
        const at = entries.find((entry) => short(entry) === tag);
        if (at === undefined) return 0;
        return short(at + 2) === LONG ? long(at + 8) : short(at + 2) === SHORT ? short(at + 8) : 0;
      },
      list(tag) {
        const at = entries.find((entry) => short(entry) === tag);
        return at === undefined ? [] : numbersAt(at);
      },
      set(tags, value) {
        for (const at of entries.filter((entry) => tags.includes(short(entry)))) {
          if (short(at + 2) === LONG) setLong(at + 8, value);
          else if (short(at + 2) === SHORT) view.setUint16(at + 8, value, littleEndian);
        }
      },
    };
  };
  return { long, setLong, directory };
}
