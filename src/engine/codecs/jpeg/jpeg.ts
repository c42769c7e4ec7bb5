/**
 * JPEG: mozjpeg through sharp for lossy results, the transcode and scans of `transcode.ts` for lossless ones.
 *
 * Quantization table 2 (tuned for MS-SSIM) without trellis quantisation: measured at score 85 that is 4 %
 * smaller than mozjpeg's defaults (6 % at 90, 1 % larger at 75) and takes a fifth of the time.
 */
import { KEENEYE_VERSION } from '../../../lib/version.ts';
import type { Pixels } from '../../contract.ts';
import type { Codec, Effort, LossyEncoder } from '../codec.ts';
import { type Embedded, NOTHING_EMBEDDED } from '../header.ts';
import { encoderName, napiName, openPixels, openSamples, VERSIONS } from '../sharp.ts';
import { embedInJpeg } from './embed.ts';
import { gainMapsOf } from './gain-map.ts';
import { transcodeJpeg } from './transcode.ts';
import { turnJpeg } from './turn.ts';

type Chroma = '4:2:0' | '4:4:4';

export const jpeg: Codec = {
  format: 'jpeg',
  encoder: encoderName('mozjpeg', VERSIONS.mozjpeg),
  losslessEncoder: `scan search (keeneye ${KEENEYE_VERSION}) after ${napiName('mozjpeg transcode')}`,
  losslessEncoders: { fast: napiName('mozjpeg transcode') },
  alpha: false,
  // The limit of libjpeg, a little below that of the format.
  maxSide: 65_500,
  lossy: lossy('4:2:0'),
  variants: [lossy('4:4:4')],
  lossless: async (source, resized, metadata, effort) =>
    resized || source.facts.format !== 'jpeg' ? null : transcodeJpeg(source, metadata, effort),
  turn: turnJpeg,
  gainMaps: gainMapsOf,
};

/** Of CMYK that is to stay CMYK: each ink is coded by itself, at full resolution. */
export const jpegOfInks: Codec = { ...jpeg, lossy: { ...lossy('4:4:4'), variant: 'CMYK' }, variants: [] };

/**
 * Optimising scans takes most of the time, saves little and changes no coefficient: the search goes
 * without.
 */
function lossy(chroma: Chroma): LossyEncoder {
  return {
    variant: chroma,
    qualities: { min: 1, max: 100 },
    packs: true,
    hurries: false,
    encode: (pixels, quality, effort, embedded = NOTHING_EMBEDDED) =>
      encode(pixels, { quality, effort, chroma, embedded }),
  };
}

interface Settings {
  quality: number;
  effort: Effort;
  chroma: Chroma;
  embedded: Embedded;
}

async function encode(pixels: Pixels, { quality, effort, chroma, embedded }: Settings): Promise<Uint8Array> {
  if (pixels.channels === 4 && !pixels.inks) throw new Error('JPEG cannot hold transparency');
  // An RGB profile does not fit a file of one component.
  const grey = embedded.icc || pixels.inks ? null : greyLevels(pixels);
  const image = grey
    ? openSamples(grey, pixels.width, pixels.height, 1).toColourspace('b-w')
    : openPixels(pixels.inks === 'plain' ? inverted(pixels) : pixels);
  const file = await image
    .jpeg({
      mozjpeg: true,
      quantisationTable: 2,
      trellisQuantisation: false,
      quality,
      chromaSubsampling: chroma,
      optimiseScans: effort === 'final',
    })
    .toBuffer();
  return embedInJpeg(file, embedded);
}

/** What is inverted when it is written comes out as it was. */
function inverted(pixels: Pixels): Pixels {
  return { ...pixels, data: pixels.data.map((level) => 255 - level) };
}

/** One sample a pixel, or null as soon as a pixel has a colour. */
function greyLevels({ data, width, height }: Pixels): Uint8Array | null {
  const levels = new Uint8Array(width * height);
  for (let from = 0, to = 0; from < data.length; from += 3, to++) {
    const level = data[from]!;
    if (level !== data[from + 1] || level !== data[from + 2]) return null;
    levels[to] = level;
  }
  return levels;
}
