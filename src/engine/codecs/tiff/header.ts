/** Reads a TIFF's first directory (TIFF 6.0), and checks that all of its image data lies within the file. */
import { corrupt, unsupported, viewOf } from '../bytes.ts';
import { exifOrientation } from '../exif.ts';
import { EVERYTHING_PLAIN, type Header } from '../header.ts';
import { isSdrProfile } from '../icc.ts';
import { TYPE_BYTES } from '../metadata/exif-directories.ts';
import { exifDensity, exifOfTiff } from '../metadata/exif-policy.ts';
import { wrapIptc } from '../metadata/iptc.ts';

const TAG = {
  subfile: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  photometric: 262,
  stripOffsets: 273,
  stripByteCounts: 279,
  tileOffsets: 324,
  tileByteCounts: 325,
  sampleFormat: 339,
  xmp: 700,
  iptc: 33_723,
  photoshop: 34_377,
  icc: 34_675,
  dngVersion: 50_706,
} as const;

const MAX_PAGES = 1000;

const COLOURS: Record<number, Header['colour']> = {
  0: 'grey',
  1: 'grey',
  2: 'rgb',
  3: 'rgb',
  5: 'cmyk',
  6: 'rgb',
  8: 'rgb',
};

interface Field {
  type: number;
  count: number;
  /** Offset of the first value. */
  at: number;
}

interface Directory {
  fields: Map<number, Field>;
  next: number;
}

/** @throws Decline `corrupt` or `unsupported`. */
export function readTiffHeader(bytes: Uint8Array): Header {
  const tiff = openTiff(bytes);
  const directories = tiff.directories();
  const main = directories[0]!;
  const number = (tag: number, absent: number) => tiff.numbers(main, tag)[0] ?? absent;
  const [width, height] = [number(TAG.width, 0), number(TAG.height, 0)];
  if (width === 0 || height === 0) throw corrupt('The TIFF says that it has no pixels.');
  const colour = COLOURS[number(TAG.photometric, -1)];
  if (!colour || main.fields.has(TAG.dngVersion))
    throw unsupported('The TIFF holds a camera’s raw data, or colours that Keeneye does not read.');
  const bits = Math.max(1, ...tiff.numbers(main, TAG.bitsPerSample));
  if (bits > 16 || number(TAG.sampleFormat, 1) !== 1)
    throw unsupported(`The TIFF has ${bits}-bit or signed samples; 8 and 16 unsigned bits are supported.`);
  checkExtents(tiff, main, bytes.length);
  const icc = tiff.block(main, TAG.icc);
  return {
    ...EVERYTHING_PLAIN,
    width,
    height,
    orientation: exifOrientation(bytes),
    pages: directories.filter((each) => ((tiff.numbers(each, TAG.subfile)[0] ?? 0) & 1) === 0).length,
    colour,
    bitDepth: bits > 8 ? 16 : 8,
    isLossless: true,
    isHdr: !isSdrProfile(icc),
    embedded: {
      exif: exifOfTiff(bytes),
      xmp: tiff.block(main, TAG.xmp),
      iptc: iptcIn(tiff, main),
      icc,
      density: exifDensity(bytes),
    },
  };
}

function openTiff(bytes: Uint8Array) {
  const view = viewOf(bytes);
  const littleEndian = bytes[0] === 0x49;
  const read = (at: number, size: number) => {
    if (size === 1) return view.getUint8(at);
    return size === 2 ? view.getUint16(at, littleEndian) : view.getUint32(at, littleEndian);
  };
  const numbers = ({ fields }: Directory, tag: number): number[] => {
    const field = fields.get(tag);
    const size = field ? (TYPE_BYTES[field.type] ?? 0) : 0;
    return field && [1, 2, 4].includes(size)
      ? Array.from({ length: field.count }, (_, index) => read(field.at + index * size, size))
      : [];
  };
  const block = ({ fields }: Directory, tag: number) => {
    const field = fields.get(tag);
    return field ? bytes.subarray(field.at, field.at + field.count * TYPE_BYTES[field.type]!) : null;
  };
  const directories = () => {
    const found: Directory[] = [];
    for (let at = read(4, 4); at !== 0; at = found.at(-1)!.next) {
      if (found.length === MAX_PAGES) throw unsupported(`The TIFF has more than ${MAX_PAGES} pages.`);
      found.push(readDirectory(read, at, bytes.length));
    }
    if (found.length === 0) throw corrupt('The TIFF has no image in it.');
    return found;
  };
  return { numbers, block, directories };
}

function readDirectory(
  read: (at: number, size: number) => number,
  start: number,
  fileBytes: number,
): Directory {
  const fields = new Map<number, Field>();
  const count = read(start, 2);
  for (let index = 0; index < count; index++) {
    const entry = start + 2 + 12 * index;
    const [type, values] = [read(entry + 2, 2), read(entry + 4, 4)];
    const size = (TYPE_BYTES[type] ?? 0) * values;
    const at = size <= 4 ? entry + 8 : read(entry + 8, 4);
    if (at + size > fileBytes) throw corrupt('A TIFF field leads out of the file.');
    fields.set(read(entry, 2), { type, count: values, at });
  }
  return { fields, next: read(start + 2 + 12 * count, 4) };
}

/** In Photoshop's resources, or by itself: then often padded to whole numbers of 32 bits. */
function iptcIn(tiff: ReturnType<typeof openTiff>, main: Directory): Uint8Array | null {
  const resources = tiff.block(main, TAG.photoshop);
  if (resources) return resources;
  const records = tiff.block(main, TAG.iptc);
  return records && wrapIptc(records);
}

/** Strips or tiles: as many offsets as sizes, all within the file. */
function checkExtents(tiff: ReturnType<typeof openTiff>, main: Directory, fileBytes: number): void {
  const isTiled = main.fields.has(TAG.tileOffsets);
  const offsets = tiff.numbers(main, isTiled ? TAG.tileOffsets : TAG.stripOffsets);
  const sizes = tiff.numbers(main, isTiled ? TAG.tileByteCounts : TAG.stripByteCounts);
  const isWhole = offsets.length > 0 && offsets.length === sizes.length;
  if (!isWhole || offsets.some((offset, index) => offset + sizes[index]! > fileBytes)) {
    throw corrupt('The TIFF’s image data leads out of the file.');
  }
}
