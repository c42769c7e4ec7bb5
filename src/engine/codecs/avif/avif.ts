/**
 * AVIF: libaom through sharp, lossy only; lossless AVIF is larger than lossless WebP.
 *
 * Effort 2, full chroma, 10 bits. Measured at score 85 against 8 bits: 10 bits -8.6 % bytes for a quarter
 * more time, 4:2:0 +2.8 %, effort 1 +2 %, effort 3 -2.4 % for 1.7 times and effort 4 -5.5 % for 8 times the time.
 * Every browser that shows AVIF shows 10 bits. Effort 0, for glimpses, takes a fifth of the time of effort 2.
 *
 * How much effort an encode gets is decided by the pixels, so that those of a search fit a job's time limit on an idle
 * core: a megapixel takes 0.1 s at effort 0, 0.35 s at 1, 0.5 s at 2, 0.8 s at 3 and 4 to 5 s at 4.
 */
import type { Sharp } from 'sharp';
import type { EffortLevel, Pixels } from '../../contract.ts';
import { widen } from '../../depth.ts';
import type { Codec, LossyEncoder } from '../codec.ts';
import { type Embedded, NOTHING_EMBEDDED } from '../header.ts';
import { iptcInXmp } from '../metadata/iptc-xmp.ts';
import { encodePngSamples } from '../png/carrier.ts';
import { encoderName, openImage, openSamples, VERSIONS } from '../sharp.ts';

/** libaom has 64 levels for the 100 qualities; measured, as the contract test does again. */
const REPEATS = new Set([
  2, 4, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 36, 38, 41, 43, 46, 48, 51, 53, 57, 61, 65,
  69, 73, 77, 81, 85, 89, 93, 97,
]);

/** Bits a sample, of sources with 8 and with 16 alike. */
const BITS = 10;

export const avif: Codec = {
  format: 'avif',
  encoder: encoderName('libaom', VERSIONS.aom),
  losslessEncoder: null,
  alpha: true,
  // The limit of the encoder, not of the format.
  maxSide: 16_384,
  // What a decoder must manage: AVIF 1.1 §8.3 asks for AV1 level 6.0 at most, AV1 annex A.3 gives its picture size.
  // Beyond it libaom also needs gigabytes and minutes.
  maxPixels: 35_651_584,
  lossy: lossy('4:4:4', 'usual'),
  variants: [],
  efforts: { fast: [lossy('4:4:4, fast', 'fast')], thorough: [lossy('4:4:4, thorough', 'thorough')] },
  lossless: null,
};

function lossy(variant: string, level: EffortLevel): LossyEncoder {
  return {
    variant,
    qualities: { min: 1, max: 100 },
    repeats: REPEATS,
    packs: false,
    hurries: level !== 'fast',
    resembles: 'avif 4:4:4',
    encode: (pixels, quality, effort, embedded = NOTHING_EMBEDDED) =>
      encode(pixels, quality, effort === 'glimpse' ? 0 : libaomEffort(pixels, level), embedded),
  };
}

/** libaom's effort by the pixels up to which it is spent. */
const EFFORTS: Record<EffortLevel, { mostPixels: number; effort: number }[]> = {
  fast: [{ mostPixels: Number.POSITIVE_INFINITY, effort: 0 }],
  usual: [
    { mostPixels: 16_000_000, effort: 2 },
    { mostPixels: Number.POSITIVE_INFINITY, effort: 1 },
  ],
  thorough: [
    { mostPixels: 3_000_000, effort: 4 },
    { mostPixels: 16_000_000, effort: 3 },
    { mostPixels: Number.POSITIVE_INFINITY, effort: 2 },
  ],
};

/** @returns 0 to 4, higher is slower and smaller. */
export function libaomEffort(
  { width, height }: Pick<Pixels, 'width' | 'height'>,
  level: EffortLevel,
): number {
  return EFFORTS[level].find(({ mostPixels }) => width * height <= mostPixels)!.effort;
}

async function encode(
  pixels: Pixels,
  quality: number,
  effort: number,
  embedded: Embedded,
): Promise<Uint8Array> {
  const image = await openDeep(pixels, embedded);
  return image
    .toColourspace('rgb16')
    .avif({ quality, effort, chromaSubsampling: '4:4:4', bitdepth: BITS })
    .toBuffer();
}

/** Raw samples, or a carrier where there is metadata: sharp takes that from a file only. */
async function openDeep({ data, deep, width, height, channels }: Pixels, embedded: Embedded): Promise<Sharp> {
  // sharp itself would append zeros to bytes, and white would not be white.
  const samples = deep ? roundToBits(deep) : widen(data);
  const { exif, icc, xmp } = iptcInXmp(embedded);
  if (!exif && !icc && !xmp) return openSamples(samples, width, height, channels);
  const carrier = await encodePngSamples(samples, width, height, channels, embedded);
  const image = openImage(carrier, { maxPixels: width * height });
  if (exif) image.keepExif();
  if (icc) image.keepIccProfile();
  if (xmp) image.keepXmp();
  return image;
}

/** Of 16-bit samples, what 10 bits hold: libheif would cut the rest off, which darkens by half a level. */
function roundToBits(deep: Uint16Array): Uint16Array {
  const most = 2 ** BITS - 1;
  const rounded = new Uint16Array(deep.length);
  for (let at = 0; at < deep.length; at++)
    rounded[at] = Math.round((deep[at]! * most) / 65_535) << (16 - BITS);
  return rounded;
}
