/**
 * JPEG's marker segments (ITU-T T.81 annex B): finds them, takes metadata out of them and puts it back.
 * What the entropy-coded data between them means is `coefficients.ts`' and the decoder's business.
 */
import { corrupt, latin1, tooMany, viewOf } from '../bytes.ts';
import type { Embedded } from '../header.ts';
import { exifDensity } from '../metadata/exif-policy.ts';
import { jfifDensity } from './jfif.ts';

export const EOI = 0xd9;
export const SOS = 0xda;
export const DQT = 0xdb;
export const DHT = 0xc4;
export const DRI = 0xdd;
export const COM = 0xfe;
export const APP0 = 0xe0;
export const APP1 = 0xe1;
const APP2 = 0xe2;
export const APP13 = 0xed;
export const APP14 = 0xee;

export const EXIF = 'Exif\0\0';
export const XMP = 'http://ns.adobe.com/xap/1.0/\0';
const ICC = 'ICC_PROFILE\0';
export const PHOTOSHOP = 'Photoshop 3.0\0';
/** A segment's length field counts itself and has 16 bits. */
const MAX_PAYLOAD_BYTES = 65_533;
/** A file of 100 MB that is nothing but the largest segments has 1,600. */
const MOST_SEGMENTS = 10_000;

export interface Segment {
  /** The marker's second byte, e.g. 0xe1 for APP1. */
  marker: number;
  /** Offset of the marker's first byte, and of the first byte after the segment. */
  start: number;
  end: number;
  /** Without marker and length. */
  payload: Uint8Array;
}

export interface Segments {
  /** In file order; of a scan, its header. */
  list: Segment[];
  /** Offset after the EOI marker; what follows is not part of this image. */
  end: number;
}

/** @throws Decline `corrupt` when a segment leads out of the file, or the end marker is missing; `too-large`. */
export function readSegments(bytes: Uint8Array): Segments {
  const view = viewOf(bytes);
  const list: Segment[] = [];
  let at = 2;
  for (;;) {
    if (bytes[at] !== 0xff) throw corrupt('The JPEG has no marker where one must be, or ends early.');
    while (bytes[at + 1] === 0xff) at++;
    const marker = bytes[at + 1]!;
    if (marker === EOI) return { list, end: at + 2 };
    const end = at + 2 + view.getUint16(at + 2);
    if (end > bytes.length || end < at + 4) throw corrupt('A JPEG segment leads out of the file.');
    if (list.length === MOST_SEGMENTS) throw tooMany('The JPEG', MOST_SEGMENTS, 'segments');
    list.push({ marker, start: at, end, payload: bytes.subarray(at + 4, end) });
    at = marker === SOS ? endOfScan(bytes, end) : end;
  }
}

/** Offset of the first marker that is neither a restart nor a stuffed byte. */
export function endOfScan(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    const isData = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7);
    if (!isData) return at;
  }
  throw corrupt('The JPEG ends before its end marker.');
}

/** APP0 to APP15 and comments. */
export function isMetadata({ marker }: Segment): boolean {
  return (marker >= APP0 && marker <= 0xef) || marker === COM;
}

export function isIcc(segment: Segment): boolean {
  return segment.marker === APP2 && startsWith(segment, ICC);
}

/** Multi-picture format: offsets of images after the first one, which a rewritten file does not have. */
export function isMultiPicture(segment: Segment): boolean {
  return segment.marker === APP2 && startsWith(segment, 'MPF\0');
}

export function startsWith({ payload }: Pick<Segment, 'payload'>, text: string): boolean {
  return latin1(payload, 0, text.length) === text;
}

/** Takes the metadata blocks out of a file's segments; of a split XMP packet the main part. */
export function embeddedIn(list: Segment[]): Embedded {
  const exif = payloadAfter(list, APP1, EXIF);
  return {
    exif,
    xmp: payloadAfter(list, APP1, XMP),
    iptc: payloadAfter(list, APP13, PHOTOSHOP),
    icc: joinedIcc(list),
    density: jfifDensity(list) ?? exifDensity(exif),
  };
}

function payloadAfter(list: Segment[], marker: number, name: string): Uint8Array | null {
  const segment = list.find((each) => each.marker === marker && startsWith(each, name));
  return segment ? segment.payload.subarray(name.length) : null;
}

/** A profile is split over segments, each numbered from 1 (ICC.1:2022 annex B.4); an incomplete one is ignored. */
function joinedIcc(list: Segment[]): Uint8Array | null {
  const parts = list.filter(isIcc).map(({ payload }) => payload.subarray(ICC.length));
  parts.sort((a, b) => a[0]! - b[0]!);
  const whole =
    parts.length > 0 && parts.every((part, index) => part[0] === index + 1 && part[1] === parts.length);
  return whole ? Buffer.concat(parts.map((part) => part.subarray(2))) : null;
}

/** Metadata blocks as segments, ready to insert. XMP and EXIF too large for one segment stay out. */
export function embeddedSegments({ exif, xmp, iptc, icc }: Embedded): Uint8Array[] {
  return [
    ...wrapped(APP1, EXIF, exif),
    ...wrapped(APP1, XMP, xmp),
    ...(icc ? iccSegments(icc) : []),
    ...wrapped(APP13, PHOTOSHOP, iptc),
  ];
}

function wrapped(marker: number, name: string, block: Uint8Array | null): Uint8Array[] {
  if (!block || block.length + name.length > MAX_PAYLOAD_BYTES) return [];
  return [writeSegment(marker, Buffer.concat([Buffer.from(name, 'latin1'), block]))];
}

function iccSegments(icc: Uint8Array): Uint8Array[] {
  const room = MAX_PAYLOAD_BYTES - ICC.length - 2;
  const count = Math.ceil(icc.length / room);
  return Array.from({ length: count }, (_, index) => {
    const numbers = Uint8Array.of(index + 1, count);
    const part = icc.subarray(index * room, (index + 1) * room);
    return writeSegment(APP2, Buffer.concat([Buffer.from(ICC, 'latin1'), numbers, part]));
  });
}

export function writeSegment(marker: number, payload: Uint8Array): Uint8Array {
  const segment = new Uint8Array(payload.length + 4);
  segment.set([0xff, marker, (payload.length + 2) >> 8, (payload.length + 2) & 0xff]);
  segment.set(payload, 4);
  return segment;
}

/** Takes segments out of a JPEG. */
export function withoutSegments(jpeg: Uint8Array, isUnwanted: (segment: Segment) => boolean): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { start, end } of readSegments(jpeg).list.filter(isUnwanted)) {
    parts.push(jpeg.subarray(from, start));
    from = end;
  }
  return Buffer.concat([...parts, jpeg.subarray(from)]);
}

/** Inserts segments after the start of a JPEG, behind a JFIF header where there is one. */
export function insertSegments(jpeg: Uint8Array, segments: Uint8Array[]): Uint8Array {
  if (segments.length === 0) return jpeg;
  const hasJfif = jpeg[3] === APP0;
  const at = hasJfif ? 4 + viewOf(jpeg).getUint16(4) : 2;
  return Buffer.concat([jpeg.subarray(0, at), ...segments, jpeg.subarray(at)]);
}
