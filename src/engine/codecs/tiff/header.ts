/** Reads a TIFF's first directory (TIFF 6.0), and checks that all of its image data lies within the file. */
import { corrupt, unsupported } from '../bytes.ts';
import { EVERYTHING_PLAIN, type Header } from '../header.ts';
import { isSdrProfile } from '../icc.ts';
import { exifDensity, exifOfTiff } from '../metadata/exif-policy.ts';
import { wrapIptc } from '../metadata/iptc.ts';
import { type Directory, readDirectories } from './directories.ts';

const TAG = {
  subfile: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  orientation: 274,
  stripByteCounts: 279,
  tileOffsets: 324,
  tileByteCounts: 325,
  sampleFormat: 339,
  xmp: 700,
  photoshop: 34_377,
  iptc: 33_723,
  icc: 34_675,
  dngVersion: 50_706,
} as const;

const COLOURS: Record<number, Header['colour']> = {
  0: 'grey',
  1: 'grey',
  2: 'rgb',
  3: 'rgb',
  5: 'cmyk',
  6: 'rgb',
  8: 'rgb',
};

/** By number (TIFF 6.0, its supplements and libtiff's `tiff.h`), what the decoder was built to read. */
const LOSSLESS_COMPRESSIONS = [1, 2, 3, 4, 5, 8, 32_773, 32_946];
const LOSSY_COMPRESSIONS = [6, 7, 50_001];
const UNSIGNED = 1;
const FLOAT = 3;

/** @throws Decline `corrupt` or `unsupported`. */
export function readTiffHeader(bytes: Uint8Array): Header {
  const directories = readDirectories(bytes);
  const main = directories[0]!;
  const number = (tag: number, absent: number) => main.number(tag) ?? absent;
  const [width, height] = [number(TAG.width, 0), number(TAG.height, 0)];
  if (width === 0 || height === 0) throw corrupt('The TIFF says that it has no pixels.');
  const colour = COLOURS[number(TAG.photometric, -1)];
  if (!colour || main.has(TAG.dngVersion))
    throw unsupported('The TIFF holds a camera’s raw data, or colours that Keeneye does not read.');
  const bitDepth = depthOf(main);
  checkExtents(main, bytes.length);
  const orientation = number(TAG.orientation, 1);
  const icc = main.block(TAG.icc);
  return {
    ...EVERYTHING_PLAIN,
    width,
    height,
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
    pages: Math.max(1, directories.filter((each) => !isReduced(each)).length),
    colour,
    bitDepth,
    isLossless: checkCompression(number(TAG.compression, 1)),
    isHdr: !isSdrProfile(icc),
    embedded: {
      exif: exifOfTiff(bytes),
      xmp: main.block(TAG.xmp),
      iptc: iptcIn(main),
      icc,
      density: exifDensity(bytes),
    },
  };
}

/** Whether samples are floating-point numbers, which mean light and not what screens are told. */
export function isFloatTiff(bytes: Uint8Array): boolean {
  return readDirectories(bytes)[0]!.number(TAG.sampleFormat) === FLOAT;
}

function depthOf(main: Directory): Header['bitDepth'] {
  const bits = Math.max(1, ...main.numbers(TAG.bitsPerSample).slice(0, 8));
  const format = main.number(TAG.sampleFormat) ?? UNSIGNED;
  if (format === UNSIGNED && [1, 2, 4, 8].includes(bits)) return 8;
  if ((format === UNSIGNED && bits === 16) || (format === FLOAT && bits === 32)) return 16;
  throw unsupported(
    `The TIFF has ${bits}-bit samples of kind ${format}; unsigned ones of up to 8 and of 16 bits, and floats of 32, are supported.`,
  );
}

/** Smaller versions of another page are no pages of their own. */
function isReduced(directory: Directory): boolean {
  return ((directory.number(TAG.subfile) ?? 0) & 1) === 1;
}

/** @returns whether it keeps samples exactly. */
function checkCompression(compression: number): boolean {
  if (LOSSLESS_COMPRESSIONS.includes(compression)) return true;
  if (LOSSY_COMPRESSIONS.includes(compression)) return false;
  throw unsupported(`The TIFF is compressed in a way (${compression}) that Keeneye does not read.`);
}

/** In Photoshop's resources, or by itself: then often padded to whole numbers of 32 bits. */
function iptcIn(main: Directory): Uint8Array | null {
  const resources = main.block(TAG.photoshop);
  if (resources) return resources;
  const records = main.block(TAG.iptc);
  return records && wrapIptc(records);
}

/** Strips or tiles: as many offsets as sizes, all within the file. */
function checkExtents(main: Directory, fileBytes: number): void {
  const isTiled = main.has(TAG.tileOffsets);
  const offsets = main.numbers(isTiled ? TAG.tileOffsets : TAG.stripOffsets);
  const sizes = main.numbers(isTiled ? TAG.tileByteCounts : TAG.stripByteCounts);
  const isWhole = offsets.length > 0 && offsets.length === sizes.length;
  if (!isWhole || offsets.some((offset, index) => offset + sizes[index]! > fileBytes)) {
    throw corrupt('The TIFF’s image data leads out of the file.');
  }
}
