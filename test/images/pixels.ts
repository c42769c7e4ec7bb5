/**
 * Pictures made of nothing but a seed: the same arguments always give the same samples. Each function
 * returns `Pixels`; turning them into files is `files.ts`' business, damaging those is `broken.ts`'.
 */
import type { Pixels } from '../../src/engine/contract.ts';
import { deepPixels } from '../../src/engine/depth.ts';

/** Real numbers in [0, 1), the same ones for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Looks like a photograph to an encoder: soft shading, fractal texture, hard-edged shapes, some sensor noise. */
export function photo(width: number, height: number, seed = 1): Pixels {
  const random = randomNumbers(seed);
  const tint = [fractalNoise(random), fractalNoise(random), fractalNoise(random)];
  const grain = fractalNoise(random);
  const discs = Array.from({ length: 9 }, () => ({
    x: random() * width,
    y: random() * height,
    radius: (0.03 + 0.12 * random()) * Math.max(width, height),
    colour: [random() * 255, random() * 255, random() * 255],
  }));
  return paint(width, height, 3, (x, y, sample) => {
    const disc = discs.find((each) => Math.hypot(x - each.x, y - each.y) < each.radius);
    for (let channel = 0; channel < 3; channel++) {
      const sky = 70 + (110 * y) / height + channel * 18;
      const base = disc ? 0.55 * disc.colour[channel]! + 0.45 * sky : sky;
      const texture = 90 * (tint[channel]!(x, y) - 0.5) + 110 * (grain(6 * x, 6 * y) - 0.5);
      sample[channel] = base + texture + 6 * (random() - 0.5);
    }
  });
}

/** Looks like a screenshot: flat panels, one-pixel rules, rows of dark strokes the size of text. */
export function screenshot(width: number, height: number, seed = 2): Pixels {
  const random = randomNumbers(seed);
  const pixels = flat(width, height, [246, 247, 249]);
  fill(pixels, 0, 0, width, Math.max(1, Math.floor(height / 12)), [36, 84, 160]);
  fill(pixels, 0, 0, Math.max(1, Math.floor(width / 5)), height, [226, 229, 236]);
  for (let y = 14; y + 8 < height; y += 14) {
    for (let x = 6; x + 6 < width; x += 7) {
      if (random() < 0.2) continue;
      const ink = random() < 0.9 ? [40, 42, 48] : [190, 40, 60];
      for (let stroke = 0; stroke < 3; stroke++) {
        const upright = random() < 0.5;
        fill(
          pixels,
          x + Math.floor(random() * 5),
          y + Math.floor(random() * 6),
          upright ? 1 : 4,
          upright ? 6 : 1,
          ink,
        );
      }
    }
    fill(pixels, 0, y + 11, width, 1, [214, 218, 226]);
  }
  return pixels;
}

/** One colour all over. */
export function flat(width: number, height: number, colour: number[]): Pixels {
  return paint(width, height, colour.length === 4 ? 4 : 3, (_x, _y, sample) => sample.set(colour));
}

/** A smooth ramp through many colours: the case that shows banding. */
export function gradient(width: number, height: number): Pixels {
  return paint(width, height, 3, (x, y, sample) => {
    sample.set([(255 * x) / width, (255 * y) / height, 255 - (127 * (x + y)) / (width + height)]);
  });
}

/** A dark slope of 16 bits, as smooth as a night sky: 3,500 levels where 8 bits have fourteen. */
export function slope(width: number, height: number, channels: 3 | 4 = 3): Pixels {
  const deep = new Uint16Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [across, down] = [(pixel % width) / width, Math.floor(pixel / width) / height];
    const level = 4_000 + 3_500 * (0.8 * across + 0.2 * down);
    deep.set([level, 0.9 * level, 0.8 * level], pixel * channels);
    if (channels === 4) deep[pixel * 4 + 3] = 65_535 - Math.round(30_000 * down);
  }
  return deepPixels(deep, { width, height, channels });
}

/** A coloured badge with soft edges and a soft shadow on nothing: every alpha value occurs. */
export function logo(width: number, height: number): Pixels {
  const radius = Math.min(width, height) * 0.36;
  return paint(width, height, 4, (x, y, sample) => {
    const inside = radius - Math.hypot(x - width / 2, y - height / 2);
    const shadow = radius - Math.hypot(x - width * 0.55, y - height * 0.56);
    const cover = Math.min(1, Math.max(0, inside + 0.5));
    const shade = Math.min(0.6, Math.max(0, shadow / radius));
    const stripe = (x + y) % 16 < 8;
    sample.set([
      cover * (stripe ? 230 : 30),
      cover * 120,
      cover * (stripe ? 40 : 200),
      255 * Math.max(cover, shade),
    ]);
  });
}

