/**
 * Plays a file: its frames as a viewer shows them, one after the other, upright, in sRGB and transformed. However many
 * there are, one is held at a time. A still image is shown once.
 */

import { carry } from '../carry.ts';
import type { Animation, Delay } from '../codecs/animation.ts';
import { corrupt } from '../codecs/bytes.ts';
import { convertToSrgb } from '../codecs/colour-encoding.ts';
import { openGif } from '../codecs/gif/animation.ts';
import { turnUpright } from '../codecs/orientation.ts';
import { openApng } from '../codecs/png/animation.ts';
import { encodePngSamples } from '../codecs/png/carrier.ts';
import { decodeRgba, openImage, openPixels } from '../codecs/sharp.ts';
import { openWebp } from '../codecs/webp/animation.ts';
import { Decline, type InputFormat, type Pixels, type Transforms } from '../contract.ts';
import { decodeSource } from '../decode.ts';
import type { Depth } from '../depth.ts';
import type { Source } from '../inspect.ts';
import { settle } from '../transform/settle.ts';
import { transform } from '../transform/transform.ts';
import { clearInvisible, createCanvas } from './canvas.ts';

/** What is shown for a while. */
export interface Shown {
  /** With 4 channels where there are several frames; the bytes hold until the next frame is asked for. */
  pixels: Pixels;
  delay: Delay;
}

/** Formats whose animations are read. */
export const MOVING_FORMATS = ['gif', 'webp', 'png'] as const satisfies InputFormat[];
export type MovingFormat = (typeof MOVING_FORMATS)[number];

export function isMovingFormat(format: InputFormat): format is MovingFormat {
  return MOVING_FORMATS.some((moving) => moving === format);
}

const NO_DELAY: Delay = { numerator: 0, denominator: 1 };

/** @throws Decline `corrupt`; `would-lose-animation` where frames cannot be read. */
export function openAnimation({ bytes, limits, facts: { format }, pages }: Source): Animation {
  if (format === 'gif') return openGif(bytes);
  if (format === 'webp') return openWebp(bytes);
  if (format === 'png') return openApng(bytes, limits);
  throw new Decline(
    'would-lose-animation',
    `The frames of ${format.toUpperCase()} cannot be read, and it has ${pages}; a result would show one.`,
  );
}

/**
 * @param depth of a still image; frames are drawn over each other in 8 bits, as browsers do it.
 * @throws Decline `corrupt`, and as `openAnimation` and `transform` do.
 */
export async function* play(source: Source, transforms: Transforms, depth: Depth = 8): AsyncGenerator<Shown> {
  const isStill = !isMovingFormat(source.facts.format) && transforms.frames === 'first';
  // Pages are no frames; the decoder says so.
  if (source.pages === 1 || isStill || source.facts.format === 'pdf') {
    const upright = await decodeSource(await carry(source), depth);
    const settled = await settle(upright, transforms, source.limits);
    yield { pixels: await transform(upright, settled, source.limits), delay: NO_DELAY };
    return;
  }
  let settled: Transforms | null = null;
  for await (const { pixels, delay } of composite(source)) {
    const upright = await inSrgb(await turned(pixels, source), source);
    // All frames show the part that the first one settles.
    settled ??= await settle(upright, transforms, source.limits);
    const transformed = await transform(upright, settled, source.limits);
    if (transformed !== pixels) clearInvisible(transformed.data);
    yield { pixels: transformed, delay };
    if (transforms.frames === 'first') return;
  }
}

/** As stored, in the file's own colours. */
async function* composite(source: Source): AsyncGenerator<Shown> {
  const { width, height, patches } = openAnimation(source);
  const canvas = createCanvas(width, height);
  for await (const patch of patches()) {
    if (patch.x + patch.width > width || patch.y + patch.height > height)
      throw corrupt('A frame of the animation leads out of it.');
    canvas.turnOver();
    canvas.draw(patch);
    yield { pixels: { data: canvas.data, width, height, channels: 4 }, delay: patch.delay };
  }
}

async function turned(pixels: Pixels, { orientation }: Source): Promise<Pixels> {
  if (orientation === 1) return pixels;
  const { data, info } = await turnUpright(openPixels(pixels), orientation)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: 4 };
}

async function inSrgb(pixels: Pixels, source: Source): Promise<Pixels> {
  const { encoding, wideGamut, embedded } = source;
  if (encoding) {
    const own = { ...pixels, data: Uint8Array.from(pixels.data) };
    convertToSrgb(own, encoding);
    return own;
  }
  if (!wideGamut || !embedded.icc) return pixels;
  const { data, width, height } = pixels;
  const tagged = await encodePngSamples(data, width, height, 4, { icc: embedded.icc });
  const converted = await openImage(tagged, source.limits)
    .toColourspace('srgb')
    .png({ compressionLevel: 0 })
    .toBuffer();
  return decodeRgba(converted, source.limits);
}
