/** Colours as people tell them apart: OKLab (Björn Ottosson, 2020), seen with a little flare. */

export type Lab = [lightness: number, greenRed: number, blueYellow: number];

/** Light that screens and rooms add to black; without it the darkest levels would be far apart. */
const FLARE = 0.004;

/** @param r sRGB, 0 to 255, as are the others; need not be whole. */
export function oklab(r: number, g: number, b: number): Lab {
  const lab: Lab = [0, 0, 0];
  oklabOfLight(lightOf(r), lightOf(g), lightOf(b), lab);
  return lab;
}

/**
 * @param red linear light, 0 to 1, as are the others.
 * @param into gets the three numbers.
 */
export function oklabOfLight(red: number, green: number, blue: number, into: Lab | Float64Array): void {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue + FLARE);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue + FLARE);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue + FLARE);
  into[0] = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  into[1] = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  into[2] = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
}

/** Linear light of a level, 0 to 255. */
export function lightOf(level: number): number {
  const value = level / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
