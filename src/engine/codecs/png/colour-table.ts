/**
 * The colours of an image, each once, as points of a space in which equal distances look about equally far: how bright,
 * red against green, blue, and how much shows through. A palette's choice is made among these (`nearest-palette.ts`).
 */
import type { Pixels } from '../../contract.ts';

/** Coordinates of a point. */
export const AXES = 4;

export interface ColourTable {
  /** Red, green, blue and alpha of each colour; what is fully transparent is black. */
  rgba: Uint8Array;
  /** `AXES` a colour, lightness first. */
  points: Float32Array;
  /** How many pixels have it. */
  counts: Uint32Array;
  /** Of each pixel, the place of its colour. */
  places: Uint32Array;
}

export function tabulate({ data, width, height, channels }: Pixels): ColourTable {
  const places = new Uint32Array(width * height);
  const known = new Map<number, number>();
  const counts: number[] = [];
  for (let pixel = 0; pixel < places.length; pixel++) {
    const at = pixel * channels;
    const alpha = channels === 4 ? data[at + 3]! : 255;
    const key =
      alpha === 0 ? 0 : (((data[at]! << 24) | (data[at + 1]! << 16) | (data[at + 2]! << 8)) >>> 0) + alpha;
    let place = known.get(key);
    if (place === undefined) {
      place = counts.push(0) - 1;
      known.set(key, place);
    }
    counts[place]!++;
    places[pixel] = place;
  }
  const rgba = new Uint8Array(4 * counts.length);
  for (const [key, place] of known)
    rgba.set([key >>> 24, (key >>> 16) & 255, (key >>> 8) & 255, key & 255], 4 * place);
  return { rgba, points: pointsOf(rgba), counts: Uint32Array.from(counts), places };
}

/** Light by sample (IEC 61966-2-1). */
const LIGHT = Float64Array.from({ length: 256 }, (_, sample) => {
  const level = sample / 255;
  return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
});
/** XYB, the space that the metric looks in (JPEG XL, ISO/IEC 18181-1 annex L): what each kind of cone takes of each light. */
const LONG = [0.3, 0.622, 0.078];
const MIDDLE = [0.23, 0.692, 0.078];
const SHORT = [0.243_422_689, 0.204_767_444, 0.551_809_867];
const BIAS = 0.003_793_073_255_275_449_3;
/** Found by trial on graphics with and without transparency. */
const RED_GREEN_WEIGHT = 14;
const TRANSPARENCY_WEIGHT = 0.9;

/** @param rgba four samples a colour. What shows through counts as its share of the colour. */
export function pointsOf(rgba: Uint8Array): Float32Array {
  const points = new Float32Array(rgba.length);
  for (let at = 0; at < rgba.length; at += AXES) {
    const [red, green, blue] = [LIGHT[rgba[at]!]!, LIGHT[rgba[at + 1]!]!, LIGHT[rgba[at + 2]!]!];
    const cone = ([r, g, b]: number[]) =>
      Math.cbrt(r! * red + g! * green + b! * blue + BIAS) - Math.cbrt(BIAS);
    const [long, middle, short] = [cone(LONG), cone(MIDDLE), cone(SHORT)];
    const alpha = rgba[at + 3]! / 255;
    const lightness = (long + middle) / 2;
    points[at] = lightness * alpha;
    points[at + 1] = ((long - middle) / 2) * RED_GREEN_WEIGHT * alpha;
    points[at + 2] = (short - lightness) * alpha;
    points[at + 3] = (1 - alpha) * TRANSPARENCY_WEIGHT;
  }
  return points;
}
