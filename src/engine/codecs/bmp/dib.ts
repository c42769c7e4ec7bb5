/**
 * Reads the header of a device-independent bitmap, as it stands in BMP files and in icons: every version from OS/2's
 * core header to Windows' fifth (Microsoft, [MS-WMF] §2.2.2; wingdi.h). Where its pixels lie is its container's to say.
 */
import { corrupt, unsupported, viewOf } from '../bytes.ts';

export type Compression = 'none' | 'rle8' | 'rle4' | 'masks';

/** Which bits of a pixel hold a channel; 0 where there is no such channel. */
export interface Masks {
  red: number;
  green: number;
  blue: number;
  alpha: number;
}

export interface Dib {
  width: number;
  height: number;
  /** Whether the first row in the file is the topmost. */
  topDown: boolean;
  bitsPerPixel: number;
  compression: Compression;
  /** Of 16 and 32 bits a pixel. */
  masks: Masks;
  /** Red, green and blue of each colour, of up to 8 bits a pixel. */
  palette: Uint8Array;
  /** Where header and palette end, from the header's start. */
  headBytes: number;
  icc: Uint8Array | null;
}

const CORE = 12;
const HEADER_BYTES = [CORE, 16, 40, 52, 56, 64, 108, 124];
/** Only these are Windows' own, whose compressions 3 and 4 mean something else than OS/2's. */
const OS2 = [16, 64];
const COMPRESSIONS: (Compression | undefined)[] = [
  'none',
  'rle8',
  'rle4',
  'masks',
  undefined,
  undefined,
  'masks',
];
const ALPHA_MASKS = 6;
const DEPTHS: Record<Compression, number[]> = {
  none: [1, 2, 4, 8, 16, 24, 32],
  rle8: [8],
  rle4: [4],
  masks: [16, 32],
};
const PLAIN_MASKS: Record<number, Masks> = {
  16: { red: 0x7c00, green: 0x3e0, blue: 0x1f, alpha: 0 },
  32: { red: 0xff0000, green: 0xff00, blue: 0xff, alpha: 0 },
};
const NO_MASKS: Masks = { red: 0, green: 0, blue: 0, alpha: 0 };
/** `MBED`: the profile is in the file. */
const EMBEDDED_PROFILE = 0x4d424544;

/**
 * @param bytes from the bitmap's header on.
 * @throws Decline `corrupt` or `unsupported`; RangeError when the bytes end within the header.
 */
export function readDib(bytes: Uint8Array): Dib {
  const view = viewOf(bytes);
  const size = view.getUint32(0, true);
  if (!HEADER_BYTES.includes(size))
    throw unsupported(`The bitmap has a header of ${size} bytes, an unknown kind.`);
  const isCore = size === CORE;
  const [width, signedHeight] = isCore
    ? [view.getUint16(4, true), view.getUint16(6, true)]
    : [view.getInt32(4, true), view.getInt32(8, true)];
  if (width <= 0 || signedHeight === 0) throw corrupt('The bitmap says that it has no pixels.');
  const [planes, bitsPerPixel] = [
    view.getUint16(isCore ? 8 : 12, true),
    view.getUint16(isCore ? 10 : 14, true),
  ];
  if (planes !== 1) throw corrupt(`The bitmap says that it has ${planes} planes instead of one.`);
  const method = size < 40 ? 0 : view.getUint32(16, true);
  const compression = compressionOf(method, size, bitsPerPixel);
  const topDown = signedHeight < 0;
  if (topDown && compression.startsWith('rle'))
    throw corrupt('The bitmap is run-length coded from the top down.');
  const masksBehind = size === 40 && compression === 'masks' ? (method === ALPHA_MASKS ? 16 : 12) : 0;
  const palette = readPalette(bytes, size + masksBehind, bitsPerPixel, isCore);
  return {
    width,
    height: Math.abs(signedHeight),
    topDown,
    bitsPerPixel,
    compression,
    masks: readMasks(view, compression, bitsPerPixel, Math.max(size, 40 + masksBehind)),
    palette: palette.colours,
    headBytes: size + masksBehind + palette.bytes,
    icc: size === 124 && view.getUint32(56, true) === EMBEDDED_PROFILE ? readProfile(bytes, view) : null,
  };
}

function compressionOf(method: number, headerBytes: number, bitsPerPixel: number): Compression {
  const isOs2 = OS2.includes(headerBytes) && method > 2;
  const compression = isOs2 ? undefined : COMPRESSIONS[method];
  if (!compression)
    throw unsupported(`The bitmap is compressed in a way (${method}) that Keeneye does not read.`);
  if (!DEPTHS[compression].includes(bitsPerPixel))
    throw unsupported(
      `The bitmap has ${bitsPerPixel} bits a pixel, compressed as ${method}: an unknown kind.`,
    );
  return compression;
}

/** @param maskedBytes how much of the header there is for masks, which begin at 40. */
function readMasks(
  view: DataView,
  compression: Compression,
  bitsPerPixel: number,
  maskedBytes: number,
): Masks {
  if (compression !== 'masks') return PLAIN_MASKS[bitsPerPixel] ?? NO_MASKS;
  const at = (index: number) => view.getUint32(40 + 4 * index, true);
  const masks = { red: at(0), green: at(1), blue: at(2), alpha: maskedBytes >= 56 ? at(3) : 0 };
  const areWhole = Object.values(masks).every((mask) => isContiguous(mask) && mask < 2 ** bitsPerPixel);
  if (!areWhole) throw corrupt('The bitmap’s channels are made of bits that do not belong together.');
  return masks;
}

function isContiguous(mask: number): boolean {
  if (mask === 0) return true;
  const run = mask / (mask & -mask) + 1;
  return Number.isInteger(Math.log2(Math.abs(run)));
}

/** Blue, green, red, and in all but core headers one unused byte; no more colours than pixels can name. */
function readPalette(bytes: Uint8Array, start: number, bitsPerPixel: number, isCore: boolean) {
  const most = bitsPerPixel <= 8 ? 2 ** bitsPerPixel : 0;
  const size = viewOf(bytes).getUint32(0, true);
  const used = size >= 40 ? viewOf(bytes).getUint32(32, true) : 0;
  const step = isCore ? 3 : 4;
  const count = Math.min(most, used || most);
  const room = Math.max(0, Math.floor((bytes.length - start) / step));
  if (count > room) throw corrupt('The bitmap’s palette leads out of the file.');
  const colours = new Uint8Array(3 * count);
  for (let index = 0; index < count; index++) {
    const at = start + step * index;
    colours.set([bytes[at + 2]!, bytes[at + 1]!, bytes[at]!], 3 * index);
  }
  return { colours, bytes: step * (used > most && most > 0 ? used : count) };
}

function readProfile(bytes: Uint8Array, view: DataView): Uint8Array {
  const [start, size] = [view.getUint32(112, true), view.getUint32(116, true)];
  if (start + size > bytes.length) throw corrupt('The bitmap’s colour profile leads out of the file.');
  return bytes.subarray(start, start + size);
}
