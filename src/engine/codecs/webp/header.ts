/** Reads a WebP's size, kind and metadata (RFC 9649), and checks that the file is whole. */
import { corrupt, latin1 } from '../bytes.ts';
import { exifOrientation } from '../exif.ts';
import { type Embedded, EVERYTHING_PLAIN, type Header } from '../header.ts';
import { isSdrProfile } from '../icc.ts';
import { exifDensity } from '../metadata/exif-policy.ts';
import { findRiffChunk, type RiffChunk, readFrame, readRiffChunks } from './chunks.ts';
import { codedQualityOfWebp } from './coded-quality.ts';

/** @throws Decline('corrupt'). */
export function readWebpHeader(bytes: Uint8Array): Header {
  const chunks = readRiffChunks(bytes);
  const embedded = embeddedIn(chunks);
  const frames = chunks.filter(({ type }) => type === 'ANMF').length;
  const isLossless = findRiffChunk(chunks, 'VP8L') !== null;
  const lossy = findRiffChunk(chunks, 'VP8 ');
  if (frames === 0 && !isLossless && !lossy) throw corrupt('The WebP has no image in it.');
  const { width, height } = readFrame(chunks);
  return {
    ...EVERYTHING_PLAIN,
    width,
    height,
    orientation: exifOrientation(embedded.exif),
    pages: Math.max(1, frames),
    colour: 'rgb',
    bitDepth: 8,
    isLossless,
    codedQuality: lossy && codedQualityOfWebp(lossy),
    isHdr: !isSdrProfile(embedded.icc),
    embedded,
  };
}

/** Some writers put JPEG's name before the EXIF block. */
function embeddedIn(chunks: RiffChunk[]): Embedded {
  const found = findRiffChunk(chunks, 'EXIF');
  const isNamed = found !== null && latin1(found, 0, 6) === 'Exif\0\0';
  const exif = isNamed ? found.subarray(6) : found;
  return {
    exif,
    xmp: findRiffChunk(chunks, 'XMP '),
    iptc: null,
    icc: findRiffChunk(chunks, 'ICCP'),
    density: exifDensity(exif),
  };
}
