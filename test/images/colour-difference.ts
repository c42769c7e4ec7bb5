/** How far apart two pictures are to a person: in CIELAB (CIE 15:2018, D65), not by any metric that is under test. */
import type { Pixels } from '../../src/engine/contract.ts';
import type { Area } from './damage.ts';

/** Colours so far apart in CIELAB are just told apart side by side (Mahy et al., Color Research and Application 19(2), 1994). */
export const JUST_NOTICEABLE = 2.3;

export interface ColourDifference {
  /** Pixels that differ by more than `JUST_NOTICEABLE`. */
  pixels: number;
  /** Their mean CIELAB distance. */
  mean: number;
}

/** @param backdrop grey that transparent pixels are seen over, 0 to 255. */
export function colourDifference(a: Pixels, b: Pixels, backdrop = 128): ColourDifference {
  let [pixels, sum] = [0, 0];
  for (let at = 0; at < a.width * a.height; at++) {
    const [p, q] = [labAt(a, at, backdrop), labAt(b, at, backdrop)];
    const distance = Math.hypot(...p.map((part, axis) => part - q[axis]!));
    if (distance <= JUST_NOTICEABLE) continue;
    pixels += 1;
    sum += distance;
  }
  return { pixels, mean: pixels === 0 ? 0 : sum / pixels };
}

/** Mean luminance of an area without transparency, 0 to 1. */
export function luminance({ data, width, channels }: Pixels, area: Area): number {
  let sum = 0;
  for (let y = area.y; y < area.y + area.height; y++)
    for (let x = area.x; x < area.x + area.width; x++) {
      const [r, g, b] = data.subarray((y * width + x) * channels).subarray(0, 3);
      sum += 0.2126 * linear(r! / 255) + 0.7152 * linear(g! / 255) + 0.0722 * linear(b! / 255);
    }
  return sum / (area.width * area.height);
}

function labAt({ data, channels }: Pixels, at: number, backdrop: number): number[] {
  const alpha = channels === 4 ? data[at * 4 + 3]! / 255 : 1;
  const [r, g, b] = [0, 1, 2].map((channel) =>
    linear((alpha * data[at * channels + channel]! + (1 - alpha) * backdrop) / 255),
  ) as [number, number, number];
  const x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = root(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function root(value: number): number {
  return value > (6 / 29) ** 3 ? Math.cbrt(value) : value / (3 * (6 / 29) ** 2) + 4 / 29;
}
