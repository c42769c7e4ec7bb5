/** Scales pixels with a Lanczos kernel to what a `Resize` asks for. Orientation has been applied before. */
import { openPixels } from '../codecs/sharp.ts';
import { Decline, type Limits, type Pixels, type Resize } from '../contract.ts';

/**
 * `inside` fits within the box and never enlarges; `cover` crops the centre to exactly the box, enlarging where
 * needed. With one side only, the other follows in proportion.
 * @returns the pixels themselves when there is nothing to do.
 * @throws Decline('too-large') when a cover is beyond the limits that hold for sources.
 */
export async function resize(
  pixels: Pixels,
  { width, height, fit }: Resize,
  limits: Pick<Limits, 'maxPixels' | 'maxSide'>,
): Promise<Pixels> {
  if ((width ?? pixels.width) === pixels.width && (height ?? pixels.height) === pixels.height) return pixels;
  if (fit === 'cover') checkCover(pixels, { width, height }, limits);
  const image = openPixels(pixels).resize({
    width,
    height,
    fit,
    kernel: 'lanczos3',
    withoutEnlargement: fit === 'inside',
  });
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const isSame = info.width === pixels.width && info.height === pixels.height;
  return isSame ? pixels : { ...pixels, data, width: info.width, height: info.height };
}

/** A small file and a few digits could else ask for gigabytes of pixels. */
function checkCover(
  pixels: Pixels,
  box: Pick<Resize, 'width' | 'height'>,
  { maxPixels, maxSide }: Pick<Limits, 'maxPixels' | 'maxSide'>,
): void {
  const width = box.width ?? Math.round((pixels.width * box.height!) / pixels.height);
  const height = box.height ?? Math.round((pixels.height * box.width!) / pixels.width);
  if (width * height <= maxPixels && Math.max(width, height) <= maxSide) return;
  throw new Decline(
    'too-large',
    `A result of ${width} x ${height} pixels is too large; at most ${maxPixels}, and ${maxSide} a side, are made.`,
  );
}
