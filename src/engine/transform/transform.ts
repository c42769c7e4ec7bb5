/** What is done to upright pixels before they are encoded: the steps of `Transforms` in their order. */
import { openPixels } from '../codecs/sharp.ts';
import {
  Decline,
  type Limits,
  type Pixels,
  type Rectangle,
  type Transforms,
  type Turn,
} from '../contract.ts';
import { resize } from './resize.ts';

/**
 * Crop, resize, turn; frames are chosen and backgrounds laid by whoever decodes or encodes.
 * @returns the pixels themselves when there is nothing to do.
 * @throws Decline `unsupported` when a crop lies outside, `too-large` as `resize` does.
 */
export async function transform(
  pixels: Pixels,
  { crop: part, resize: box, turn: how }: Transforms,
  limits: Pick<Limits, 'maxPixels' | 'maxSide'>,
): Promise<Pixels> {
  const cropped = part ? crop(pixels, part) : pixels;
  const resized = box ? await resize(cropped, box, limits) : cropped;
  return how ? turn(resized, how) : resized;
}

/** @throws Decline('unsupported') when the rectangle is empty or not all of it lies in the image. */
function crop(pixels: Pixels, { x, y, width, height }: Rectangle): Pixels {
  if (width < 1 || height < 1 || x < 0 || y < 0 || x + width > pixels.width || y + height > pixels.height) {
    const [part, whole] = [`${width} x ${height} at ${x}, ${y}`, `${pixels.width} x ${pixels.height}`];
    throw new Decline('unsupported', `The part to crop, ${part}, is not within the ${whole} of the image.`);
  }
  const { channels } = pixels;
  const data = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * pixels.width + x) * channels;
    data.set(pixels.data.subarray(start, start + width * channels), row * width * channels);
  }
  return { ...pixels, data, width, height };
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
