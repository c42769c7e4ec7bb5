import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colourMap, type Rgb } from './colour-map.ts';

/** sRGB to OKLab, the other way than in the code under test. */
function oklab(rgb: Rgb): [number, number, number] {
  const [r, g, b] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

test('every step of the colours looks equally far', () => {
  const colours = colourMap(33).map(oklab);
  const steps = colours
    .slice(1)
    .map((colour, at) => Math.hypot(...colour.map((v, i) => v - colours[at]![i]!)));
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  for (const step of steps) assert.ok(Math.abs(step / mean - 1) < 0.15, `${step} against ${mean}`);
});

test('each colour is lighter than the one before', () => {
  const lightness = colourMap(128).map((rgb) => oklab(rgb)[0]);
  assert.ok(lightness.every((value, at) => at === 0 || value > lightness[at - 1]!));
  assert.ok(lightness[0]! < 0.3 && lightness.at(-1)! > 0.93);
});
