import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { meanDifference, photo } from '../../../test/images/pixels.ts';
import { convertToSrgb, encodingOfCicp, encodingOfGamma } from './colour-encoding.ts';
import { openPixels } from './sharp.ts';

const SRGB = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06];

function converted(colour: number[], encoding: Parameters<typeof convertToSrgb>[1]): number[] {
  const pixels = { data: Uint8Array.from(colour), width: 1, height: 1, channels: 3 as const };
  convertToSrgb(pixels, encoding);
  return [...pixels.data];
}

describe('colours that a file names by numbers', () => {
  it('are sRGB when the numbers are, or nearly', () => {
    assert.equal(encodingOfGamma(0.45455, SRGB), null);
    assert.equal(encodingOfGamma(null, null), null);
    assert.equal(encodingOfGamma(0, null), null);
    assert.equal(encodingOfCicp(1, 13), null);
    assert.equal(encodingOfCicp(1, 1), null);
    assert.equal(encodingOfCicp(2, 2), null);
  });

  it('are taken for sRGB when the numbers make no sense', () => {
    assert.equal(encodingOfGamma(null, [0, 0, 0, 0, 0, 0, 0, 0]), null);
    assert.equal(encodingOfGamma(null, [0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]), null);
  });

  it('keep greys grey, white white and black black in any space', () => {
    for (const encoding of [encodingOfCicp(9, 13)!, encodingOfCicp(11, 13)!, encodingOfCicp(12, 4)!]) {
      assert.deepEqual(converted([255, 255, 255], encoding), [255, 255, 255]);
      assert.deepEqual(converted([0, 0, 0], encoding), [0, 0, 0]);
      const [red, green, blue] = converted([120, 120, 120], encoding);
      assert.ok(red === green && green === blue);
    }
  });

  it('agree with a colour management system on Display P3', async () => {
    const pixels = photo(50, 40);
    const p3 = await openPixels(pixels).withIccProfile('p3').raw().toBuffer();
    const back = { ...pixels, data: Uint8Array.from(p3) };
    assert.ok(meanDifference(back, pixels) > 2);
    convertToSrgb(back, encodingOfCicp(12, 13)!);
    assert.ok(meanDifference(back, pixels) < 0.5);
  });

  it('come out unchanged from a conversion that does nothing', () => {
    const pixels = photo(50, 40);
    const copy = { ...pixels, data: Uint8Array.from(pixels.data) };
    convertToSrgb(copy, { primaries: SRGB, decoding: 'srgb' });
    assert.deepEqual(copy.data, pixels.data);
  });
});
