/** What masks leave of a PDF's images (ISO 32000-1, 8.9.6, 11.6.5.2): read to judge what is seen, never coded anew. */
import { decodeRgba } from '../codecs/sharp.ts';
import { Decline } from '../contract.ts';
import type { PdfDocument } from './document.ts';
import { decodeFully, filtersOf } from './filters.ts';
import { sizeOf } from './image-size.ts';
import { type Dictionary, isStream, nameOf, numberOf, type Stream } from './objects.ts';

export interface Mask {
  width: number;
  height: number;
  /** How much of what lies beneath is seen, row by row; 255 for all of it. */
  levels: Uint8Array;
}

/** The mask that an image's dictionary names; null where there is none, none that can be read, or one that hides nothing. */
export async function maskOf(
  dictionary: Dictionary,
  document: PdfDocument,
  maxPixels: number,
): Promise<Mask | null> {
  const { resolve } = document;
  const soft = resolve(dictionary.get('SMask'));
  const stencil = resolve(dictionary.get('Mask'));
  const mask = isStream(soft)
    ? await readLevels(soft, document, maxPixels, false)
    : isStream(stencil)
      ? await readLevels(stencil, document, maxPixels, true)
      : null;
  // Where nothing is seen there is nothing to judge by.
  return mask?.levels.some((level) => level > 0) && mask.levels.some((level) => level < 255) ? mask : null;
}

/** @param isStencil whether 0 is where the image is seen. */
async function readLevels(
  stream: Stream,
  document: PdfDocument,
  maxPixels: number,
  isStencil: boolean,
): Promise<Mask | null> {
  const { resolve, budget } = document;
  const { dictionary } = stream;
  const size = sizeOf(dictionary, document);
  const bits = isStencil ? 1 : (numberOf(resolve(dictionary.get('BitsPerComponent'))) ?? 8);
  const isKnown = isStencil || nameOf(resolve(dictionary.get('ColorSpace'))) === 'DeviceGray';
  if (!isKnown || !size || size.width * size.height > maxPixels) return null;
  const first = firstLevel(dictionary, document);
  const layers = decodeFully(stream, filtersOf(stream, resolve) ?? [], budget);
  if (!layers || first === null) return null;
  const [coding, ...others] = layers.filters;
  const samples =
    coding && others.length === 0 && coding.name === 'DCTDecode'
      ? await greyOf(layers.data, size, maxPixels)
      : coding
        ? null
        : unpacked(layers.data, size, bits);
  const isTurned = (first === 1) !== isStencil;
  return samples && { ...size, levels: isTurned ? samples.map((level) => 255 - level) : samples };
}

/** What 0 is mapped to: 0 or 1; null where samples are not mapped to the whole range. */
function firstLevel(dictionary: Dictionary, { resolve }: PdfDocument): 0 | 1 | null {
  const decode = resolve(dictionary.get('Decode'));
  if (!Array.isArray(decode)) return 0;
  const ends = decode.map((item) => numberOf(resolve(item))).join();
  return ends === '0,1' ? 0 : ends === '1,0' ? 1 : null;
}

/** Samples of 1 to 16 bits, each row from a byte of its own, in 8; null where there are too few. */
function unpacked(
  data: Uint8Array,
  { width, height }: Omit<Mask, 'levels'>,
  bits: number,
): Uint8Array | null {
  const rowBytes = Math.ceil((width * bits) / 8);
  if (![1, 2, 4, 8, 16].includes(bits) || data.length < rowBytes * height) return null;
  const levels = new Uint8Array(width * height);
  const most = 2 ** Math.min(8, bits) - 1;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const byte = data[y * rowBytes + ((x * bits) >> 3)]!;
      // Of 16 bits the first eight.
      const shift = bits < 8 ? 8 - bits - ((x * bits) & 7) : 0;
      levels[y * width + x] = (((byte >> shift) & most) * 255) / most;
    }
  return levels;
}

async function greyOf(
  jpeg: Uint8Array,
  { width, height }: Omit<Mask, 'levels'>,
  maxPixels: number,
): Promise<Uint8Array | null> {
  try {
    const pixels = await decodeRgba(jpeg, { maxPixels });
    if (pixels.width !== width || pixels.height !== height) return null;
    return pixels.data.filter((_, at) => at % 4 === 0);
  } catch (error) {
    if (error instanceof Decline) return null;
    throw error;
  }
}

/** The mask at another size: the mean of the samples over each pixel, or the nearest. */
export function alphaAt(mask: Mask, width: number, height: number): Uint8Array {
  if (width === mask.width && height === mask.height) return mask.levels;
  const [columns, rows] = [spans(width, mask.width), spans(height, mask.height)];
  const alpha = new Uint8Array(width * height);
  for (const [y, [top, bottom]] of rows.entries())
    for (const [x, [left, right]] of columns.entries()) {
      let sum = 0;
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++) sum += mask.levels[row * mask.width + column]!;
      alpha[y * width + x] = Math.round(sum / ((bottom - top) * (right - left)));
    }
  return alpha;
}

/** Which of `from` samples lie over each of `to`, at least one. */
function spans(to: number, from: number): [start: number, end: number][] {
  return Array.from({ length: to }, (_, at) => {
    const start = Math.floor((at * from) / to);
    return [start, Math.max(start + 1, Math.floor(((at + 1) * from) / to))];
  });
}
