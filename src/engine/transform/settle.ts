/** Looks at an image to say which part of it a `smart` cover keeps, so that all that is made of it shows the same part. */
import { openPixels } from '../codecs/sharp.ts';
import type { Limits, Pixels, Rectangle, Transforms } from '../contract.ts';
import { crop } from './crop.ts';
import { checkSize, coveredSize, type Size } from './size.ts';

/**
 * @param upright as it is shown, in sRGB.
 * @returns the same transforms with a crop in the place of a smart gravity.
 * @throws Decline as `transform` does.
 */
export async function settle(
  upright: Pixels,
  transforms: Transforms,
  limits: Pick<Limits, 'maxPixels' | 'maxSide'>,
): Promise<Transforms> {
  const { resize, crop: part } = transforms;
  if (resize?.fit !== 'cover' || resize.gravity !== 'smart') return transforms;
  const cropped = part ? crop(upright, part) : upright;
  const box = coveredSize(cropped, resize);
  checkSize(box, limits);
  const { x, y, ...size } = await mostTelling(cropped, box);
  const place = { x: x + (part?.x ?? 0), y: y + (part?.y ?? 0), ...size };
  return { ...transforms, crop: place, resize: { ...box, fit: 'cover' } };
}

/**
 * The part of the box's shape with the most skin tones, saturated colours and edges: libvips' strategy of attention
 * (libvips.org, `vips_smartcrop`). Looked for at the box's scale, where the box is the smaller.
 */
async function mostTelling(pixels: Pixels, box: Size): Promise<Rectangle> {
  const scale = Math.max(box.width / pixels.width, box.height / pixels.height);
  const width = Math.min(pixels.width, Math.max(1, Math.round(box.width / scale)));
  const height = Math.min(pixels.height, Math.max(1, Math.round(box.height / scale)));
  const shrink = Math.min(1, scale);
  const { info } = await openPixels(pixels)
    .resize({
      width: Math.max(1, Math.round(width * shrink)),
      height: Math.max(1, Math.round(height * shrink)),
      fit: 'cover',
      position: 'attention',
    })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const start = (offset: number | undefined, room: number) =>
    Math.min(room, Math.max(0, Math.round(-(offset ?? 0) / shrink)));
  return {
    x: start(info.cropOffsetLeft, pixels.width - width),
    y: start(info.cropOffsetTop, pixels.height - height),
    width,
    height,
  };
}
