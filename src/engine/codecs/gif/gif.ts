/**
 * GIF: our own writer. Up to 256 colours are kept exactly; of more, a palette is made by the quantizer that also makes
 * PNG's. Animations are `../../animation.ts`'s.
 */
import { pngQuantize } from '@napi-rs/image';
import type { MetadataPolicy, Pixels } from '../../contract.ts';
import type { Source } from '../../inspect.ts';
import { wordsOf } from '../bytes.ts';
import type { Codec } from '../codec.ts';
import { type Embedded, NOTHING_EMBEDDED } from '../header.ts';
import { embeddedFor } from '../metadata.ts';
import { encodePngSamples } from '../png/carrier.ts';
import { decodeRgba, napiName, openImage } from '../sharp.ts';
import { packIndices } from './lzw-pack.ts';
import { choosePalettes, indexPalette } from './palettes.ts';
import { taskFor, writeGif, writeImage } from './write.ts';

/** Name of our encoder, for the report. */
export const GIF_ENCODER = 'keeneye GIF';
const MOST_COLOURS = 256;
const NO_DELAY = { numerator: 0, denominator: 1 };
const NO_PALETTE = indexPalette([], false);

export const gif: Codec = {
  format: 'gif',
  encoder: napiName('quantizer'),
  losslessEncoder: GIF_ENCODER,
  alpha: true,
  binaryAlpha: true,
  // Sizes have 16 bits.
  maxSide: 65_535,
  lossy: {
    variant: 'palette',
    qualities: { min: 1, max: 100 },
    start: 100,
    packs: false,
    hurries: false,
    encode: (pixels, quality, _effort, embedded = NOTHING_EMBEDDED) => encodeLossy(pixels, quality, embedded),
  },
  variants: [],
  lossless: encodeLosslessly,
};

/** Whether every pixel is shown in full or not at all. */
export function hasBinaryAlpha({ data, channels }: Pixels): boolean {
  if (channels === 3) return true;
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255 && data[at] !== 0) return false;
  return true;
}

/** Pixels that are half transparent shown in full or, where there is less than half of them, not at all. */
export function inFull(pixels: Pixels): Pixels {
  if (hasBinaryAlpha(pixels)) return pixels;
  const data = Uint8Array.from(pixels.data);
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3]! < 128) data.fill(0, at, at + 4);
    else data[at + 3] = 255;
  }
  return { ...pixels, data };
}

/** From 2 colours at quality 1 to 256 at 100, by equal factors. */
function coloursFor(quality: number): number {
  return Math.round(MOST_COLOURS ** ((quality + 13.15) / 113.15));
}

/** GIF has no place for a colour profile, so what is not in sRGB is converted. */
async function encodeLossy(given: Pixels, quality: number, { icc, xmp }: Embedded): Promise<Uint8Array> {
  const pixels = inFull(given);
  const { data, width, height, channels } = pixels;
  const tagged = await encodePngSamples(data, width, height, channels, { icc });
  const limits = { maxPixels: width * height };
  const plain = icc
    ? await openImage(tagged, limits).toColourspace('srgb').png({ compressionLevel: 0 }).toBuffer()
    : tagged;
  const colors = coloursFor(quality) - (channels === 4 ? 1 : 0);
  return encodeIndexed(await quantize(plain, colors, pixels), xmp)!;
}

/** The same in fewer colours, of which a transparent one is none. */
export async function inFewerColours(pixels: Pixels, colours: number): Promise<Pixels> {
  const { data, width, height, channels } = pixels;
  return quantize(await encodePngSamples(data, width, height, channels), colours, pixels);
}

async function quantize(png: Uint8Array, colours: number, pixels: Pixels): Promise<Pixels> {
  const coarse = await pngQuantize(png, { colors: Math.max(2, colours), minQuality: 0, speed: 8 });
  const limits = { maxPixels: pixels.width * pixels.height };
  return keepingAlpha(await decodeRgba(coarse, limits), pixels);
}

/** The quantizer may make transparency partial where it merges colours. */
function keepingAlpha(coarse: Pixels, { data, channels }: Pixels): Pixels {
  if (channels === 4) for (let at = 3; at < data.length; at += 4) coarse.data[at] = data[at]!;
  return coarse;
}

async function encodeLosslessly(
  source: Source,
  resized: Pixels | null,
  policy: MetadataPolicy,
): Promise<Uint8Array | null> {
  const { isLossless, bitDepth, encoding, wideGamut, orientation, bytes, limits, colour } = source;
  const { xmp } = embeddedFor(source, policy, resized ?? source.facts);
  if (resized) return resized.deep ? null : encodeIndexed(await withAlpha(resized), xmp);
  const isPlain =
    isLossless && bitDepth === 8 && colour !== 'cmyk' && !encoding && !wideGamut && orientation === 1;
  return isPlain ? encodeIndexed(await decodeRgba(bytes, limits), xmp) : null;
}

async function withAlpha({ data, width, height, channels }: Pixels): Promise<Pixels> {
  if (channels === 4) return { data: Uint8Array.from(data), width, height, channels };
  return decodeRgba(await encodePngSamples(data, width, height, channels), { maxPixels: width * height });
}

/** @returns null when there are too many colours, or half transparent ones. */
function encodeIndexed(pixels: Pixels, xmp: Uint8Array | null): Uint8Array | null {
  if (!hasBinaryAlpha(pixels) || Math.max(pixels.width, pixels.height) > gif.maxSide) return null;
  const { data, width, height } = pixels;
  for (let at = 3; at < data.length; at += 4) if (data[at] === 0) data.fill(0, at - 3, at);
  const colours = wordsOf(data);
  const free = Uint8Array.from(colours, (colour) => (colour === 0 ? 1 : 0));
  const [palette] = choosePalettes({ colours, free }, NO_PALETTE);
  if (!palette) return null;
  const { transparent } = palette;
  const { wanted, codeSize } = taskFor({ colours, free }, palette, 0);
  const lzw = packIndices(
    Uint8Array.from(wanted, (index) => (index < 0 ? transparent : index)),
    codeSize,
  );
  const image = writeImage({
    x: 0,
    y: 0,
    width,
    height,
    palette: null,
    transparent,
    disposal: 1,
    delay: NO_DELAY,
    lzw,
  });
  return writeGif({ width, height, plays: 1 }, palette.colours, [image], xmp);
}
