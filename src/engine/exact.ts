/**
 * The judge of lossless results: the same samples, at the source's own depth. That they are also shown
 * in the same colours, whatever became of the profile, is for `judge.ts` to see.
 */
import { digestCoefficients, readCoefficients } from './codecs/jpeg/coefficients.ts';
import { openImage } from './codecs/sharp.ts';
import { widen } from './depth.ts';
import type { Source } from './inspect.ts';

/**
 * Whether a result holds the source's very samples: upright, in its own colour space, 16 bits where it
 * has 16. A JPEG's are its DCT coefficients and their divisors.
 */
export async function sameSamples(source: Source, data: Uint8Array): Promise<boolean> {
  if (source.facts.format === 'jpeg')
    return digestCoefficients(readCoefficients(source.bytes)) === digestCoefficients(readCoefficients(data));
  const [before, after] = [await samples(source.bytes, source), await samples(data, source)];
  return before.equals(after);
}

/** Where only 8 of a deep source's bits said anything, a result may have as few. */
async function samples(bytes: Uint8Array, { limits, bitDepth, colour }: Source): Promise<Buffer> {
  const image = openImage(bytes, limits, { ignoreIcc: true }).autoOrient();
  const isDeep = bitDepth === 16 && (await image.metadata()).depth === 'ushort';
  if (colour !== 'cmyk') image.toColourspace(isDeep ? 'rgb16' : 'srgb').ensureAlpha();
  const data = await image.raw({ depth: isDeep ? 'ushort' : 'uchar' }).toBuffer();
  return bitDepth === 16 && !isDeep ? Buffer.from(widen(data).buffer) : data;
}
