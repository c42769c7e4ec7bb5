/**
 * What EXIF says of how an image lies, made true for one that was turned: orientation, size, and the thumbnail, which is
 * turned too, or dropped where that cannot be (EXIF 2.32 §4.6).
 */
import { Decline } from '../../contract.ts';
import { type Size, setSize, sizeExif } from '../metadata/stated-size.ts';
import { openTiffNumbers, type TiffNumbers } from '../metadata/tiff-numbers.ts';
import type { Turning } from '../turning.ts';
import { readCoefficients } from './coefficients.ts';
import { readJpegHeader } from './header.ts';
import { turnCoefficients } from './turned-coefficients.ts';
import { writeCoefficients } from './write-coefficients.ts';

const ORIENTATION = 0x0112;
const THUMBNAIL_OFFSET = 0x0201;
const THUMBNAIL_BYTES = 0x0202;
/** A thumbnail has 64 kB at most; one that says that it has more pixels than this is none. */
const MOST_THUMBNAIL_PIXELS = 1 << 20;

/** @returns a copy. What cannot be read is left as it is: damaged blocks are common and harmless. */
export function turnExif(exif: Uint8Array, turning: Turning, size: Size): Uint8Array {
  const copy = sizeExif(exif, size);
  if (copy.length < 8) return copy;
  const tiff = openTiffNumbers(copy);
  const first = tiff.directory(tiff.long(4));
  if (!first) return copy;
  first.set([ORIENTATION], 1);
  return turnThumbnail(copy, tiff, first.next, turning);
}

/** The second directory is the thumbnail's. @param pointer where the first one says where that is. */
function turnThumbnail(exif: Uint8Array, tiff: TiffNumbers, pointer: number, turning: Turning): Uint8Array {
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
  setSize(second, turned);
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
