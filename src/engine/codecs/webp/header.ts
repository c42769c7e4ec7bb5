/** Reads a WebP's size, kind and metadata (RFC 9649), and checks that the file is whole. */
import { exifOrientation } from '../exif.ts';
import { corrupt, EVERYTHING_PLAIN, type Header, latin1, viewOf } from '../header.ts';
import { isSdrProfile } from '../icc.ts';
import type { Embedded } from '../metadata.ts';
import { FLAGS, findRiffChunk, type RiffChunk, readRiffChunks } from './chunks.ts';

/** @throws Decline('corrupt'). */
export function readWebpHeader(bytes: Uint8Array): Header {
  const chunks = readRiffChunks(bytes);
  const embedded = embeddedIn(chunks);
  const lossless = findRiffChunk(chunks, 'VP8L');
  return {
    ...EVERYTHING_PLAIN,
    ...readFrame(chunks, lossless),
    orientation: exifOrientation(embedded.exif),
    colour: 'rgb',
    bitDepth: 8,
    isLossless: lossless !== null,
    isHdr: !isSdrProfile(embedded.icc),
    embedded,
  };
}

function readFrame(chunks: RiffChunk[], lossless: Uint8Array | null) {
  const extended = findRiffChunk(chunks, 'VP8X');
  const frames = chunks.filter(({ type }) => type === 'ANMF').length;
  if (extended) {
    if (frames === 0 && !lossless && !findRiffChunk(chunks, 'VP8 '))
      throw corrupt('The WebP has no image in it.');
    return { ...readExtendedHeader(extended), pages: Math.max(1, frames) };
  }
  if (lossless) return { ...readLosslessHeader(lossless), pages: 1 };
  return { ...readLossyHeader(findRiffChunk(chunks, 'VP8 ')), hasAlpha: false, pages: 1 };
}

function readExtendedHeader(data: Uint8Array) {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const hasAlpha = (bytes.readUInt8(0) & FLAGS.alpha) !== 0;
  return { width: bytes.readUIntLE(4, 3) + 1, height: bytes.readUIntLE(7, 3) + 1, hasAlpha };
}

/** RFC 9649 §3.4: a signature byte, then 14 bits each of width and height less one, then the alpha bit. */
function readLosslessHeader(data: Uint8Array) {
  const view = viewOf(data);
  if (view.getUint8(0) !== 0x2f) throw corrupt('The WebP has no image in it.');
  const bits = view.getUint32(1, true);
  return {
    width: (bits & 0x3fff) + 1,
    height: ((bits >>> 14) & 0x3fff) + 1,
    hasAlpha: ((bits >>> 28) & 1) === 1,
  };
}

/** RFC 6386 §9.1: a frame tag, a start code, then 14 bits each of width and height. */
function readLossyHeader(data: Uint8Array | null) {
  if (!data || latin1(data, 3, 3) !== '\x9d\x01\x2a') throw corrupt('The WebP has no image in it.');
  const view = viewOf(data);
  return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
}

/** Some writers put JPEG's name before the EXIF block. */
function embeddedIn(chunks: RiffChunk[]): Embedded {
  const exif = findRiffChunk(chunks, 'EXIF');
  const isNamed = exif !== null && latin1(exif, 0, 6) === 'Exif\0\0';
  return {
    exif: isNamed ? exif.subarray(6) : exif,
    xmp: findRiffChunk(chunks, 'XMP '),
    iptc: null,
    icc: findRiffChunk(chunks, 'ICCP'),
  };
}
