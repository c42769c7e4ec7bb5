/** WebP's RIFF chunks (RFC 9649 §2): reads them, and writes a file of them. */
import { corrupt, latin1, tooMany, viewOf } from '../bytes.ts';
import type { Embedded } from '../header.ts';
import { iptcInXmp } from '../metadata/iptc-xmp.ts';

export interface RiffChunk {
  /** Four characters, e.g. `VP8 `. */
  type: string;
  data: Uint8Array;
}

/** Bits of the first byte of a VP8X chunk (RFC 9649 §2.7). */
export const FLAGS = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04, animation: 0x02 } as const;

/** Far more than an animation may have frames. */
const MOST_CHUNKS = 100_000;

/** @throws Decline `corrupt` when the file is shorter than it says or a chunk leads out of it; `too-large`. */
export function readRiffChunks(bytes: Uint8Array): RiffChunk[] {
  const view = viewOf(bytes);
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length) throw corrupt('The WebP is shorter than it says.');
  return riffChunks(bytes, 12, end);
}

/** The chunks between two places: a file's, or those of one frame of an animation. */
export function riffChunks(bytes: Uint8Array, start: number, end: number): RiffChunk[] {
  const view = viewOf(bytes);
  const chunks: RiffChunk[] = [];
  for (let at = start; at + 8 <= end; ) {
    const size = view.getUint32(at + 4, true);
    if (at + 8 + size > end) throw corrupt('A WebP chunk leads out of the file.');
    if (chunks.length === MOST_CHUNKS) throw tooMany('The WebP', MOST_CHUNKS, 'chunks');
    chunks.push({ type: latin1(bytes, at, 4), data: bytes.subarray(at + 8, at + 8 + size) });
    at += 8 + size + (size % 2);
  }
  return chunks;
}

/** A still WebP of one image's chunks. */
export function stillWebp(chunks: RiffChunk[]): Uint8Array {
  const image = chunks.filter(({ type }) => ['ALPH', 'VP8 ', 'VP8L'].includes(type));
  const alpha = image.some(({ type }) => type === 'ALPH');
  if (!alpha) return writeRiffChunks(image);
  const { width, height } = readFrame(image);
  return writeRiffChunks([{ type: 'VP8X', data: extendedHeader(FLAGS.alpha, width, height) }, ...image]);
}

export function findRiffChunk(chunks: RiffChunk[], type: string): Uint8Array | null {
  return chunks.find((chunk) => chunk.type === type)?.data ?? null;
}

/** Adds metadata to a still WebP that has none. */
export function embedInWebp(webp: Uint8Array, embedded: Embedded): Uint8Array {
  const { icc, exif, xmp, iptc } = embedded;
  return icc || exif || xmp || iptc ? repackWebp(webp, embedded) : webp;
}

/** A still WebP's own image with this metadata and none of what it had. */
export function repackWebp(webp: Uint8Array, embedded: Embedded): Uint8Array {
  const { icc, exif, xmp } = iptcInXmp(embedded);
  const chunks = readRiffChunks(webp);
  const { width, height, hasAlpha } = readFrame(chunks);
  const image = chunks.filter(({ type }) => ['ALPH', 'VP8 ', 'VP8L'].includes(type));
  if (!icc && !exif && !xmp && !hasAlpha) return writeRiffChunks(image);
  const flags = [icc && FLAGS.icc, exif && FLAGS.exif, xmp && FLAGS.xmp, hasAlpha && FLAGS.alpha];
  return writeRiffChunks([
    {
      type: 'VP8X',
      data: extendedHeader(
        flags.reduce<number>((all, flag) => all | (flag || 0), 0),
        width,
        height,
      ),
    },
    ...(icc ? [{ type: 'ICCP', data: icc }] : []),
    ...image,
    ...(exif ? [{ type: 'EXIF', data: exif }] : []),
    ...(xmp ? [{ type: 'XMP ', data: xmp }] : []),
  ]);
}

export interface Frame {
  width: number;
  height: number;
  hasAlpha: boolean;
}

/**
 * Size and alpha, from the extended header where there is one, else from the image's own.
 * @throws Decline('corrupt') when there is no image.
 */
export function readFrame(chunks: RiffChunk[]): Frame {
  const extended = findRiffChunk(chunks, 'VP8X');
  if (extended) return readExtendedHeader(extended);
  const lossless = findRiffChunk(chunks, 'VP8L');
  if (lossless) return readLosslessHeader(lossless);
  return { ...readLossyHeader(findRiffChunk(chunks, 'VP8 ')), hasAlpha: false };
}

function readExtendedHeader(data: Uint8Array): Frame {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const hasAlpha = (bytes.readUInt8(0) & FLAGS.alpha) !== 0;
  return { width: bytes.readUIntLE(4, 3) + 1, height: bytes.readUIntLE(7, 3) + 1, hasAlpha };
}

/** RFC 9649 §3.4: a signature byte, then 14 bits each of width and height less one, then the alpha bit. */
function readLosslessHeader(data: Uint8Array): Frame {
  const view = viewOf(data);
  if (view.getUint8(0) !== 0x2f) throw corrupt('The WebP has no image in it.');
  const bits = view.getUint32(1, true);
  const [width, height] = [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
  return { width, height, hasAlpha: ((bits >>> 28) & 1) === 1 };
}

/** RFC 6386 §9.1: a frame tag, a start code, then 14 bits each of width and height. */
function readLossyHeader(data: Uint8Array | null): { width: number; height: number } {
  if (!data || latin1(data, 3, 3) !== '\x9d\x01\x2a') throw corrupt('The WebP has no image in it.');
  const view = viewOf(data);
  return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
}

/** The content of VP8X. */
export function extendedHeader(flags: number, width: number, height: number): Uint8Array {
  const header = Buffer.alloc(10);
  header.writeUInt8(flags, 0);
  header.writeUIntLE(width - 1, 4, 3);
  header.writeUIntLE(height - 1, 7, 3);
  return header;
}

export function writeRiffChunks(chunks: RiffChunk[]): Uint8Array {
  const body = Buffer.concat(
    chunks.flatMap(({ type, data }) => {
      const head = Buffer.alloc(8);
      head.write(type, 0, 'latin1');
      head.writeUInt32LE(data.length, 4);
      return [head, data, Buffer.alloc(data.length % 2)];
    }),
  );
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  head.writeUInt32LE(body.length + 4, 4);
  return Buffer.concat([head, body]);
}
