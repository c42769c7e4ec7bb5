/** WebP: libwebp through sharp, lossy and lossless. */
import type { Codec } from '../codec.ts';
import { encoderName, openImage, openPixels, VERSIONS } from '../sharp.ts';

const encoder = encoderName('libwebp', VERSIONS.webp);

export const webp: Codec = {
  format: 'webp',
  encoder,
  losslessEncoder: encoder,
  alpha: true,
  lossy: {
    variant: '4:2:0',
    qualities: { min: 1, max: 100 },
    finalKeepsPixels: true,
    encode: (pixels, quality) =>
      openPixels(pixels).webp({ quality, effort: 4, smartSubsample: true }).toBuffer(),
  },
  variants: [],
  async lossless(source, resized) {
    if (source.bitDepth !== 8) return null;
    const image = resized ? openPixels(resized) : openImage(source.bytes, source.limits).autoOrient();
    return image.webp({ lossless: true, exact: true, effort: 6 }).toBuffer();
  },
};
