/** How a document presents an image that is part of it: what its samples mean there, and how much of it is seen. */
import { inksAsTiff } from './codecs/tiff/carrier.ts';
import type { Limits, Pixels } from './contract.ts';
import { decodeInks } from './decode.ts';
import { mostOf, type SampleArray, withSamples } from './depth.ts';
import { inspect } from './inspect.ts';

export interface Presentation {
  /** Whether a JPEG holds inks as they are; one that is a file of its own holds them inverted. */
  plainInks?: boolean;
  /** How much of each pixel is seen, row by row; 255 for all of it. */
  alpha?: Uint8Array;
}

/**
 * A JPEG of inks that are not inverted, as a file that is read for what it means.
 * @throws Decline as `inspect` and `decodeInks` do.
 */
export async function asFile(jpeg: Uint8Array, limits: Limits): Promise<Uint8Array> {
  const source = await inspect(jpeg, limits);
  const inks = await decodeInks(source);
  return inksAsTiff({ ...inks, data: inks.data.map((level) => 255 - level) }, source.embedded.icc);
}

/** @param pixels without alpha, or with one that is replaced. */
export function seenThrough(alpha: Uint8Array, pixels: Pixels): Pixels {
  const { channels } = pixels;
  const seen = withSamples(pixels, pixels, <T extends SampleArray>(samples: T): T => {
    const of = alpha.length * 4;
    const out = (samples instanceof Uint16Array ? new Uint16Array(of) : new Uint8Array(of)) as T;
    const unit = mostOf(samples) / 255;
    for (let from = 0, to = 0, at = 0; at < alpha.length; at++, from += channels, to += 4) {
      for (let channel = 0; channel < 3; channel++) out[to + channel] = samples[from + channel]!;
      out[to + 3] = alpha[at]! * unit;
    }
    return out;
  });
  return { ...seen, channels: 4 };
}

/** In 8 bits. */
export function alphaOf({ data }: Pixels): Uint8Array {
  const alpha = new Uint8Array(data.length / 4);
  for (let at = 0; at < alpha.length; at++) alpha[at] = data[at * 4 + 3]!;
  return alpha;
}
