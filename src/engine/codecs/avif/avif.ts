/**
 * AVIF: libaom through sharp, lossy only; lossless AVIF is larger than lossless WebP.
 *
 * Effort 2, full chroma, 10 bits. Measured at score 85 against 8 bits: 10 bits -8.6 % bytes for a quarter
 * more time, 4:2:0 +2.8 %, effort 1 +2 %, effort 3 -2.4 % for 1.7 times and effort 4 -5.5 % for 8 times the time.
 * Every browser that shows AVIF shows 10 bits. Effort 0, for glimpses, takes a fifth of the time of effort 2.
 */
import type { Sharp } from 'sharp';
import { DEFAULT_LIMITS, type EffortLevel, type Pixels } from '../../contract.ts';
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

function lossy(variant: string, level: EffortLevel, jobTimeMs = DEFAULT_LIMITS.jobTimeMs): LossyEncoder {
  return {
    variant,
    within: (timeMs) => lossy(variant, level, timeMs),
    qualities: { min: 1, max: 100 },
    repeats: REPEATS,
    packs: false,
    hurries: level !== 'fast',
    resembles: 'avif 4:4:4',
    encode: (pixels, quality, effort, embedded = NOTHING_EMBEDDED) =>
      encode(pixels, quality, effort === 'glimpse' ? 0 : libaomEffort(pixels, level, jobTimeMs), embedded),
  };
}

/** libaom's effort where time does not matter. */
const WISHES: Record<EffortLevel, number> = { fast: 0, usual: 2, thorough: 4 };
/** Seconds that a megapixel takes on an idle core, by effort. */
const SECONDS_PER_MEGAPIXEL = [0.12, 0.4, 0.6, 1.1, 5];
/** A search encodes so often where it is unlucky, */
const ENCODES = 5;
/** and may take this share of a job's time: cores are shared, and other formats take their part. */
const SHARE_OF_JOB = 0.25;

/**
 * The most effort, up to what a level wishes for, at which a search fits a job's time; decided by the pixels and not
 * by a clock, so that results are the same on every machine.
 * @returns 0 to 4, higher is slower and smaller.
 */
export function libaomEffort(
  { width, height }: Pick<Pixels, 'width' | 'height'>,
  level: EffortLevel,
  jobTimeMs: number,
): number {
  const secondsPerMegapixel = ((jobTimeMs / 1000) * SHARE_OF_JOB * 1e6) / (ENCODES * width * height);
  const fits = SECONDS_PER_MEGAPIXEL.findLastIndex((seconds) => seconds <= secondsPerMegapixel);
  return Math.min(WISHES[level], Math.max(0, fits));
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
