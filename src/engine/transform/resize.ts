/** Scales pixels to what a `Resize` asks for. Orientation has been applied before. */
import type { ResizeOptions, Sharp } from 'sharp';
import { openPixels, openSamples, readDeepSamples } from '../codecs/sharp.ts';
import type { Gravity, Limits, Pixels, Resize } from '../contract.ts';
import { deepPixels } from '../depth.ts';
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
  return scale(pixels, {
    width,
    height,
    fit: wanted.fit === 'cover' ? 'cover' : 'fill',
    position: POSITIONS[gravity === 'smart' ? 'centre' : gravity],
    kernel: 'lanczos3',
  });
}

async function scale(
  pixels: Pixels,
  how: ResizeOptions & { width: number; height: number },
): Promise<Pixels> {
  const { deep, width, height, channels } = pixels;
  if (deep) {
    const image = inLinearLight(openSamples(deep, width, height, channels)).resize(how);
    const scaled = await readDeepSamples(image);
    return deepPixels(scaled.data, scaled);
  }
  const opened = openPixels(pixels);
  const image = pixels.inks ? opened : inLinearLight(opened).toColourspace('srgb');
  const { data } = await image.resize(how).raw().toBuffer({ resolveWithObject: true });
  return { ...pixels, data, width: how.width, height: how.height };
}

function inLinearLight(image: Sharp): Sharp {
  return image.pipelineColourspace('scrgb');
}
