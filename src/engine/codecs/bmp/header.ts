/** Reads a BMP's size, depth and profile, and makes sure that its rows lie within the file. */
import type { Limits } from '../../contract.ts';
import { corrupt, viewOf } from '../bytes.ts';
import { EVERYTHING_PLAIN, type Header, NOTHING_EMBEDDED } from '../header.ts';
import { isSdrProfile } from '../icc.ts';
import type { Samples } from '../samples.ts';
import { type Dib, readDib } from './dib.ts';
import { bitsPerChannel, readRows, rowBytes } from './rows.ts';

const FILE_HEADER = 14;

/** @throws Decline `corrupt` or `unsupported`. */
export function readBmpHeader(bytes: Uint8Array, { maxPixels }: Limits): Header {
  const dib = readDib(bytes.subarray(FILE_HEADER));
  const isBeyond = dib.width * dib.height > maxPixels;
  const isCoded = dib.compression.startsWith('rle');
  const stored = isCoded ? 0 : rowBytes(dib.width, dib.bitsPerPixel) * dib.height;
  if (!isBeyond && pixelsAt(bytes, dib) + stored > bytes.length)
    throw corrupt('The BMP ends before its last row.');
  return headerOfDib(dib);
}

/** What a bitmap's header says, in a file or in an icon. */
export function headerOfDib(dib: Dib): Header {
  return {
    ...EVERYTHING_PLAIN,
    width: dib.width,
    height: dib.height,
    colour: 'rgb',
    bitDepth: bitsPerChannel(dib) > 8 ? 16 : 8,
    isLossless: true,
    isHdr: !isSdrProfile(dib.icc),
    embedded: { ...NOTHING_EMBEDDED, icc: dib.icc },
  };
}

/** @throws Decline('corrupt') when rows are missing. */
export function decodeBmp(bytes: Uint8Array): Samples {
  const dib = readDib(bytes.subarray(FILE_HEADER));
  return readRows(bytes.subarray(pixelsAt(bytes, dib)), dib);
}

/** Some writers leave the place of the first pixel 0, or let it point into the header. */
function pixelsAt(bytes: Uint8Array, { headBytes, compression, bitsPerPixel }: Dib): number {
  const said = viewOf(bytes).getUint32(10, true);
  const least = FILE_HEADER + 12;
  if (said >= least && said < bytes.length) return said;
  if (said >= bytes.length)
    throw corrupt(`The BMP’s ${bitsPerPixel}-bit ${compression} pixels lie outside of the file.`);
  return FILE_HEADER + headBytes;
}
