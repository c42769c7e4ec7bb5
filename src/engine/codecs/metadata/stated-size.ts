/**
 * What EXIF and XMP say of how large an image is and how it lies, made true for a result of another size that lies
 * upright (EXIF 2.32 §4.6; XMP specification part 2, tiff and exif namespaces).
 */
import { latin1 } from '../bytes.ts';
import { type NumberDirectory, openTiffNumbers } from './tiff-numbers.ts';

export interface Size {
  width: number;
  height: number;
}

const EXIF_DIRECTORY = 0x8769;
const INTEROPERABILITY = 0xa005;
/** Of the image: TIFF's own tags, EXIF's, and those of what it was made from. */
const WIDTHS = [0x0100, 0xa002, 0x1001];
const HEIGHTS = [0x0101, 0xa003, 0x1002];

/** @returns a copy. What cannot be read is left as it is: damaged blocks are common and harmless. */
export function sizeExif(exif: Uint8Array, size: Size): Uint8Array {
  const copy = Uint8Array.from(exif);
  if (copy.length < 8) return copy;
  const tiff = openTiffNumbers(copy);
  const first = tiff.directory(tiff.long(4));
  const details = first && tiff.directory(first.get(EXIF_DIRECTORY));
  const interoperability = details && tiff.directory(details.get(INTEROPERABILITY));
  for (const directory of [first, details, interoperability]) if (directory) setSize(directory, size);
  return copy;
}

export function setSize(directory: NumberDirectory, { width, height }: Size): void {
  directory.set(WIDTHS, width);
  directory.set(HEIGHTS, height);
}

const XMP_NUMBERS: [name: string, of: (size: Size) => number][] = [
  ['tiff:Orientation', () => 1],
  ['tiff:ImageWidth', ({ width }) => width],
  ['tiff:ImageLength', ({ height }) => height],
  ['exif:PixelXDimension', ({ width }) => width],
  ['exif:PixelYDimension', ({ height }) => height],
];

/** XMP may repeat what EXIF says, as attributes or as elements. */
export function uprightXmp(xmp: Uint8Array, size: Size): Uint8Array {
  let text = latin1(xmp, 0, xmp.length);
  for (const [name, of] of XMP_NUMBERS) {
    const number = new RegExp(`(?<=${name}(?:="|='|>))\\d+(?=["'<])`, 'g');
    text = text.replace(number, String(of(size)));
  }
  return Buffer.from(text, 'latin1');
}
