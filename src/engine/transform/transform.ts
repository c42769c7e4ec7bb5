/** What is done to upright pixels before they are encoded: the steps of `Transforms` in their order. */
import { openPixels } from '../codecs/sharp.ts';
import type { Limits, Pixels, Transforms, Turn } from '../contract.ts';
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

/** sharp mirrors before it rotates, whatever order it is told in. */
async function turn(pixels: Pixels, how: Turn): Promise<Pixels> {
  const image = openPixels(pixels);
  if (how === 'flop') image.flop();
  else if (how === 'flip') image.flip();
  else if (how === 'transpose') image.flop().rotate(270);
  else if (how === 'transverse') image.flop().rotate(90);
  else image.rotate(Number(how));
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { ...pixels, data, width: info.width, height: info.height };
}
