/**
 * Reads Windows icons: of all the sizes in one, the largest and deepest is the image (Microsoft, "Icons in Win32"). It is
 * a PNG, or a bitmap with a second, 1-bit one below it that says where the first is transparent.
 */

import { type Dib, readDib } from '../bmp/dib.ts';
import { headerOfDib } from '../bmp/header.ts';
import { hidesAll, readRows, rowBytes } from '../bmp/rows.ts';
import { corrupt, viewOf } from '../bytes.ts';
import type { Header } from '../header.ts';
import { readPngHeader } from '../png/header.ts';
import type { Samples } from '../samples.ts';

const DIRECTORY_BYTES = 6;
const ENTRY_BYTES = 16;
const PNG_SIGNATURE = 0x89504e47;

/** @throws Decline `corrupt` or `unsupported`. */
export function readIcoHeader(bytes: Uint8Array, maxIccBytes: number): Header {
  const image = largestImage(bytes);
  if (isPng(image)) {
    const header = readPngHeader(image, maxIccBytes);
    if (header.pages > 1) throw corrupt('The icon’s image is an animation.');
    return header;
  }
  return headerOfDib(readIconDib(image));
}

/**
 * @returns the PNG in an icon as it is, else samples, with alpha.
 * @throws Decline('corrupt') when rows are missing.
 */
export function decodeIco(bytes: Uint8Array): Uint8Array | Samples {
  const image = largestImage(bytes);
  if (isPng(image)) return image;
  const dib = readIconDib(image);
  const rows = image.subarray(dib.headBytes);
  const samples = readRows(rows, dib);
  const maskAt = rowBytes(dib.width, dib.bitsPerPixel) * dib.height;
  return dib.masks.alpha !== 0 && !hidesAll(samples) ? samples : cutOut(samples, rows.subarray(maskAt), dib);
}

function isPng(image: Uint8Array): boolean {
  return viewOf(image).getUint32(0) === PNG_SIGNATURE;
}

/** By width and height, then by depth; sides of 256 and more are written as 0. */
function largestImage(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes);
  const entries = Array.from({ length: view.getUint16(4, true) }, (_, index) => {
    const at = DIRECTORY_BYTES + index * ENTRY_BYTES;
    const area = (view.getUint8(at) || 256) * (view.getUint8(at + 1) || 256);
    return { rank: area * 256 + view.getUint16(at + 6, true), at };
  });
  if (entries.length === 0) throw corrupt('The icon has no image in it.');
  const { at } = entries.reduce((best, each) => (each.rank > best.rank ? each : best));
  const [size, start] = [view.getUint32(at + 8, true), view.getUint32(at + 12, true)];
  if (start + size > bytes.length) throw corrupt('The icon’s image leads out of the file.');
  return bytes.subarray(start, start + size);
}

/** Its height counts the mask in; 32 bits a pixel hold alpha, whatever the header says of it. */
function readIconDib(image: Uint8Array): Dib {
  const dib = readDib(image);
  if (dib.compression.startsWith('rle')) throw corrupt('The icon’s bitmap is run-length coded.');
  const masks =
    dib.bitsPerPixel === 32 && dib.compression === 'none' ? { ...dib.masks, alpha: 0xff000000 } : dib.masks;
  const height = Math.floor(dib.height / 2);
  if (height === 0) throw corrupt('The icon’s bitmap has no rows.');
  return { ...dib, height, masks, icc: null };
}

/** Makes transparent what a mask has a 1 for. */
function cutOut(samples: Samples, mask: Uint8Array, { topDown, width, height }: Dib): Samples {
  const stride = rowBytes(width, 1);
  if (stride * height > mask.length) throw corrupt('The icon ends before its mask does.');
  const data = new Uint8Array(width * height * 4);
  for (let y = 0, to = 0; y < height; y++) {
    const row = (topDown ? y : height - 1 - y) * stride;
    for (let x = 0; x < width; x++, to += 4) {
      const from = (to / 4) * samples.channels;
      for (let channel = 0; channel < 3; channel++) data[to + channel] = samples.data[from + channel]!;
      data[to + 3] = ((mask[row + (x >> 3)]! >> (7 - (x & 7))) & 1) === 1 ? 0 : 255;
    }
  }
  return { data, width, height, channels: 4 };
}
