/**
 * PNG: a palette for lossy results, near-lossless samples where a palette is too small, oxipng for
 * lossless ones.
 *
 * Measured at equal scores on graphics, the quantizer of @napi-rs/image needs 5 to 10 % fewer bytes than
 * imagequant in sharp and scores 2 to 6 points higher at 256 colours; speed 8 is a quarter faster than
 * its default at the same looks. Photographs need more than 256 colours to pass a high floor.
 */
import { pngQuantize } from '@napi-rs/image';
import type { Pixels } from '../../contract.ts';
import type { Codec, LossyEncoder } from '../codec.ts';
import { type Embedded, NOTHING_EMBEDDED } from '../header.ts';
import { napiName, openPixels } from '../sharp.ts';
import { embeddedChunks, encodePngSamples } from './carrier.ts';
import { insertChunks } from './chunks.ts';
import { encodePngLosslessly } from './lossless.ts';
import { coarsen, STEPS } from './near-lossless.ts';
import { packPng } from './transcode.ts';

const MOST_COLOURS = 256;
/** Offset of the colour type in a PNG file; types 0 and 4 are grey. */
const COLOUR_TYPE_AT = 25;

export const png: Codec = {
  format: 'png',
  encoder: napiName('quantizer'),
  losslessEncoder: napiName('oxipng'),
  alpha: true,
  maxSide: 65_535,
  lossy: {
    variant: 'palette',
    qualities: { min: 1, max: 100 },
    // Palettes of photographs fail even at their best: to ask that first costs one evaluation instead of three.
    start: 100,
    packs: false,
    hurries: false,
    encode: (pixels, quality, _effort, embedded = NOTHING_EMBEDDED) =>
      encodePalette(pixels, coloursFor(quality), embedded),
  },
  variants: [nearLossless()],
  lossless: encodePngLosslessly,
};

/** The search packs fast, the result well, the same pixels. */
function nearLossless(): LossyEncoder {
  return {
    variant: 'near-lossless',
    qualities: { min: 1, max: STEPS.length },
    packs: true,
    hurries: false,
    async encode(pixels, quality, effort, embedded = NOTHING_EMBEDDED) {
      const coarse = openPixels(coarsen(pixels, STEPS[quality - 1]!));
      const file = await coarse.png({ compressionLevel: 6, adaptiveFiltering: true }).toBuffer();
      const packed = effort === 'final' ? await packPng(file, embedded.icc && 'rgb') : file;
      return insertChunks(packed, embeddedChunks(embedded));
    },
  };
}

/** From 2 colours at quality 1 to 256 at 100, by equal factors. */
function coloursFor(quality: number): number {
  return Math.round(MOST_COLOURS ** ((quality + 13.15) / 113.15));
}

async function encodePalette(pixels: Pixels, colors: number, embedded: Embedded): Promise<Uint8Array> {
  const { data, width, height, channels } = pixels;
  const plain = await encodePngSamples(data, width, height, channels);
  const file = await pngQuantize(plain, { colors, minQuality: 0, speed: 8 });
  const isGrey = file[COLOUR_TYPE_AT]! % 4 === 0;
  // A profile for RGB does not fit a grey file.
  const fitting = isGrey && embedded.icc ? await encodeInSharp(pixels, colors) : file;
  return insertChunks(fitting, embeddedChunks(embedded));
}

function encodeInSharp(pixels: Pixels, colours: number): Promise<Uint8Array> {
  return openPixels(pixels).png({ palette: true, colours, compressionLevel: 9 }).toBuffer();
}
