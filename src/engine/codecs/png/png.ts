/**
 * PNG: a palette for lossy results, near-lossless samples where a palette is too small, oxipng for
 * lossless ones.
 *
 * Measured at equal scores on graphics, pixels in the nearest colours of a palette take 2 to 20 % fewer bytes than dithered
 * ones; where 256 colours are too few, dithering reaches scores 2 to 3 points higher.
 *
 * Measured at equal scores on graphics, the quantizer of @napi-rs/image needs 5 to 10 % fewer bytes than
 * imagequant in sharp and scores 2 to 6 points higher at 256 colours; speed 8 is a quarter faster than
 * its default at the same looks. Up to 256 x 256 pixels speed 10 makes icons and thumbnails 1.0 % smaller at floor 75 and
 * 1.8 % at 85, in 6 % less time (110 results: 64 smaller, 24 larger); at 512 x 512 it gains nothing. Photographs need more
 * than 256 colours to pass a high floor. imagequant takes a third of the time: it is for who is in a hurry, and a second
 * try for who is not.
 */
import { pngQuantize } from '@napi-rs/image';
import { KEENEYE_VERSION } from '../../../lib/version.ts';
import type { EffortLevel, Pixels } from '../../contract.ts';
import type { Codec, LossyEncoder } from '../codec.ts';
import { type Embedded, NOTHING_EMBEDDED } from '../header.ts';
import { coarsen, STEPS } from '../near-lossless.ts';
import { encoderName, napiName, openPixels, VERSIONS } from '../sharp.ts';
import { embeddedChunks, encodePngSamples } from './carrier.ts';
import { insertChunks } from './chunks.ts';
import { paletteIn, writeIndexedPng } from './indexed.ts';
import { encodePngLosslessly } from './lossless.ts';
import { toNearest } from './nearest-palette.ts';
import { packPng } from './transcode.ts';

const MOST_COLOURS = 256;
/** Of the quantizer, 1 to 10: for images of up to so many pixels, and for larger ones. */
const SPEEDS = { small: 10, large: 8, smallPixels: 256 * 256 };
/** Offset of the colour type in a PNG file; types 0 and 4 are grey. */
const COLOUR_TYPE_AT = 25;

/** What both makers of palettes have in common. */
const PALETTE = {
  qualities: { min: 1, max: 100 },
  // Palettes of photographs fail even at their best: to ask that first costs one evaluation instead of three.
  start: 100,
  bisects: true,
  hurries: false,
};

/** Of the palettes of imagequant: libvips rounds up to what a bit depth holds. */
const IMAGEQUANT_COLOURS = [2, 4, 16, 256];

export const png: Codec = {
  format: 'png',
  encoder: napiName('quantizer'),
  losslessEncoder: napiName('oxipng'),
  losslessEncoders: { thorough: `${napiName('oxipng')}, then zopfli` },
  alpha: true,
  maxSide: 65_535,
  lossy: palette('usual'),
  variants: [dithered('usual'), nearLossless('usual')],
  efforts: {
    fast: [imagequant('fast'), nearLossless('fast')],
    thorough: [palette('thorough'), dithered('thorough'), imagequant('thorough'), nearLossless('thorough')],
  },
  lossless: encodePngLosslessly,
  palette: async (pixels, colours, embedded) =>
    finishPng(await quantize(pixels, colours, embedded), embedded),
};

/** Every pixel in the nearest colour, without dithering. */
function palette(level: EffortLevel): LossyEncoder {
  return {
    ...PALETTE,
    variant: 'palette',
    encoder: `${napiName('quantizer')}, nearest colours (keeneye ${KEENEYE_VERSION})`,
    packs: level === 'thorough',
    async encode(pixels, quality, effort, embedded = NOTHING_EMBEDDED) {
      const start = await paletteIn(await quantizeOnce(pixels, coloursFor(quality)));
      const file = writeIndexedPng(toNearest(pixels, start));
      const packed = await packPng(file, embedded.icc && 'rgb', effort === 'final' ? level : 'usual');
      return finishPng(packed, embedded);
    },
  };
}

/** Reaches floors that the nearest colours do not. */
function dithered(level: EffortLevel): LossyEncoder {
  return {
    ...PALETTE,
    variant: 'dithered palette',
    packs: level === 'thorough',
    async encode(pixels, quality, effort, embedded = NOTHING_EMBEDDED) {
      const file = await quantize(pixels, coloursFor(quality), embedded);
      const isPacked = effort === 'final' && level === 'thorough';
      return finishPng(isPacked ? await packPng(file, embedded.icc && 'rgb', level) : file, embedded);
    },
  };
}

function imagequant(level: EffortLevel): LossyEncoder {
  return {
    ...PALETTE,
    variant: 'palette',
    encoder: encoderName('imagequant', VERSIONS.imagequant),
    qualities: { min: 1, max: IMAGEQUANT_COLOURS.length },
    start: IMAGEQUANT_COLOURS.length,
    packs: true,
    async encode(pixels, quality, effort, embedded = NOTHING_EMBEDDED) {
      const file = await encodeInSharp(pixels, IMAGEQUANT_COLOURS[quality - 1]!);
      return finishPng(
        effort === 'final' ? await packPng(file, embedded.icc && 'rgb', level) : file,
        embedded,
      );
    },
  };
}

/** The search packs fast, the result well, the same pixels. */
function nearLossless(level: EffortLevel): LossyEncoder {
  return {
    variant: 'near-lossless',
    encoder: napiName('oxipng'),
    qualities: { min: 1, max: STEPS.length },
    packs: true,
    hurries: false,
    async encode(pixels, quality, effort, embedded = NOTHING_EMBEDDED) {
      const coarse = openPixels(coarsen(pixels, STEPS[quality - 1]!));
      const file = await coarse.png({ compressionLevel: 6, adaptiveFiltering: true }).toBuffer();
      const packed = effort === 'final' ? await packPng(file, embedded.icc && 'rgb', level) : file;
      return finishPng(packed, embedded);
    },
  };
}

/** From 2 colours at quality 1 to 256 at 100, by equal factors. */
function coloursFor(quality: number): number {
  return Math.round(MOST_COLOURS ** ((quality + 13.15) / 113.15));
}

async function quantize(pixels: Pixels, colours: number, embedded: Embedded): Promise<Uint8Array> {
  const file = await quantizeOnce(pixels, colours);
  const isGrey = file[COLOUR_TYPE_AT]! % 4 === 0;
  // A profile for RGB does not fit a grey file.
  return isGrey && embedded.icc ? encodeInSharp(pixels, colours) : file;
}

/** What was made last of an image: one palette after the other begins with it. */
const quantized = new WeakMap<Pixels, { colours: number; file: Uint8Array }>();

async function quantizeOnce(pixels: Pixels, colours: number): Promise<Uint8Array> {
  const known = quantized.get(pixels);
  if (known?.colours === colours) return known.file;
  const { data, width, height, channels } = pixels;
  const speed = width * height <= SPEEDS.smallPixels ? SPEEDS.small : SPEEDS.large;
  const plain = await encodePngSamples(data, width, height, channels);
  const file = await pngQuantize(plain, { colors: colours, minQuality: 0, speed });
  quantized.set(pixels, { colours, file });
  return file;
}

function finishPng(png: Uint8Array, embedded: Embedded): Uint8Array {
  return insertChunks(png, embeddedChunks(embedded));
}

function encodeInSharp(pixels: Pixels, colours: number): Promise<Uint8Array> {
  return openPixels(pixels).png({ palette: true, colours, compressionLevel: 9 }).toBuffer();
}
