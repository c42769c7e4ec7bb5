/**
 * What of an EXIF block a policy keeps, rebuilt as a block that holds nothing else: no gaps, no thumbnail, nothing
 * behind the last field. Also takes out of a TIFF file what describes its image.
 */
import type { MetadataPolicy } from '../../contract.ts';
import { CM_PER_INCH, type Density, densityOf } from '../density.ts';
import {
  type Directories,
  type Field,
  numberBytes,
  readDirectories,
  writeDirectories,
} from './exif-directories.ts';

const TAG = {
  orientation: 0x0112,
  xResolution: 0x011a,
  yResolution: 0x011b,
  resolutionUnit: 0x0128,
} as const;
const SHORT = 3;
const RATIONAL = 5;

/** Artist, Copyright, Windows' author, and EXIF 3.0's photographer and editor. */
const COPYRIGHT_TAGS = new Set([0x013b, 0x8298, 0x9c9d, 0xa437, 0xa438]);

/**
 * Host computer, whose name is often its owner's; serial numbers of camera, body and lens; owner; unique ids;
 * maker's and raw converters' notes; padding; and GeoTIFF's places.
 */
const PRIVATE_TAGS = new Set([
  0x013c, 0x830e, 0x8480, 0x8482, 0x85d8, 0x87af, 0x87b0, 0x87b1, 0x927c, 0xa420, 0xa430, 0xa431, 0xa435,
  0xc62f, 0xc634, 0xc65d, 0xc68b, 0xea1c, 0xea1d,
]);

/** Tags that say how a TIFF's samples lie in its file, or hold the blocks that are kept elsewhere: XMP, IPTC, ICC. */
function isStructure(tag: number): boolean {
  const ranges = [
    [0x00fe, 0x010a],
    [0x0111, 0x0111],
    [0x0115, 0x0119],
    [0x011c, 0x011c],
    [0x0120, 0x0125],
    [0x013d, 0x013d],
    [0x0140, 0x015b],
    [0x0200, 0x0214],
    [0x02bc, 0x02bc],
    [0x83bb, 0x83bb],
    [0x8568, 0x8568],
    [0x8649, 0x8649],
    [0x8773, 0x8773],
  ];
  return ranges.some(([first, last]) => tag >= first! && tag <= last!);
}

/**
 * The part of a block that a policy other than `all` keeps; with it the orientation and the density of what it
 * comes to stand in.
 * @returns null when nothing but the density is left, or the block cannot be read.
 */
export function filterExif(
  exif: Uint8Array,
  policy: Exclude<MetadataPolicy, 'all'>,
  orientation: number,
  density: Density | null,
): Uint8Array | null {
  const all = readDirectories(exif, (tag) => !isStructure(tag));
  if (!all) return null;
  const kept =
    policy === 'copyright' ? filterDirectories(all, isCopyright) : filterDirectories(all, isPublic);
  if (kept.main.length + kept.exif.length + kept.interoperability.length === 0) return null;
  const { littleEndian } = all;
  const main = kept.main.filter(({ tag }) => !(Object.values(TAG) as number[]).includes(tag));
  if (orientation !== 1) main.push(shortField(TAG.orientation, orientation, littleEndian));
  return writeDirectories({ ...kept, main: [...main, ...densityFields(density, littleEndian)] });
}

function filterDirectories(all: Directories, isKept: (field: Field) => boolean): Directories {
  return {
    littleEndian: all.littleEndian,
    main: all.main.filter(isKept),
    exif: all.exif.filter(isKept),
    gps: [],
    interoperability: isKept === isPublic ? all.interoperability : [],
  };
}

function isCopyright({ tag }: Field): boolean {
  return COPYRIGHT_TAGS.has(tag);
}

function isPublic({ tag }: Field): boolean {
  return !PRIVATE_TAGS.has(tag);
}

/** What describes the image in a TIFF file, as an EXIF block; null where nothing does. */
export function exifOfTiff(file: Uint8Array): Uint8Array | null {
  const directories = readDirectories(file, (tag) => !isStructure(tag));
  return directories && writeDirectories(directories);
}

/** What an EXIF block says of the density; null where it says nothing, or not more than everybody supposes. */
export function exifDensity(exif: Uint8Array | null): Density | null {
  const wanted: number[] = Object.values(TAG);
  const directories = exif && readDirectories(exif, (tag) => wanted.includes(tag));
  if (!directories) return null;
  const { main, littleEndian } = directories;
  const numberOf = (tag: number, type: number) => {
    const field = main.find((each) => each.tag === tag && each.type === type);
    return field && numberIn(field, littleEndian);
  };
  const [across, down] = [numberOf(TAG.xResolution, RATIONAL), numberOf(TAG.yResolution, RATIONAL)];
  if (across === undefined || down === undefined) return null;
  const unit = numberOf(TAG.resolutionUnit, SHORT) ?? 2;
  if (unit === 3) return densityOf(across * CM_PER_INCH, down * CM_PER_INCH, 'inch');
  return densityOf(across, down, unit === 1 ? 'ratio' : 'inch');
}

function numberIn({ type, value }: Field, littleEndian: boolean): number {
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  if (type === SHORT) return view.getUint16(0, littleEndian);
  return view.getUint32(0, littleEndian) / view.getUint32(4, littleEndian);
}

/** A block that says nothing but a density. */
export function densityExif(density: Density): Uint8Array {
  const main = densityFields(density, false);
  return writeDirectories({ littleEndian: false, main, exif: [], gps: [], interoperability: [] })!;
}

function densityFields(density: Density | null, littleEndian: boolean): Field[] {
  if (!density) return [];
  const { across, down, unit } = density;
  return [
    rationalField(TAG.xResolution, across, littleEndian),
    rationalField(TAG.yResolution, down, littleEndian),
    shortField(TAG.resolutionUnit, unit === 'inch' ? 2 : 1, littleEndian),
  ];
}

function shortField(tag: number, value: number, littleEndian: boolean): Field {
  return { tag, type: SHORT, count: 1, value: numberBytes(value, 2, littleEndian) };
}

/** To a thousandth. */
function rationalField(tag: number, value: number, littleEndian: boolean): Field {
  const whole = Number.isInteger(value);
  const [numerator, denominator] = whole ? [value, 1] : [Math.round(value * 1000), 1000];
  const bytes = [numerator, denominator].map((number) => numberBytes(number, 4, littleEndian));
  return { tag, type: RATIONAL, count: 1, value: Buffer.concat(bytes) };
}
