/**
 * Turns a JPEG as it is coded: coefficients change places, nothing is decoded and coded anew. Its metadata come along
 * as the policy says, and are made true for the image as it lies now.
 */
import type { EffortLevel, MetadataPolicy } from '../../contract.ts';
import type { Source } from '../../inspect.ts';
import { uprightDensity } from '../density.ts';
import { orientationExif } from '../exif.ts';
import type { Embedded } from '../header.ts';
import { withoutPreviewResources } from '../metadata/iptc.ts';
import { type Size, uprightXmp } from '../metadata/stated-size.ts';
import { withoutPreviewProperties } from '../metadata/xmp.ts';
import { embeddedAsStored } from '../metadata.ts';
import type { Turning } from '../turning.ts';
import { digestCoefficients, readCoefficients } from './coefficients.ts';
import { embedInJpeg } from './embed.ts';
import { readLayout } from './layout.ts';
import {
  APP0,
  APP1,
  APP13,
  APP14,
  EXIF,
  insertSegments,
  PHOTOSHOP,
  readSegments,
  type Segment,
  startsWith,
  writeSegment,
  XMP,
} from './segments.ts';
import { allSegments, packJpeg } from './transcode.ts';
import { turnCoefficients, turnedLayout } from './turned-coefficients.ts';
import { turnExif } from './turned-exif.ts';
import { writeCoefficients } from './write-coefficients.ts';

/**
 * @param source a JPEG that has been decoded once, since what is missing of a scan's data counts as zeros here.
 * @param effort `fast` leaves it at sequential coding with the best Huffman tables.
 * @returns null where the image is too small to be turned (`turnedSize`).
 * @throws Decline `unsupported` when its coefficients are out of range.
 */
export async function turnJpeg(
  source: Source,
  turning: Turning,
  policy: MetadataPolicy,
  effort: EffortLevel,
): Promise<Uint8Array | null> {
  const turned = turnCoefficients(readCoefficients(source.bytes), turning);
  if (!turned) return null;
  const { width, height } = turned;
  const file = writeCoefficients(turned, colourSegments(source.bytes, turning));
  const packed = effort === 'fast' ? null : await packJpeg(file, effort);
  const smaller = packed && packed.length < file.length ? packed : file;
  if (policy === 'all') {
    const segments = allSegments(source.bytes).flatMap((segment) =>
      turnSegment(segment, turning, { width, height }),
    );
    return insertSegments(smaller, segments);
  }
  return embedInJpeg(smaller, turnEmbedded(embeddedAsStored(source, policy), turning, { width, height }));
}

/** Whether a JPEG holds just what another one holds, turned. */
export function isTurned(jpeg: Uint8Array, original: Uint8Array, turning: Turning): boolean {
  const turned = turnCoefficients(readCoefficients(original), turning);
  return turned !== null && digestCoefficients(turned) === digestCoefficients(readCoefficients(jpeg));
}

/**
 * The size that a JPEG has when it is turned: what would come to the left or the top when it is mirrored is cut to
 * whole units of 8 to 32 pixels.
 * @returns null when nothing would be left.
 */
export function turnedSize(jpeg: Uint8Array, turning: Turning): Size | null {
  const frame = readSegments(jpeg).list.find(({ marker }) => marker >= 0xc0 && marker <= 0xc2);
  return frame ? turnedLayout(readLayout(frame).layout, turning) : null;
}

/** What says how components become colours: JFIF's header, without its thumbnail, and Adobe's segment. */
function colourSegments(jpeg: Uint8Array, { transposes }: Turning): Uint8Array[] {
  const { list } = readSegments(jpeg);
  const jfif = list.find(
    (segment) => segment.marker === APP0 && startsWith(segment, 'JFIF\0') && segment.payload.length >= 14,
  );
  const adobe = list.find((segment) => segment.marker === APP14 && startsWith(segment, 'Adobe'));
  const raw = ({ start, end }: Segment) => jpeg.subarray(start, end);
  return [...(jfif ? [turnJfif(jfif.payload, transposes)] : []), ...(adobe ? [raw(adobe)] : [])];
}

/** Name, version, unit, densities across and down, size of the thumbnail (JFIF 1.02). */
function turnJfif(payload: Uint8Array, transposes: boolean): Uint8Array {
  const [across, down] = [payload.subarray(8, 10), payload.subarray(10, 12)];
  const densities = transposes ? [...down, ...across] : [...across, ...down];
  return writeSegment(APP0, Uint8Array.of(...payload.subarray(0, 8), ...densities, 0, 0));
}

/** Without a word of the orientation where nothing else is said. */
function turnEmbedded(embedded: Embedded, turning: Turning, size: Size): Embedded {
  const { exif, xmp, density } = embedded;
  const isBare = exif !== null && exif.length === orientationExif(1).length;
  return {
    ...embedded,
    exif: exif && !isBare ? turnExif(exif, turning, size) : null,
    xmp: xmp && uprightXmp(xmp, size),
    density: uprightDensity(density, turning.transposes ? 6 : 1),
  };
}

/** Previews elsewhere than in EXIF are dropped, not turned; with them what is nothing else. */
function turnSegment(segment: Uint8Array, turning: Turning, size: Size): Uint8Array[] {
  const [marker, payload] = [segment[1]!, segment.subarray(4)];
  const rewritten = (name: string, turn: (block: Uint8Array) => Uint8Array | null) => {
    const block = turn(payload.subarray(name.length));
    return block ? [writeSegment(marker, Buffer.concat([Buffer.from(name, 'latin1'), block]))] : [];
  };
  const isOf = (of: number, name: string) => marker === of && startsWith({ payload }, name);
  if (isOf(APP1, EXIF)) return rewritten(EXIF, (exif) => turnExif(exif, turning, size));
  if (isOf(APP1, XMP)) return rewritten(XMP, (xmp) => turnXmp(xmp, size));
  return isOf(APP13, PHOTOSHOP) ? rewritten(PHOTOSHOP, withoutPreviewResources) : [segment];
}

function turnXmp(xmp: Uint8Array, size: Size): Uint8Array | null {
  const kept = withoutPreviewProperties(xmp);
  return kept && uprightXmp(kept, size);
}
