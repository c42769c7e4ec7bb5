/** Lays transparent pixels over a colour, for formats that know no transparency. */
import type { Pixels } from '../contract.ts';
import { deepPixels, emptyLike, mostOf, type SampleArray } from '../depth.ts';

/**
 * Blends levels as browsers do, not light.
 * @param background `#rrggbb`.
 * @returns the pixels themselves where nothing is transparent.
 */
export function flatten(pixels: Pixels, background: string): Pixels {
  if (pixels.channels === 3) return pixels;
  const { data, deep, width, height } = pixels;
  const colour = [1, 3, 5].map((at) => Number.parseInt(background.slice(at, at + 2), 16));
  const shape = { width, height, channels: 3 } as const;
  return deep ? deepPixels(blend(deep, colour), shape) : { data: blend(data, colour), ...shape };
}

/** @param colour 8-bit levels. */
function blend<T extends SampleArray>(samples: T, colour: number[]): T {
  const most = mostOf(samples);
  const behind = colour.map((level) => (level * most) / 255);
  const flat = emptyLike(samples, (samples.length / 4) * 3);
  for (let from = 0, to = 0; from < samples.length; from += 4) {
    const alpha = samples[from + 3]! / most;
    for (let channel = 0; channel < 3; channel++)
      flat[to++] = Math.round(samples[from + channel]! * alpha + behind[channel]! * (1 - alpha));
  }
  return flat;
}
