/** PNG: a palette of up to 256 colours for lossy results, oxipng for lossless ones. */
import { losslessCompressPng } from '@napi-rs/image';
import type { Codec } from '../codec.ts';
import { encoderName, openImage, openPixels, VERSIONS } from '../sharp.ts';

export const png: Codec = {
  format: 'png',
  encoder: encoderName('imagequant', VERSIONS.imagequant),
  losslessEncoder: 'oxipng (@napi-rs/image 1.15.0)',
  alpha: true,
  lossy: {
    variant: 'palette',
    qualities: { min: 1, max: 100 },
    finalKeepsPixels: true,
    async encode(pixels, quality, effort) {
      const data = await openPixels(pixels).png({ palette: true, quality, compressionLevel: 9 }).toBuffer();
      return effort === 'final' ? losslessCompressPng(data) : data;
    },
  },
  variants: [],
  async lossless(source, resized) {
    if (!resized && source.facts.format === 'png') return losslessCompressPng(source.bytes);
    const image = resized ? openPixels(resized) : openImage(source.bytes, source.limits);
    return losslessCompressPng(await image.png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer());
  },
};
