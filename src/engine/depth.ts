/**
 * Pixels of sources with more than 8 bits a sample: how their 16-bit samples and the bytes beside them stay the same
 * image. Which sources are deep is `inspect.ts`' to know, who looks at the deep samples is everybody's own choice.
 */
import type { Pixels } from './contract.ts';

/** Bits a sample that pixels have at most. */
export type Depth = 8 | 16;

/** Samples of one depth. */
export type SampleArray = Uint8Array | Uint16Array;

/** By which a level of 8 bits becomes the same level of 16. */
const REPEATED = 257;

/** As many zeros of the same depth. */
export function emptyLike<T extends SampleArray>(samples: T, length: number): T {
  return (samples instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length)) as T;
}

/** Fully lit, or fully opaque. */
export function mostOf(samples: SampleArray): number {
  return samples instanceof Uint16Array ? 65_535 : 255;
}

/** @param samples 16-bit samples whose highest `bitDepth` bits count. */
export function roundToBytes(samples: Uint16Array, bitDepth: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length);
  const unused = 16 - bitDepth;
  const most = 2 ** bitDepth - 1;
  const rounded = Uint8Array.from({ length: most + 1 }, (_, level) => Math.round((level * 255) / most));
  for (let at = 0; at < samples.length; at++) bytes[at] = rounded[samples[at]! >> unused]!;
  return bytes;
}

/**
 * Has samples use all 16 bits, in place, so that white is white.
 * @param samples whose highest `bitDepth` bits count.
 */
export function fillUp(samples: Uint16Array, bitDepth: number): void {
  if (bitDepth === 16) return;
  const unused = 16 - bitDepth;
  const most = 2 ** bitDepth - 1;
  const filled = Uint16Array.from({ length: most + 1 }, (_, level) => Math.round((level * 65_535) / most));
  for (let at = 0; at < samples.length; at++) samples[at] = filled[samples[at]! >> unused]!;
}

/** The same levels in 16 bits. */
export function widen(bytes: Uint8Array): Uint16Array<ArrayBuffer> {
  const deep = new Uint16Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) deep[at] = bytes[at]! * REPEATED;
  return deep;
}

/** Pixels of deep samples; of such that are 8-bit levels in 16 bits all the same, those levels only. */
export function deepPixels(
  deep: Uint16Array,
  { width, height, channels }: Pick<Pixels, 'width' | 'height' | 'channels'>,
): Pixels {
  const pixels = { data: roundToBytes(deep, 16), width, height, channels };
  return deep.every((level) => level % REPEATED === 0) ? pixels : { ...pixels, deep };
}

/** The same as those see it who take 8 bits only. */
export function shallow({ deep: _, ...pixels }: Pixels): Pixels {
  return pixels;
}

/** Pixels of another size, whose samples are what `make` makes of these, at each depth that there is. */
export function withSamples(
  pixels: Pixels,
  { width, height }: { width: number; height: number },
  make: <T extends SampleArray>(samples: T) => T,
): Pixels {
  const made = { ...pixels, data: make(pixels.data), width, height };
  return pixels.deep ? { ...made, deep: make(pixels.deep) } : made;
}

/** Whether two images have the very same samples, an 8-bit level being the same as that level in 16 bits. */
export function samePixels(a: Pixels, b: Pixels): boolean {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels) return false;
  if (!a.deep && !b.deep) return Buffer.compare(a.data, b.data) === 0;
  return a.data.every((_, at) => levelAt(a, at) === levelAt(b, at));
}

/** In 16 bits. */
function levelAt({ data, deep }: Pixels, at: number): number {
  return deep ? deep[at]! : data[at]! * REPEATED;
}