/** The same picture with all three channels equal. */
export function inGrey(pixels: Pixels): Pixels {
  return paint(pixels.width, pixels.height, pixels.channels, (x, y, sample) => {
    const at = (y * pixels.width + x) * pixels.channels;
    const [r, g, b, alpha] = pixels.data.subarray(at, at + pixels.channels);
    const luma = 0.299 * r! + 0.587 * g! + 0.114 * b!;
    sample.set(alpha === undefined ? [luma, luma, luma] : [luma, luma, luma, alpha]);
  });
}

/** Uniform noise in every sample: the worst case of every encoder. */
export function noise(width: number, height: number, seed = 3): Pixels {
  const random = randomNumbers(seed);
  return paint(width, height, 3, (_x, _y, sample) => {
    for (let channel = 0; channel < 3; channel++) sample[channel] = 256 * random();
  });
}

/** The mean absolute difference of two pictures of the same shape, in steps of 1/255. */
export function meanDifference(a: Pixels, b: Pixels): number {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels) {
    throw new Error(`${a.width}x${a.height}x${a.channels} against ${b.width}x${b.height}x${b.channels}`);
  }
  let sum = 0;
  for (let at = 0; at < a.data.length; at++) sum += Math.abs(a.data[at]! - b.data[at]!);
  return sum / a.data.length;
}

/**
 * How a file must store a picture so that a viewer that honours `orientation` shows it as it is here
 * (EXIF 2.32, tag 274).
 * @param orientation 1 to 8
 */
export function storedFor(pixels: Pixels, orientation: number): Pixels {
  const turned = orientation >= 5;
  const { width, height, channels } = pixels;
  const [storedWidth, storedHeight] = turned ? [height, width] : [width, height];
  const lastX = storedWidth - 1;
  const lastY = storedHeight - 1;
  const shownAt = (x: number, y: number): [number, number] => {
    if (orientation === 2) return [lastX - x, y];
    if (orientation === 3) return [lastX - x, lastY - y];
    if (orientation === 4) return [x, lastY - y];
    if (orientation === 5) return [y, x];
    if (orientation === 6) return [lastY - y, x];
    if (orientation === 7) return [lastY - y, lastX - x];
    if (orientation === 8) return [y, lastX - x];
    return [x, y];
  };
  return paint(storedWidth, storedHeight, channels, (x, y, sample) => {
    const [shownX, shownY] = shownAt(x, y);
    const from = (shownY * width + shownX) * channels;
    sample.set(pixels.data.subarray(from, from + channels));
  });
}

type Sample = Uint8ClampedArray;

/** Calls `draw` for every pixel with a sample to fill in; values are clamped to a byte. */
function paint(
  width: number,
  height: number,
  channels: 3 | 4,
  draw: (x: number, y: number, sample: Sample) => void,
): Pixels {
  const data = new Uint8Array(width * height * channels);
  const sample = new Uint8ClampedArray(channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      draw(x, y, sample);
      data.set(sample, (y * width + x) * channels);
    }
  }
  return { data, width, height, channels };
}

/** Paints a rectangle, as much of it as lies within the picture. */
function fill(
  pixels: Pixels,
  left: number,
  top: number,
  width: number,
  height: number,
  colour: number[],
): void {
  for (let y = top; y < Math.min(top + height, pixels.height); y++) {
    for (let x = left; x < Math.min(left + width, pixels.width); x++) {
      pixels.data.set(colour, (y * pixels.width + x) * pixels.channels);
    }
  }
}

/** Value noise in five octaves, in [0, 1]. */
function fractalNoise(random: () => number): (x: number, y: number) => number {
  const lattice = Float32Array.from({ length: 64 * 64 }, random);
  const at = (x: number, y: number) => lattice[(y & 63) * 64 + (x & 63)]!;
  const octave = (x: number, y: number) => {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [x - left, y - top];
    const upper = at(left, top) * (1 - u) + at(left + 1, top) * u;
    const lower = at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u;
    return upper * (1 - v) + lower * v;
  };
  return (x, y) => {
    let sum = 0;
    for (let level = 0; level < 5; level++)
      sum += octave((x * 2 ** level) / 61, (y * 2 ** level) / 61) / 2 ** level;
    return sum / 1.9375;
  };
}
