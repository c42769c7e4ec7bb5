import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { meanDifference, photo } from '../../../test/images/pixels.ts';
import {
  ADOBE_RGB,
  greyProfile,
  PROPHOTO,
  parametricCurve,
  rgbProfile,
  sampledCurve,
} from '../../../test/images/profiles.ts';
import type { Pixels } from '../contract.ts';
import { widen } from '../depth.ts';
import { convertByProfile } from './icc-conversion.ts';
import { encodePngSamples } from './png/carrier.ts';
import { openImage } from './sharp.ts';

const PHOTO = photo(60, 40);

/** What lcms makes of it. */
async function managed(pixels: Pixels, icc: Uint8Array): Promise<Pixels> {
  const { data, width, height, channels } = pixels;
  const tagged = await encodePngSamples(data, width, height, channels, { icc });
  const image = openImage(tagged, { maxPixels: width * height }).toColourspace('srgb');
  return { ...pixels, data: await image.raw().toBuffer() };
}

/** Black is black in all of them: lcms would make it so. */
const PROFILES: Record<string, Uint8Array> = {
  'a power': rgbProfile(PROPHOTO),
  'no curve': rgbProfile(ADOBE_RGB, sampledCurve([])),
  'samples of a curve': rgbProfile(
    ADOBE_RGB,
    sampledCurve(Array.from({ length: 40 }, (_, at) => Math.round(65_535 * (at / 39) ** 1.6))),
  ),
  'function 0': rgbProfile(ADOBE_RGB, parametricCurve(0, [1.7])),
  'function 1': rgbProfile(ADOBE_RGB, parametricCurve(1, [2, 1.05, -0.05])),
  'function 2': rgbProfile(ADOBE_RGB, parametricCurve(2, [2, 0.905, 0.1, -0.01])),
  'function 3': rgbProfile(
    ADOBE_RGB,
    parametricCurve(3, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]),
  ),
  'function 4': rgbProfile(ADOBE_RGB, parametricCurve(4, [2, 0.955, 0.05, 0.11, 0.1, -0.01, 0])),
};

describe('conversion by the curves and the matrix of a profile', () => {
  for (const [name, icc] of Object.entries(PROFILES)) {
    it(`is what lcms does (${name})`, async () => {
      const expected = await managed(PHOTO, icc);
      assert.ok(meanDifference(expected, PHOTO) > 1.5);
      const own = { ...PHOTO, data: Uint8Array.from(PHOTO.data) };
      assert.ok(convertByProfile(own, icc));
      assert.ok(meanDifference(own, expected) < 0.5, `${meanDifference(own, expected)}`);
    });
  }

  it('leaves black black, white white and greys grey', () => {
    for (const icc of [...Object.values(PROFILES).slice(0, 4), greyProfile(1.8)]) {
      const data = Uint16Array.of(0, 0, 0, 65_535, 65_535, 65_535, 20_000, 20_000, 20_000);
      assert.ok(convertByProfile({ data, width: 3, height: 1, channels: 3 }, icc));
      assert.deepEqual([...data.subarray(0, 6)], [0, 0, 0, 65_535, 65_535, 65_535]);
      assert.ok(Math.max(...data.subarray(6)) - Math.min(...data.subarray(6)) <= 2, `${data}`);
    }
  });

  it('leaves transparency alone', () => {
    const data = Uint16Array.of(9_000, 8_000, 7_000, 12_345);
    assert.ok(convertByProfile({ data, width: 1, height: 1, channels: 4 }, PROFILES['a power']!));
    assert.equal(data[3], 12_345);
    assert.notEqual(data[0], 9_000);
  });

  it('is left undone where the profile is made of something else, or broken', () => {
    const plain = Buffer.from(PROFILES['a power']!);
    const broken = [plain.subarray(0, 60), plain.subarray(0, plain.length - 10)];
    for (const [from, to] of [
      ['rTRC', 'A2B0'],
      ['gXYZ', 'xxxx'],
      ['XYZ \0\0\0\0', 'text\0\0\0\0'],
      ['curv', 'wave'],
      ['RGB XYZ ', 'RGB Lab '],
    ] as const)
      broken.push(Buffer.from(plain.toString('latin1').replaceAll(from, to), 'latin1'));
    for (const icc of broken) {
      const data = widen(PHOTO.data);
      const before = data.slice();
      assert.equal(convertByProfile({ ...PHOTO, data }, icc), false);
      assert.deepEqual(data, before);
    }
  });
});
