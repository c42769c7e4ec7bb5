/**
 * What EXIF and XMP say of how an image lies, made true for one that was turned: orientation, size, and the thumbnail,
 * which is turned too, or dropped where that cannot be (EXIF 2.32 §4.6; TIFF 6.0 §2 for the directories).
 */
import { Decline } from '../../contract.ts';
import { latin1, viewOf } from '../bytes.ts';
import type { Turning } from '../turning.ts';
import { readCoefficients } from './coefficients.ts';
import { readJpegHeader } from './header.ts';
import { turnCoefficients } from './turned-coefficients.ts';
import { writeCoefficients } from './write-coefficients.ts';

export interface Size {
  width: number;
  height: number;
}

const ORIENTATION = 0x0112;
const EXIF_DIRECTORY = 0x8769;
const INTEROPERABILITY = 0xa005;
const THUMBNAIL_OFFSET = 0x0201;
const THUMBNAIL_BYTES = 0x0202;
/** Of the image: TIFF's own tags, EXIF's, and those of what it was made from. */
const WIDTHS = [0x0100, 0xa002, 0x1001];
const HEIGHTS = [0x0101, 0xa003, 0x1002];
const [SHORT, LONG] = [3, 4];
const ENTRY_BYTES = 12;
/** A thumbnail has 64 kB at most; one that says that it has more pixels than this is none. */
const MOST_THUMBNAIL_PIXELS = 1 << 20;

/** @returns a copy. What cannot be read is left as it is: damaged blocks are common and harmless. */
export function turnExif(exif: Uint8Array, turning: Turning, size: Size): Uint8Array {
  const copy = Uint8Array.from(exif);
  if (copy.length < 8) return copy;
  const tiff = openTiff(copy);
  const first = tiff.directory(tiff.long(4));
  if (!first) return copy;
  first.set([ORIENTATION], 1);
  const details = tiff.directory(first.get(EXIF_DIRECTORY));
  const interoperability = details && tiff.directory(details.get(INTEROPERABILITY));
  for (const directory of [first, details, interoperability]) {
    directory?.set(WIDTHS, size.width);
    directory?.set(HEIGHTS, size.height);
  }
  return turnThumbnail(copy, tiff, first.next, turning);
}

/** The second directory is the thumbnail's. @param pointer where the first one says where that is. */
function turnThumbnail(exif: Uint8Array, tiff: Tiff, pointer: number, turning: Turning): Uint8Array {
  const second = pointer + 4 <= exif.length ? tiff.directory(tiff.long(pointer)) : null;
  if (!second) return exif;
  const [at, length] = [second.get(THUMBNAIL_OFFSET), second.get(THUMBNAIL_BYTES)];
  const isThere = at >= 8 && length > 0 && at + length <= exif.length;
  const turned = isThere ? turnSmallJpeg(exif.subarray(at, at + length), turning) : null;
  const isLast = at + length === exif.length;
  second.set([ORIENTATION], 1);
  if (!turned || turned.data.length > length) {
    tiff.setLong(pointer, 0);
    if (isThere) exif.fill(0, at, at + length);
    return isThere && isLast ? exif.subarray(0, at) : exif;
  }
  exif.fill(0, at, at + length);
  exif.set(turned.data, at);
  second.set([THUMBNAIL_BYTES], turned.data.length);
  second.set(WIDTHS, turned.width);
  second.set(HEIGHTS, turned.height);
  return isLast ? exif.subarray(0, at + turned.data.length) : exif;
}

/** Null for what is no JPEG that can be turned. */
function turnSmallJpeg(jpeg: Uint8Array, turning: Turning): ({ data: Uint8Array } & Size) | null {
  try {
    const header = readJpegHeader(jpeg);
    if (header.width * header.height > MOST_THUMBNAIL_PIXELS) return null;
    const turned = turnCoefficients(readCoefficients(jpeg), turning);
    return turned && { data: writeCoefficients(turned), width: turned.width, height: turned.height };
  } catch (error) {
    if (error instanceof Decline || error instanceof RangeError) return null;
    throw error;
  }
}

interface Directory {
  /** The number under a tag; 0 where there is none. */
  get(tag: number): number;
  /** Changes numbers that are there. */
  set(tags: number[], value: number): void;
  /** Offset of the pointer to the next directory. */
  next: number;
}

type Tiff = ReturnType<typeof openTiff>;

function openTiff(bytes: Uint8Array) {
  const view = viewOf(bytes);
  const littleEndian = bytes[0] === 0x49;
  const short = (at: number) => view.getUint16(at, littleEndian);
  const long = (at: number) => view.getUint32(at, littleEndian);
  const setLong = (at: number, value: number) => view.setUint32(at, value, littleEndian);
  /** Null where no whole directory is. */
  const directory = (start: number): Directory | null => {
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

const XMP_NUMBERS: [name: string, of: (size: Size) => number][] = [
  ['tiff:Orientation', () => 1],
  ['tiff:ImageWidth', ({ width }) => width],
  ['tiff:ImageLength', ({ height }) => height],
  ['exif:PixelXDimension', ({ width }) => width],
  ['exif:PixelYDimension', ({ height }) => height],
];

/** XMP may repeat what EXIF says, as attributes or as elements (XMP specification part 2, tiff and exif namespaces). */
export function turnXmp(xmp: Uint8Array, size: Size): Uint8Array {
  let text = latin1(xmp, 0, xmp.length);
  for (const [name, of] of XMP_NUMBERS) {
    const number = new RegExp(`(?<=${name}(?:="|='|>))\\d+(?=["'<])`, 'g');
    text = text.replace(number, String(of(size)));
  }
  return Buffer.from(text, 'latin1');
}
