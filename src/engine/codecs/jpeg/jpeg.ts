/**
 * JPEG: mozjpeg through sharp for lossy results (progressive, trellis quantisation), a transcode of the
 * coefficients for lossless ones.
 */
import { compressJpeg } from '@napi-rs/image';
import type { Pixels } from '../../contract.ts';
import type { Codec, Effort, LossyEncoder } from '../codec.ts';
import { encoderName, openPixels, VERSIONS } from '../sharp.ts';

type Chroma = '4:2:0' | '4:4:4';

function lossy(chroma: Chroma): LossyEncoder {
  return {
    variant: chroma,
    qualities: { min: 1, max: 100 },
    finalKeepsPixels: true,
    encode: (pixels, quality, effort) => encode(pixels, quality, effort, chroma),
  };
}

async function encode(pixels: Pixels, quality: number, effort: Effort, chroma: Chroma): Promise<Uint8Array> {
  if (pixels.channels === 4) throw new Error('JPEG cannot hold transparency');
  return openPixels(pixels)
    .jpeg({ mozjpeg: true, quality, chromaSubsampling: chroma, optimiseScans: effort === 'final' })
    .toBuffer();
}

export const jpeg: Codec = {
  format: 'jpeg',
  encoder: encoderName('mozjpeg', VERSIONS.mozjpeg),
  losslessEncoder: 'mozjpeg transcode (@napi-rs/image 1.15.0)',
  alpha: false,
  lossy: lossy('4:2:0'),
  variants: [lossy('4:4:4')],
  lossless: async (source, resized) =>
    resized || source.facts.format !== 'jpeg' ? null : compressJpeg(source.bytes),
};
