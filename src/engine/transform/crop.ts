/** Cuts a part out of pixels. */
import { Decline, type Pixels, type Rectangle } from '../contract.ts';
import { emptyLike, withSamples } from '../depth.ts';

/** @throws Decline('unsupported') when the rectangle is empty or not all of it lies in the image. */
export function crop(pixels: Pixels, { x, y, width, height }: Rectangle): Pixels {
  if (width < 1 || height < 1 || x < 0 || y < 0 || x + width > pixels.width || y + height > pixels.height) {
    const [part, whole] = [`${width} x ${height} at ${x}, ${y}`, `${pixels.width} x ${pixels.height}`];
    throw new Decline('unsupported', `The part to crop, ${part}, is not within the ${whole} of the image.`);
  }
  if (width === pixels.width && height === pixels.height) return pixels;
  const { channels } = pixels;
  return withSamples(pixels, { width, height }, (samples) => {
    const part = emptyLike(samples, width * height * channels);
    for (let row = 0; row < height; row++) {
      const start = ((y + row) * pixels.width + x) * channels;
      part.set(samples.subarray(start, start + width * channels), row * width * channels);
    }
    return part;
  });
}
