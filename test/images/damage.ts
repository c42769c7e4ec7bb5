/**
 * Ways to damage a picture that need no codec, each with an amount: 0 leaves it as it is, more is worse. What is a
 * file and broken is `broken.ts`' business.
 */
import type { Pixels } from '../../src/engine/contract.ts';
import { randomNumbers } from './pixels.ts';

/** A part of a picture, in pixels. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Blurs with a Gaussian of so many pixels, colours and alpha alike; the picture goes on as its edge. */
export function blurred(pixels: Pixels, sigma: number): Pixels {
  if (sigma === 0) return pixels;
  const { width, height, channels } = pixels;
  const rows = { count: width, step: channels, lines: height, next: width * channels };
  const columns = { count: height, step: width * channels, lines: width, next: channels };
  const soft = blurLines(blurLines(pixels.data, rows, channels, sigma), columns, channels, sigma);
  return { ...pixels, data: new Uint8Array(Uint8ClampedArray.from(soft).buffer) };
}

/** How samples lie along the lines of a blur: `count` a line, `step` apart, and lines `next` apart. */
interface Lines {
  count: number;
  step: number;
  lines: number;
  next: number;
}

function blurLines(from: ArrayLike<number>, lay: Lines, channels: number, sigma: number): Float64Array {
  const reach = Math.ceil(3 * sigma);
  const taps = Array.from({ length: 2 * reach + 1 }, (_, at) =>
    Math.exp(-((at - reach) ** 2) / 2 / sigma ** 2),
  );
  const total = taps.reduce((sum, weight) => sum + weight);
  const to = new Float64Array(from.length);
  for (let line = 0; line < lay.lines; line++)
    for (let place = 0; place < lay.count; place++)
      for (let channel = 0; channel < channels; channel++) {
        const start = line * lay.next + channel;
        const near = (tap: number) => Math.min(lay.count - 1, Math.max(0, place + tap - reach));
        const sum = taps.reduce((all, weight, tap) => all + weight * from[start + near(tap) * lay.step]!, 0);
        to[start + place * lay.step] = sum / total;
      }
  return to;
}

/** The picture, but in an area the damaged one. */
export function within(pixels: Pixels, { data, width, channels }: Pixels, area: Area): Pixels {
  const damaged = (_colour: number[], x: number, y: number) => {
    const at = (y * width + x) * channels;
    return [...data.subarray(at, at + 3)];
  };
  return edited(pixels, damaged, area);
}

/** Adds one and the same noise, as strong as said: up to so many levels either way. Alpha is left alone. */
export function noised(pixels: Pixels, strength: number, seed = 5): Pixels {
  const random = randomNumbers(seed);
  return edited(pixels, (colour) => colour.map((level) => level + 2 * strength * (random() - 0.5)));
}

/** Takes so much of what each block of 8 x 8 shows beyond its mean colour: 1 leaves flat blocks. */
export function blocked(pixels: Pixels, share: number, area?: Area): Pixels {
  const means = new Map<number, number[]>();
  return edited(
    pixels,
    (colour, x, y) => {
      const block = (y >> 3) * pixels.width + (x >> 3);
      const mean = means.get(block) ?? meanOf(pixels, { x: x & ~7, y: y & ~7, width: 8, height: 8 });
      means.set(block, mean);
      return colour.map((level, channel) => level + share * (mean[channel]! - level));
    },
    area,
  );
}

/** Takes so much of the colour and leaves the luma (ITU-R BT.601): 1 leaves grey. */
export function paled(pixels: Pixels, share: number, area?: Area): Pixels {
  return edited(pixels, (colour) => colour.map((level) => level + share * (lumaOf(colour) - level)), area);
}

/** Leaves only every `step`-th level: soft shades become bands. */
export function posterized(pixels: Pixels, step: number, area?: Area): Pixels {
  return edited(pixels, (colour) => colour.map((level) => Math.round(level / step) * step), area);
}

/** Luma as ITU-R BT.601 weighs it. */
export function lumaOf([red, green, blue]: number[]): number {
  return 0.299 * red! + 0.587 * green! + 0.114 * blue!;
}

/** New colours for the pixels of an area, of all by default; alpha is left alone. */
export function edited(
  pixels: Pixels,
  edit: (colour: number[], x: number, y: number) => number[],
  area: Area = { x: 0, y: 0, ...pixels },
): Pixels {
  const { width, channels } = pixels;
  const data = Uint8ClampedArray.from(pixels.data);
  for (let y = area.y; y < area.y + area.height; y++)
    for (let x = area.x; x < area.x + area.width; x++) {
      const at = (y * width + x) * channels;
      data.set(edit([...pixels.data.subarray(at, at + 3)], x, y), at);
    }
  return { ...pixels, data: new Uint8Array(data.buffer) };
}

/** The mean colour of as much of an area as lies within the picture. */
function meanOf({ data, width, height, channels }: Pixels, area: Area): number[] {
  const sum = [0, 0, 0];
  let count = 0;
  for (let y = area.y; y < Math.min(area.y + area.height, height); y++)
    for (let x = area.x; x < Math.min(area.x + area.width, width); x++, count++)
      for (let channel = 0; channel < 3; channel++)
        sum[channel]! += data[(y * width + x) * channels + channel]!;
  return sum.map((total) => total / count);
}
