/** AVIF: libaom through sharp. Lossless AVIF is not offered. */
import type { Codec } from '../codec.ts';
import { encoderName, openPixels, VERSIONS } from '../sharp.ts';

export const avif: Codec = {
  format: 'avif',
  encoder: encoderName('libaom', VERSIONS.aom),
  losslessEncoder: null,
  alpha: true,
  lossy: {
    variant: '4:4:4',
    qualities: { min: 1, max: 100 },
    finalKeepsPixels: true,
    encode: (pixels, quality) =>
      openPixels(pixels).avif({ quality, effort: 2, chromaSubsampling: '4:4:4' }).toBuffer(),
  },
  variants: [],
  lossless: null,
};
