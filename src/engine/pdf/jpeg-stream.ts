/** JPEG as PDF stores it: the document, not the file's metadata, says what its samples mean (ISO 32000-1, 7.4.8). */
import { NOTHING_EMBEDDED } from '../codecs/header.ts';
import {
  APP0,
  APP14,
  embeddedSegments,
  insertSegments,
  isMetadata,
  readSegments,
  type Segment,
  startsWith,
} from '../codecs/jpeg/segments.ts';
import { Decline } from '../contract.ts';
import { type Dictionary, numberOf } from './objects.ts';

/** Without metadata, which PDF viewers do not heed, an orientation above all; null where its segments are damaged. */
export function bareJpeg(jpeg: Uint8Array): Uint8Array | null {
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) return null;
  const found = segmentsOf(jpeg);
  if (!found) return null;
  const { list, end } = found;
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const segment of list.filter(isMere)) {
    parts.push(jpeg.subarray(from, segment.start));
    from = segment.end;
  }
  return Buffer.concat([...parts, jpeg.subarray(from, end)]);
}

/** Metadata segments of a JPEG, ready to insert. */
export function metadataOf(jpeg: Uint8Array): Uint8Array[] {
  const { list = [] } = segmentsOf(jpeg) ?? {};
  return list.filter(isMere).map(({ start, end }) => jpeg.subarray(start, end));
}

export function tagJpeg(jpeg: Uint8Array, icc: Uint8Array | null | 0): Uint8Array {
  return icc ? insertSegments(jpeg, embeddedSegments({ ...NOTHING_EMBEDDED, icc })) : jpeg;
}

/** JFIF's and Adobe's segments say how components become colours. */
function isMere(segment: Segment): boolean {
  return isMetadata(segment) && ![APP0, APP14].includes(segment.marker);
}

function segmentsOf(jpeg: Uint8Array) {
  try {
    return readSegments(jpeg);
  } catch (error) {
    if (error instanceof Decline || error instanceof RangeError) return null;
    throw error;
  }
}

/** A frame header's marker; DHT, JPG and DAC lie among these (ITU-T T.81 table B.1). */
const isFrame = ({ marker }: Segment) =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Components of a JPEG; 0 where it has no frame. */
export function componentsOf(jpeg: Uint8Array): number {
  return segmentsOf(jpeg)?.list.find(isFrame)?.payload[5] ?? 0;
}

/**
 * Whether viewers take the components of both for the same colours: by Adobe's segment before the stream's parameters
 * (table 13); of four components its mere presence counts, too, as some viewers then invert them.
 */
export function samePdfColours(
  before: Uint8Array,
  after: Uint8Array,
  parameters: Dictionary | null,
): boolean {
  const components = componentsOf(before);
  if (components !== componentsOf(after)) return false;
  const [a, b] = [adobeTransform(before), adobeTransform(after)];
  if (components === 4) return a === b;
  const usual = numberOf(parameters?.get('ColorTransform')) ?? 1;
  return components === 1 || (a ?? usual) === (b ?? usual);
}

/** What Adobe's segment says that the components are; null without one. */
export function adobeTransform(jpeg: Uint8Array): number | null {
  const adobe = segmentsOf(jpeg)?.list.find(
    (segment) => segment.marker === APP14 && startsWith(segment, 'Adobe'),
  );
  return adobe?.payload[11] ?? null;
}
