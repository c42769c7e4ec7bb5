/** Scales pixels with a Lanczos kernel to what a `Resize` asks for. Orientation has been applied before. */
import { openPixels } from '../codecs/sharp.ts';
import type { Pixels, Resize } from '../contract.ts';

/**
 * `inside` fits within the box and never enlarges; `cover` crops the centre to exactly the box, enlarging where
 * needed. With one side only, the other follows in proportion.
 * @returns the pixels themselves when there is nothing to do.
 */
export async function resize(pixels: Pixels, { width, height, fit }: Resize): Promise<Pixels> {
  if ((width ?? pixels.width) === pixels.width && (height ?? pixels.height) === pixels.height) return pixels;
  const image = openPixels(pixels).resize({
    width,
    height,
    fit,
    kernel: 'lanczos3',
    withoutEnlargement: fit === 'inside',
  });
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const isSame = info.width === pixels.width && info.height === pixels.height;
  return isSame ? pixels : { data, width: info.width, height: info.height, channels: pixels.channels };
}
