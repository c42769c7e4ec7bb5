import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edited } from '../../../test/images/damage.ts';
import { flat, photo } from '../../../test/images/pixels.ts';
import { noisy, scene, withAlpha } from '../../../test/metric/scenes.ts';
import type { Pixels } from '../contract.ts';
import { tintOf } from './tint.ts';

const white = flat(130, 90, [255, 255, 255]);
const shifted = (pixels: Pixels, by: number) => edited(pixels, ([r, g, b]) => [r! + by, g!, b! - by]);

/** The white page with a mark of `size` pixels. */
const marked = (x: number, y: number, size = 2, level = 0) =>
  edited(white, () => [level, level, level], { x, y, width: size, height: size });

/** The image seen in a mirror, or lying on its side. */
function rearranged({ data, width, height }: Pixels, isTurned: boolean): Pixels {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const to = isTurned ? x * height + (height - 1 - y) : y * width + (width - 1 - x);
      result.set(data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3), 3 * to);
    }
  const [wide, high] = isTurned ? [height, width] : [width, height];
  return { data: result, width: wide, height: high, channels: 3 };
}

test('images that are alike have none, whatever their size and channels', () => {
  for (const [width, height] of [
    [1, 1],
    [3, 40],
    [129, 17],
  ] as const)
    for (const channels of [3, 4] as const) {
      const pixels = scene(width, height, channels);
      assert.equal(tintOf(pixels, pixels), 0);
    }
});

test('a colour over all of a picture is seen, the more of it the more', () => {
  const picture = photo(200, 150, 5);
  const tints = [2, 4, 8, 16].map((by) => tintOf(picture, shifted(picture, by)));
  assert.deepEqual(
    tints,
    tints.toSorted((a, b) => a - b),
  );
  assert.ok(tints[0]! < 1 && tints[1]! > 1, tints.join(' '));
});

test('noise that leaves colours what they are in the mean is no tint', () => {
  const picture = photo(200, 150, 5);
  assert.ok(tintOf(picture, noisy(picture, 6)) < 1);
});

test('a dot is seen wherever it lies, edges and corners included, come or gone', () => {
  for (const [x, y] of [
    [0, 0],
    [128, 0],
    [60, 88],
    [61, 88],
    [60, 87],
    [61, 87],
    [31, 15],
    [32, 33],
  ] as const) {
    assert.ok(tintOf(white, marked(x, y)) > 2, `come at ${x}, ${y}`);
    assert.equal(tintOf(marked(x, y), white), tintOf(white, marked(x, y)));
  }
});

test('a darker dot and a larger one are seen sooner', () => {
  const dots = [marked(50, 50, 1, 200), marked(50, 50, 1), marked(50, 50, 2), marked(50, 50, 3)];
  const tints = dots.map((dot) => tintOf(white, dot));
  assert.deepEqual(
    tints,
    tints.toSorted((a, b) => a - b),
  );
});

test('a dot among others as strong is not', () => {
  const busy = edited(white, (_, x, y) => (x % 7 < 3 !== y % 5 < 2 ? [255, 255, 255] : [0, 0, 0]));
  const spoilt = edited(busy, () => [128, 128, 128], { x: 50, y: 50, width: 2, height: 2 });
  assert.ok(tintOf(busy, spoilt) < 1);
});

test('mirrored and turned pairs have the same', () => {
  const picture = photo(131, 97, 5);
  const damaged = edited(shifted(picture, 6), () => [255, 0, 0], { x: 40, y: 30, width: 2, height: 2 });
  for (const isTurned of [false, true]) {
    const expected = tintOf(picture, damaged);
    const actual = tintOf(rearranged(picture, isTurned), rearranged(damaged, isTurned));
    assert.ok(Math.abs(actual - expected) < 0.02 * expected, `${actual} is not ${expected}`);
  }
});

test('what shows over dark or over light only is seen', () => {
  const veil = withAlpha(flat(64, 64, [26, 26, 26]), 128);
  assert.ok(tintOf(veil, withAlpha(veil, 100)) > 1);
});

test('colours that bleed over an edge are no dots', () => {
  const edge = edited(white, (_, x) => (x < 60 ? [200, 30, 40] : [70, 70, 70]));
  const bled = edited(edge, ([r, g, b], x) =>
    x >= 60 && x < 64 ? [r! + 64 - x, g!, b! - 5 * (64 - x)] : [r!, g!, b!],
  );
  assert.ok(tintOf(edge, bled) < 1);
});
