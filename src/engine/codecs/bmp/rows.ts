/**
 * Turns a bitmap's rows into samples: palettes, packed channels, runs. Limits on its size are checked before, by whoever
 * read the header.
 */
import { corrupt, viewOf } from '../bytes.ts';
import type { Samples } from '../samples.ts';
import type { Dib, Masks } from './dib.ts';
import { expandRuns } from './runs.ts';

/** Bytes of a row: whole groups of four. */
export function rowBytes(width: number, bitsPerPixel: number): number {
  return Math.ceil((width * bitsPerPixel) / 32) * 4;
}

/** Bits of the widest channel; more than 8 make samples of 16 bits. */
export function bitsPerChannel({ masks }: Dib): number {
  return Math.max(...Object.values(masks).map(bitsIn));
}

/**
 * @param bytes from the first pixel on; more than the rows need may follow.
 * @returns samples from the top down, with alpha where the header names bits for it and some are set.
 * @throws Decline('corrupt') when rows are missing.
 */
export function readRows(bytes: Uint8Array, dib: Dib): Samples {
  const { compression, bitsPerPixel, width, height } = dib;
  if (compression.startsWith('rle')) return paletteToSamples(expandRuns(bytes, dib), dib);
  if (rowBytes(width, bitsPerPixel) * height > bytes.length)
    throw corrupt('The bitmap ends before its last row.');
  if (bitsPerPixel <= 8) return paletteToSamples(unpackIndices(bytes, dib), dib);
  return bitsPerPixel === 24 ? readBytes(bytes, dib) : readMasked(bytes, dib);
}

/** The row in the file that holds the `y`th from the top. */
function storedRow(y: number, { topDown, height }: Dib): number {
  return topDown ? y : height - 1 - y;
}

/** One index a pixel, from the top down; the leftmost pixel is in the highest bits. */
function unpackIndices(bytes: Uint8Array, dib: Dib): Int16Array {
  const { width, height, bitsPerPixel } = dib;
  const stride = rowBytes(width, bitsPerPixel);
  const [perByte, mask] = [8 / bitsPerPixel, 2 ** bitsPerPixel - 1];
  const indices = new Int16Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    const start = storedRow(y, dib) * stride;
    for (let x = 0; x < width; x++) {
      const shift = 8 - bitsPerPixel * ((x % perByte) + 1);
      indices[to++] = (bytes[start + Math.floor(x / perByte)]! >> shift) & mask;
    }
  }
  return indices;
}

/** Colours that a palette does not have are black; pixels that runs skipped (-1) are transparent, as browsers show them. */
function paletteToSamples(indices: Int16Array, { width, height, palette }: Dib): Samples {
  const channels = indices.includes(-1) ? 4 : 3;
  const data = new Uint8Array(indices.length * channels);
  for (let at = 0, to = 0; at < indices.length; at++, to += channels) {
    const index = indices[at]!;
    if (index === -1) continue;
    for (let channel = 0; channel < 3; channel++) data[to + channel] = palette[3 * index + channel] ?? 0;
    if (channels === 4) data[to + 3] = 255;
  }
  return { data, width, height, channels };
}

function readBytes(bytes: Uint8Array, dib: Dib): Samples {
  const { width, height } = dib;
  const stride = rowBytes(width, 24);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    let from = storedRow(y, dib) * stride;
    for (let x = 0; x < width; x++, from += 3, to += 3) {
      data[to] = bytes[from + 2]!;
      data[to + 1] = bytes[from + 1]!;
      data[to + 2] = bytes[from]!;
    }
  }
  return { data, width, height, channels: 3 };
}

function readMasked(bytes: Uint8Array, dib: Dib): Samples {
  const { width, height, bitsPerPixel, masks } = dib;
  const view = viewOf(bytes);
  const [stride, step] = [rowBytes(width, bitsPerPixel), bitsPerPixel / 8];
  const isDeep = bitsPerChannel(dib) > 8;
  const channels = masks.alpha !== 0 ? 4 : 3;
  const data = new (isDeep ? Uint16Array : Uint8Array)(width * height * channels);
  const readers = channelReaders(masks, isDeep ? 65_535 : 255).slice(0, channels);
  for (let y = 0, to = 0; y < height; y++) {
    let from = storedRow(y, dib) * stride;
    for (let x = 0; x < width; x++, from += step) {
      const pixel = step === 2 ? view.getUint16(from, true) : view.getUint32(from, true);
      for (const read of readers) data[to++] = read(pixel);
    }
  }
  const samples: Samples = { data, width, height, channels };
  return hidesAll(samples) ? opaque(samples) : samples;
}

function channelReaders({ red, green, blue, alpha }: Masks, most: number): ((pixel: number) => number)[] {
  return [red, green, blue, alpha].map((mask) => {
    if (mask === 0) return () => 0;
    const lowest = mask & -mask;
    const shift = Math.log2(lowest >>> 0);
    const scale = most / (2 ** bitsIn(mask) - 1);
    return (pixel) => Math.round(((pixel & mask) >>> shift) * scale);
  });
}

function bitsIn(mask: number): number {
  let bits = 0;
  for (let left = mask; left !== 0; left = (left & (left - 1)) >>> 0) bits++;
  return bits;
}

/** Whether alpha is 0 everywhere: bits that some writers promise and never set. */
export function hidesAll({ data, channels }: Samples): boolean {
  if (channels !== 4) return false;
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 0) return false;
  return true;
}

function opaque(samples: Samples): Samples {
  const most = samples.data instanceof Uint16Array ? 65_535 : 255;
  for (let at = 3; at < samples.data.length; at += 4) samples.data[at] = most;
  return samples;
}
