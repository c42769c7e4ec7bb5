import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flat, logo, photo } from '../../../test/images/pixels.ts';
import { DEFAULT_LIMITS, type Gravity, type Pixels, type Resize } from '../contract.ts';
import { resize } from './resize.ts';
import { settle } from './settle.ts';
import { fittedSize } from './size.ts';
import { transform } from './transform.ts';

async function sizeOf(width: number, height: number, wanted: Resize): Promise<[number, number]> {
  const resized = await resize(photo(width, height), wanted, DEFAULT_LIMITS);
  assert.equal(resized.data.length, resized.width * resized.height * resized.channels);
  return [resized.width, resized.height];
}

/** One-pixel squares of black and white: half the light of white. */
function checkerboard(side: number): Pixels {
  const pixels = flat(side, side, [0, 0, 0]);
  for (let at = 0; at < side * side; at++)
    if ((at + Math.floor(at / side)) % 2 === 0) pixels.data.set([255, 255, 255], at * 3);
  return pixels;
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

  it('fits around a box in proportion, and never enlarges to do so', async () => {
    const box = { width: 800, height: 800 };
    assert.deepEqual(fittedSize({ width: 1200, height: 900 }, { ...box, fit: 'outside' }), {
      width: 1067,
      height: 800,
    });
    assert.deepEqual(fittedSize({ width: 1200, height: 900 }, { ...box, fit: 'inside' }), {
      width: 800,
      height: 600,
    });
    assert.deepEqual(fittedSize({ width: 4000, height: 3000 }, { width: 1000, fit: 'outside' }), {
      width: 1000,
      height: 750,
    });
    assert.deepEqual(await sizeOf(120, 90, { width: 80, height: 80, fit: 'outside' }), [107, 80]);
    assert.deepEqual(await sizeOf(120, 60, { width: 200, height: 30, fit: 'outside' }), [120, 60]);
  });

  it('keeps the brightness of a fine pattern, which is that of its light', async () => {
    for (const share of [0.5, 0.25, 0.4]) {
      const { data } = await resize(checkerboard(200), { width: 200 * share, fit: 'inside' }, DEFAULT_LIMITS);
      const inner = data.subarray(Math.floor(data.length / 3), Math.floor((2 * data.length) / 3));
      assert.ok(
        inner.every((level) => level >= 185 && level <= 190),
        `${Math.min(...inner)} ${Math.max(...inner)}`,
      );
    }
  });

  it('keeps every level of a flat colour', async () => {
    for (const level of [0, 1, 2, 7, 40, 128, 200, 254, 255]) {
      const { data } = await resize(
        flat(30, 30, [level, level, level]),
        { width: 11, fit: 'inside' },
        DEFAULT_LIMITS,
      );
      assert.ok(data.every((sample) => sample === level));
    }
  });

  it('does not let what is transparent colour an edge', async () => {
    const pixels = flat(64, 64, [0, 255, 0, 0]);
    for (let at = 0; at < 64 * 64; at++) if (at % 64 < 31) pixels.data.set([255, 0, 0, 255], at * 4);
    const { data } = await resize(pixels, { width: 32, fit: 'inside' }, DEFAULT_LIMITS);
    for (let at = 0; at < data.length; at += 4)
      if (data[at + 3]! > 8) assert.ok(data[at + 1]! < 20 && data[at]! > 235);
  });

  it('keeps the side that gravity names', async () => {
    const pixels = flat(90, 30, [0, 0, 255]);
    for (let at = 0; at < 90 * 30; at++) if (at % 90 >= 60) pixels.data.set([255, 0, 0], at * 3);
    const red = async (gravity: Gravity) =>
      (await transform(pixels, { resize: { width: 10, height: 10, fit: 'cover', gravity } }, DEFAULT_LIMITS))
        .data[5 * 30 + 15]!;
    assert.ok(
      (await red('right')) > 250 && (await red('top-right')) > 250 && (await red('bottom-right')) > 250,
    );
    assert.ok((await red('left')) < 5 && (await red('centre')) < 5 && (await red('bottom-left')) < 5);
    assert.ok((await red('smart')) > 250);
  });

  it('settles once what is smart, within a crop, for all images alike', async () => {
    const pixels = flat(200, 60, [128, 128, 128]);
    for (let y = 20; y < 40; y++)
      for (let x = 150; x < 170; x++) pixels.data.set([250, (x * y) % 90, 20], (y * 200 + x) * 3);
    const wanted = {
      crop: { x: 100, y: 0, width: 100, height: 60 },
      resize: { width: 30, height: 30, fit: 'cover', gravity: 'smart' },
    } as const;
    const settled = await settle(pixels, wanted, DEFAULT_LIMITS);
    assert.deepEqual(settled, await settle(pixels, wanted, DEFAULT_LIMITS));
    const { x, y, width, height } = settled.crop!;
    assert.ok(
      x >= 100 && x + width <= 200 && y === 0 && width === 60 && height === 60,
      JSON.stringify(settled),
    );
    assert.ok(x <= 150 && x + width >= 170, `${x}`);
    const [once, again] = [
      await transform(pixels, wanted, DEFAULT_LIMITS),
      await transform(pixels, settled, DEFAULT_LIMITS),
    ];
    assert.deepEqual(once.data, again.data);
  });

  it('covers exactly the box', async () => {
    assert.deepEqual(await sizeOf(120, 60, { width: 30, height: 30, fit: 'cover' }), [30, 30]);
    assert.deepEqual(await sizeOf(20, 10, { width: 30, height: 31, fit: 'cover' }), [30, 31]);
    assert.deepEqual(await sizeOf(120, 60, { width: 30, fit: 'cover' }), [30, 15]);
  });

  it('stretches to exactly the box, showing all of it', async () => {
    assert.deepEqual(await sizeOf(120, 60, { width: 30, height: 31, fit: 'fill' }), [30, 31]);
    assert.deepEqual(await sizeOf(20, 10, { width: 30, height: 31, fit: 'fill' }), [30, 31]);
    assert.deepEqual(await sizeOf(120, 60, { width: 30, fit: 'fill' }), [30, 15]);
    const pixels = flat(90, 30, [0, 0, 255]);
    for (let at = 0; at < 90 * 30; at++) if (at % 90 >= 60) pixels.data.set([255, 0, 0], at * 3);
    const { data } = await resize(pixels, { width: 9, height: 30, fit: 'fill' }, DEFAULT_LIMITS);
    assert.ok(data[0]! < 20 && data[2]! > 235 && data[8 * 3]! > 235 && data[8 * 3 + 2]! < 20);
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
      for (const fit of ['cover', 'fill'] as const)
        await assert.rejects(resize(photo(20, 10), { ...wanted, fit }, limits), { reason: 'too-large' });
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
