/** Lays transparent pixels over a colour, for formats that know no transparency. */
import type { Pixels } from '../contract.ts';

/**
 * Blends levels as browsers do, not light.
 * @param background `#rrggbb`.
 * @returns the pixels themselves where nothing is transparent.
 */
export function flatten(pixels: Pixels, background: string): Pixels {
  if (pixels.channels === 3) return pixels;
  const { data, width, height } = pixels;
  const colour = [1, 3, 5].map((at) => Number.parseInt(background.slice(at, at + 2), 16));
  const flat = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    const alpha = data[from + 3]! / 255;
    for (let channel = 0; channel < 3; channel++)
      flat[to++] = Math.round(data[from + channel]! * alpha + colour[channel]! * (1 - alpha));
  }
  return { data: flat, width, height, channels: 3 };
}
