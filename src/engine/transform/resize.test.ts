import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flat, logo, photo } from '../../../test/images/pixels.ts';
import { DEFAULT_LIMITS, type Resize } from '../contract.ts';
import { resize } from './resize.ts';

async function sizeOf(width: number, height: number, wanted: Resize): Promise<[number, number]> {
  const resized = await resize(photo(width, height), wanted, DEFAULT_LIMITS);
  assert.equal(resized.data.length, resized.width * resized.height * resized.channels);
  return [resized.width, resized.height];
}

describe('resizing', () => {
  it('fits inside a box in proportion', async () => {
    assert.deepEqual(await sizeOf(120, 60, { width: 40, height: 40, fit: 'inside' }), [40, 20]);
    assert.deepEqual(await sizeOf(120, 60, { width: 60, fit: 'inside' }), [60, 30]);
    assert.deepEqual(await sizeOf(120, 60, { height: 15, fit: 'inside' }), [30, 15]);
    assert.deepEqual(await sizeOf(300, 2, { width: 30, fit: 'inside' }), [30, 1]);
  });

  it('never enlarges to fit inside a box', async () => {
    assert.deepEqual(await sizeOf(20, 10, { width: 400, height: 400, fit: 'inside' }), [20, 10]);
    assert.deepEqual(await sizeOf(20, 10, { width: 10, height: 400, fit: 'inside' }), [10, 5]);
  });

  it('covers exactly the box', async () => {
    assert.deepEqual(await sizeOf(120, 60, { width: 30, height: 30, fit: 'cover' }), [30, 30]);
    assert.deepEqual(await sizeOf(20, 10, { width: 30, height: 31, fit: 'cover' }), [30, 31]);
    assert.deepEqual(await sizeOf(120, 60, { width: 30, fit: 'cover' }), [30, 15]);
  });

  it('crops the centre', async () => {
    const pixels = flat(90, 30, [0, 0, 255]);
    for (let at = 0; at < pixels.data.length; at += 3) {
      const x = (at / 3) % 90;
      if (x >= 30 && x < 60) pixels.data.set([255, 0, 0], at);
    }
    const { data } = await resize(pixels, { width: 10, height: 10, fit: 'cover' }, DEFAULT_LIMITS);
    assert.deepEqual([...data.subarray(5 * 30 + 15, 5 * 30 + 18)], [255, 0, 0]);
  });

  it('makes no more pixels than may be read, however few the source has', async () => {
    const limits = { maxPixels: 10_000, maxSide: 500 };
    const size = async (wanted: Resize) => {
      const { width, height } = await resize(photo(20, 10), wanted, limits);
      return [width, height];
    };
    assert.deepEqual(await size({ width: 100, height: 100, fit: 'cover' }), [100, 100]);
    assert.deepEqual(await size({ width: 60_000, height: 60_000, fit: 'inside' }), [20, 10]);
    for (const wanted of [
      { width: 101, height: 100 },
      { width: 501, height: 2 },
      { width: 200 },
      { height: 100 },
      { width: 60_000, height: 60_000 },
    ])
      await assert.rejects(resize(photo(20, 10), { ...wanted, fit: 'cover' }, limits), {
        reason: 'too-large',
      });
  });

  it('gives the same pixels when there is nothing to do', async () => {
    const pixels = photo(20, 10);
    assert.equal(await resize(pixels, { width: 20, height: 10, fit: 'cover' }, DEFAULT_LIMITS), pixels);
    assert.equal(await resize(pixels, { width: 50, fit: 'inside' }, DEFAULT_LIMITS), pixels);
  });

  it('keeps a flat colour and transparency', async () => {
    const { data } = await resize(flat(50, 50, [10, 200, 90]), { width: 7, fit: 'inside' }, DEFAULT_LIMITS);
    assert.ok(data.every((sample, at) => sample === [10, 200, 90][at % 3]));
    const badge = await resize(logo(64, 64), { width: 16, fit: 'inside' }, DEFAULT_LIMITS);
    assert.deepEqual([badge.channels, badge.data[3]], [4, 0]);
  });
});
