/** Scales pixels to what a `Resize` asks for. Orientation has been applied before. */
import type { Sharp } from 'sharp';
import { openPixels } from '../codecs/sharp.ts';
import type { Gravity, Limits, Pixels, Resize } from '../contract.ts';
import { checkSize, coveredSize, fittedSize } from './size.ts';

/** As sharp calls the part that a cover keeps. */
const POSITIONS: Record<Exclude<Gravity, 'smart'>, string> = {
  centre: 'centre',
  top: 'top',
  'top-right': 'right top',
  right: 'right',
  'bottom-right': 'right bottom',
  bottom: 'bottom',
  'bottom-left': 'left bottom',
  left: 'left',
  'top-left': 'left top',
};

/**
 * With a Lanczos kernel of three lobes, in linear light and with premultiplied alpha: a fine pattern keeps its
 * brightness, and transparent pixels lend no colour to their neighbours. The curve is that of sRGB, whatever the pixels'
 * own space, whose curve differs little from it.
 * @param wanted its `smart` gravity has been settled before (`settle.ts`); here it means the centre.
 * @returns the pixels themselves when there is nothing to do.
 * @throws Decline('too-large') when a cover or a fill is beyond the limits that hold for sources.
 */
export async function resize(
  pixels: Pixels,
  wanted: Resize,
  limits: Pick<Limits, 'maxPixels' | 'maxSide'>,
): Promise<Pixels> {
  const isExact = wanted.fit === 'cover' || wanted.fit === 'fill';
  const { width, height } = isExact ? coveredSize(pixels, wanted) : fittedSize(pixels, wanted);
  if (width === pixels.width && height === pixels.height) return pixels;
  if (isExact) checkSize({ width, height }, limits);
  const { gravity = 'centre' } = wanted;
  const opened = openPixels(pixels);
  const image = (pixels.inks ? opened : inLinearLight(opened)).resize({
    width,
    height,
    fit: wanted.fit === 'cover' ? 'cover' : 'fill',
    position: POSITIONS[gravity === 'smart' ? 'centre' : gravity],
    kernel: 'lanczos3',
  });
  const { data } = await image.raw().toBuffer({ resolveWithObject: true });
  return { ...pixels, data, width, height };
}

function inLinearLight(image: Sharp): Sharp {
  return image.pipelineColourspace('scrgb').toColourspace('srgb');
}
