/** What is done to upright pixels before they are encoded: the steps of `Transforms` in their order. */
import type { Sharp } from 'sharp';
import { openPixels, openSamples, readDeepSamples } from '../codecs/sharp.ts';
import type { Limits, Pixels, Transforms, Turn } from '../contract.ts';
import { deepPixels } from '../depth.ts';
import { crop } from './crop.ts';
import { resize } from './resize.ts';
import { settle } from './settle.ts';

/**
 * Crop, resize, turn; frames are chosen and backgrounds laid by whoever decodes or encodes.
 * @param transforms settled (`settle.ts`), where several images must show the same part.
 * @returns the pixels themselves when there is nothing to do.
 * @throws Decline `unsupported` when a crop lies outside, `too-large` as `resize` does.
 */
export async function transform(
  pixels: Pixels,
  transforms: Transforms,
  limits: Pick<Limits, 'maxPixels' | 'maxSide'>,
): Promise<Pixels> {
  const { crop: part, resize: box, turn: how } = await settle(pixels, transforms, limits);
  const cropped = part ? crop(pixels, part) : pixels;
  const resized = box ? await resize(cropped, box, limits) : cropped;
  return how ? turn(resized, how) : resized;
}

async function turn(pixels: Pixels, how: Turn): Promise<Pixels> {
  const { deep, width, height, channels } = pixels;
  if (deep) {
    const turned = await readDeepSamples(turnImage(openSamples(deep, width, height, channels), how));
    return deepPixels(turned.data, turned);
  }
  const image = turnImage(openPixels(pixels), how);
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { ...pixels, data, width: info.width, height: info.height };
}

/** sharp mirrors before it rotates, whatever order it is told in. */
function turnImage(image: Sharp, how: Turn): Sharp {
  if (how === 'flop') return image.flop();
  if (how === 'flip') return image.flip();
  if (how === 'transpose') return image.flop().rotate(270);
  if (how === 'transverse') return image.flop().rotate(90);
  return image.rotate(Number(how));
}
