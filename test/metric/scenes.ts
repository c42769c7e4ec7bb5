/**
 * Scenes for the metric's tests and ways to damage them, in whole numbers only, so that the scores that
 * the tests quote hold on every machine. Nothing here goes through a codec.
 */
import type { Pixels } from '../../src/engine/contract.ts';

/** A new value for one sample, from the old one and its place. */
type Edit = (sample: number, x: number, y: number, channel: number) => number;

/** Whole numbers from 0 to `below` - 1, the same for the same seed (xorshift32). */
function dice(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function edited(pixels: Pixels, edit: Edit): Pixels {
  const { width, channels } = pixels;
  const data = Uint8ClampedArray.from(pixels.data, (sample, at) => {
    const pixel = Math.floor(at / channels);
    return edit(sample, pixel % width, Math.floor(pixel / width), at % channels);
  });
  return { ...pixels, data: new Uint8Array(data.buffer) };
}

/** Two ramps, thirty rectangles and a little noise; with four channels alpha has ramps and holes. */
export function scene(width: number, height: number, channels: 3 | 4 = 3, seed = 1): Pixels {
  const roll = dice(seed);
  const boxes = Array.from({ length: 30 }, () => {
    const [left, top] = [roll(width), roll(height)];
    const [right, bottom] = [left + 1 + roll(1 + width / 4), top + 1 + roll(1 + height / 4)];
    return { left, top, right, bottom, colour: [roll(256), roll(256), roll(256), roll(3) * 127] };
  });
  const blank: Pixels = { data: new Uint8Array(width * height * channels), width, height, channels };
  return edited(blank, (_sample, x, y, channel) => {
    const box = boxes.findLast(
      (each) => x >= each.left && x < each.right && y >= each.top && y < each.bottom,
    );
    if (channel === 3) return box ? box.colour[3]! : Math.floor((255 * x) / width);
    const ramp = Math.floor((150 * (channel === 1 ? y : x)) / (channel === 1 ? height : width)) + 40;
    return (box ? (box.colour[channel]! + ramp) >> 1 : ramp) + roll(9);
  });
}

/** A grey image from a function of place. */
export function drawn(width: number, height: number, value: (x: number, y: number) => number): Pixels {
  const blank: Pixels = { data: new Uint8Array(width * height * 3), width, height, channels: 3 };
  return edited(blank, (_sample, x, y) => value(x, y));
}

/** Noise of up to `strength` in every sample. */
export function noisy(pixels: Pixels, strength: number): Pixels {
  const roll = dice(77);
  return edited(pixels, (sample) => sample + roll(2 * strength + 1) - strength);
}

/** Banding: only every `step`-th level is left. */
export function banded(pixels: Pixels, step: number): Pixels {
  return edited(pixels, (sample) => Math.floor(sample / step) * step + (step >> 1));
}

/** Blur: every sample becomes the mean of itself and the next ones to the right and below. */
export function smeared(pixels: Pixels): Pixels {
  const { data, width, height, channels } = pixels;
  return edited(pixels, (_sample, x, y, channel) => {
    const at = (u: number, v: number) =>
      data[(Math.min(v, height - 1) * width + Math.min(u, width - 1)) * channels + channel]!;
    return (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1) + 2) >> 2;
  });
}

/** Another colour: red up, blue down. */
export function tinted(pixels: Pixels, amount: number): Pixels {
  return edited(
    pixels,
    (sample, _x, _y, channel) => sample + (channel === 0 ? amount : channel === 2 ? -amount : 0),
  );
}

/** Damage in one place only: a checkerboard of 8 x 8 blocks laid over a square of side `side`. */
export function marked(pixels: Pixels, left: number, top: number, side: number): Pixels {
  return edited(pixels, (sample, x, y, channel) => {
    const inside = x >= left && x < left + side && y >= top && y < top + side;
    if (!inside || channel === 3) return sample;
    return sample + (((x >> 3) + (y >> 3)) & 1 ? 30 : -30);
  });
}

/** The same pixels with an alpha channel, `alpha` everywhere. */
export function withAlpha(pixels: Pixels, alpha: number): Pixels {
  const { width, height, channels } = pixels;
  const data = new Uint8Array(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel++) {
    data.set(pixels.data.subarray(pixel * channels, pixel * channels + 3), pixel * 4);
    data[pixel * 4 + 3] = alpha;
  }
  return { data, width, height, channels: 4 };
}

/** The same pixels without their alpha channel. */
export function withoutAlpha(pixels: Pixels): Pixels {
  return {
    ...pixels,
    data: pixels.data.filter((_sample, at) => pixels.channels === 3 || at % 4 !== 3),
    channels: 3,
  };
}
