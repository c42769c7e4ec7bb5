/** Scales pixels with a Lanczos kernel, in the proportions that a `Resize` asks for. */
import { openPixels } from '../codecs/sharp.ts';
import type { Pixels, Resize } from '../contract.ts';

/** `inside` never enlarges; `cover` crops the centre to exactly the box. */
export async function resize(pixels: Pixels, { width, height, fit }: Resize): Promise<Pixels> {
  const image = openPixels(pixels).resize({
    width,
    height,
    fit,
    kernel: 'lanczos3',
    withoutEnlargement: fit === 'inside',
  });
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: pixels.channels };
}
