/**
 * Takes out of metadata what shows the picture as it was: thumbnails and previews in EXIF, XMP and Photoshop's
 * resources. Of a picture that was cropped they would tell what was cut away, of one that was turned they lie wrong.
 */
import { Decline } from '../../contract.ts';
import type { Embedded } from '../header.ts';
import { readSegments } from '../jpeg/segments.ts';
import { withoutPreviewResources } from './iptc.ts';
import { type NumberDirectory, openTiffNumbers, type TiffNumbers } from './tiff-numbers.ts';
import { withoutPreviewProperties } from './xmp.ts';

const SUBDIRECTORIES = 0x014a;
const STRIPS = { offsets: 0x0111, bytes: 0x0117 } as const;
/** Thumbnails are one directory, rarely two; directories may also lead to each other in a circle. */
const MOST_DIRECTORIES = 8;

const START_OF_JPEG = Buffer.of(0xff, 0xd8, 0xff);
/** Markers begin here; what says less is no marker, and what it stands in no JPEG. */
const LEAST_MARKER = 0xc0;

/** From here, to before there. */
type Stretch = [start: number, end: number];

/** @returns the same metadata; XMP and resources that have previews, and cannot be read, are dropped. */
export function withoutPreviews(embedded: Embedded): Embedded {
  const { exif, xmp, iptc } = embedded;
  return {
    ...embedded,
    exif: exif && withoutThumbnail(exif),
    xmp: xmp && withoutPreviewProperties(xmp),
    iptc: iptc && withoutPreviewResources(iptc),
  };
}

/**
 * A copy in which everything else stays where it is, since makers' notes count from the block's beginning: zeros stand
 * where JPEGs and the samples of thumbnails stood, and nothing leads there from the first directory.
 */
export function withoutThumbnail(exif: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(exif);
  const previews = jpegsIn(copy);
  if (copy.length >= 8) {
    const tiff = openTiffNumbers(copy);
    const first = tiff.directory(tiff.long(4));
    previews.push(...(first ? behind(first, tiff, copy.length).flatMap(stripsOf) : []));
    if (first && first.next + 4 <= copy.length) tiff.setLong(first.next, 0);
  }
  for (const [start, end] of previews) copy.fill(0, start, end);
  const last = previews.find(([, end]) => end >= copy.length);
  return last ? copy.subarray(0, last[0]) : copy;
}

/** The directories after the first one, and those that it has within. */
function behind(first: NumberDirectory, tiff: TiffNumbers, length: number): NumberDirectory[] {
  const found: NumberDirectory[] = [];
  const next = ({ next }: NumberDirectory) => (next + 4 <= length ? [tiff.long(next)] : []);
  const starts = [...next(first), ...first.list(SUBDIRECTORIES)];
  for (const start of starts) {
    const directory = found.length < MOST_DIRECTORIES ? tiff.directory(start) : null;
    if (!directory) continue;
    found.push(directory);
    starts.push(...next(directory));
  }
  return found;
}

/** Where the samples of a thumbnail without compression are. */
function stripsOf(directory: NumberDirectory): Stretch[] {
  const lengths = directory.list(STRIPS.bytes);
  const offsets = directory.list(STRIPS.offsets);
  return offsets.flatMap((at, index): Stretch[] => (at < 8 ? [] : [[at, at + (lengths[index] ?? 0)]]));
}

/** Wherever they are: makers' notes hold larger previews than thumbnails. */
function jpegsIn(exif: Uint8Array): Stretch[] {
  const bytes = Buffer.from(exif.buffer, exif.byteOffset, exif.length);
  const found: Stretch[] = [];
  for (let at = bytes.indexOf(START_OF_JPEG); at !== -1; ) {
    const isJpeg = bytes[at + 3]! >= LEAST_MARKER;
    const end = at + (isJpeg ? jpegBytes(bytes.subarray(at)) : 1);
    if (isJpeg) found.push([at, end]);
    at = bytes.indexOf(START_OF_JPEG, end);
  }
  return found;
}

/** @param rest of a block, from a JPEG's first byte on; one that is damaged may be all of it. */
function jpegBytes(rest: Uint8Array): number {
  try {
    return readSegments(rest).end;
  } catch (error) {
    if (error instanceof Decline || error instanceof RangeError) return rest.length;
    throw error;
  }
}
