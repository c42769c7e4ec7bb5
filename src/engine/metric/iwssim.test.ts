import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  banded,
  drawn,
  noisy,
  scene,
  smeared,
  tinted,
  withAlpha,
  withoutAlpha,
} from '../../../test/metric/scenes.ts';
import { straightIwssim, straightOver } from '../../../test/metric/straight-iwssim.ts';
import type { Pixels } from '../contract.ts';
import { iwssimLevels, iwssimOf, prepareIwssim } from './iwssim.ts';

/** Within what float32 costs at worst: half a percent of what is missing to 1, or 0.00003. */
function assertNear(actual: number | null, expected: number | null, what: string): void {
  const missing = 1 - (expected ?? 0);
  const difference = Math.abs((actual ?? Number.NaN) - (expected ?? Number.NaN));
  assert.ok(
    difference <= Math.max(0.005 * missing, 3e-5),
    `${what}: ${actual} is ${difference} from ${expected}`,
  );
}

test('equal pixels have exactly 1, whatever their size and channels', () => {
  for (const [width, height] of [
    [11, 11],
    [22, 90],
    [131, 57],
    [177, 180],
  ] as const) {
    for (const channels of [3, 4] as const) {
      const pixels = scene(width, height, channels);
      assert.equal(iwssimOf(pixels, pixels), 1);
    }
  }
});

test('an image has as many levels as its shorter side holds windows, doubled each time', () => {
  const sides = [10, 11, 21, 22, 43, 44, 87, 88, 175, 176, 4000];
  const levels = sides.map((side) => iwssimLevels(5000, side));
  assert.deepEqual(levels, [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  assert.equal(iwssimLevels(1, 1), 0);
});

test('images with a side under 11 pixels have none', () => {
  const pixels = scene(10, 300);
  assert.equal(iwssimOf(pixels, noisy(pixels, 9)), null);
});

test('every number of levels, odd and even sizes agree with the straight computation', () => {
  for (const [width, height] of [
    [11, 11],
    [12, 40],
    [22, 23],
    [43, 45],
    [88, 91],
    [101, 90],
    [177, 181],
  ] as const) {
    const pixels = scene(width, height, 3, width);
    for (const damage of [smeared, (image: Pixels) => tinted(image, 9)]) {
      const damaged = damage(pixels);
      assertNear(iwssimOf(pixels, damaged), straightIwssim(pixels, damaged), `${width} x ${height}`);
    }
  }
});

test('from a megapixel on, every third row of the finest band stands for all', () => {
  const pixels = scene(1251, 801);
  for (const damage of [smeared, (image: Pixels) => noisy(image, 5)]) {
    const damaged = damage(pixels);
    assertNear(iwssimOf(pixels, damaged), straightIwssim(pixels, damaged), damage.name);
  }
  const changed = { ...pixels, data: pixels.data.slice() };
  for (let row = 400; row < 403; row++) {
    changed.data[3 * (row * 1251 + 600) + 1]! ^= 2;
    assert.ok(iwssimOf(pixels, changed)! < 1, `row ${row}`);
    changed.data[3 * (row * 1251 + 600) + 1]! ^= 2;
  }
  const strip = scene(100_001, 12);
  assertNear(iwssimOf(strip, smeared(strip)), straightIwssim(strip, smeared(strip)), 'of a single level');
});

test('references without structure or with very little agree with the straight computation', () => {
  const references: Record<string, Pixels> = {
    blank: drawn(177, 177, () => 130),
    stripes: drawn(177, 177, (x) => (x % 7) * 30),
    chequers: drawn(177, 177, (x, y) => ((x ^ y) & 1) * 255),
    ramp: drawn(177, 177, (x) => x),
    dot: drawn(177, 177, (x, y) => (x === 90 && y === 90 ? 255 : 40)),
    edge: drawn(177, 177, (x) => (x > 90 ? 255 : 40)),
  };
  for (const [name, reference] of Object.entries(references)) {
    for (const damage of [(image: Pixels) => noisy(image, 2), (image: Pixels) => banded(image, 9)]) {
      const damaged = damage(reference);
      assertNear(iwssimOf(reference, damaged), straightIwssim(reference, damaged), name);
    }
  }
});

test('a single changed bit is not lost', () => {
  const pixels = scene(180, 176);
  const changed = { ...pixels, data: pixels.data.slice() };
  changed.data[3 * (70 * 180 + 50) + 1]! ^= 2;
  const [actual, expected] = [iwssimOf(pixels, changed)!, straightIwssim(pixels, changed)!];
  assert.ok(actual < 1);
  assert.ok(Math.abs(actual - expected) < 0.01 * (1 - expected), `${1 - actual} against ${1 - expected}`);
});

test('worse damage has less', () => {
  const pixels = scene(200, 190);
  const values = [1, 2, 4, 8, 16, 32].map((strength) => iwssimOf(pixels, noisy(pixels, strength))!);
  assert.deepEqual(
    values,
    values.toSorted((a, b) => b - a),
  );
});

test('it hardly sees a change of colour that leaves luma alone', () => {
  const pixels = scene(180, 180);
  const shift = [20, -10, 0];
  const damaged = { ...pixels, data: Uint8Array.from(pixels.data, (sample, at) => sample + shift[at % 3]!) };
  assert.ok(iwssimOf(pixels, damaged)! > 0.999);
});

test('structure turned over counts as none at all, not as less than none', () => {
  const pixels = drawn(190, 190, (x, y) => ((x * 7) ^ (y * 5)) & 127);
  const turned = { ...pixels, data: pixels.data.map((sample) => 127 - sample) };
  assert.equal(iwssimOf(pixels, turned), 0);
});

test('a reference with alpha counts over the worse of dark and light grey', () => {
  const reference = scene(93, 90, 4);
  const candidate = smeared(reference);
  const [dark, light] = [0.1, 0.9].map((backdrop) => straightOver(reference, candidate, backdrop)!);
  assertNear(iwssimOf(reference, candidate), Math.min(dark!, light!), 'translucent');
  const opaque = withAlpha(reference, 255);
  const faded = withAlpha(reference, 240);
  assertNear(iwssimOf(opaque, faded), straightIwssim(opaque, faded), 'faded');
});

test('alpha that only one side has, and colours under alpha 0, are treated as by SSIMULACRA 2', () => {
  const reference = scene(60, 50, 4);
  const candidate = withoutAlpha(noisy(reference, 3));
  assert.equal(iwssimOf(reference, candidate), iwssimOf(reference, withAlpha(candidate, 255)));
  const opaque = scene(60, 50);
  assert.equal(
    iwssimOf(opaque, withAlpha(opaque, 200)),
    iwssimOf(withAlpha(opaque, 255), withAlpha(opaque, 200)),
  );
  assert.equal(iwssimOf(withAlpha(opaque, 0), withAlpha(scene(60, 50, 3, 9), 0)), 1);
});

test('a reference serves any number of candidates, each as if it were the only one', () => {
  const pixels = scene(180, 177);
  const candidates = [noisy(pixels, 4), smeared(pixels), pixels, noisy(pixels, 4)];
  const prepared = prepareIwssim(pixels);
  const values = candidates.map((candidate) => prepared.compare(candidate));
  prepared.release();
  assert.deepEqual(
    values,
    candidates.map((candidate) => iwssimOf(pixels, candidate)),
  );
  assert.equal(values[0], values[3]);
});

test('sizes that do not match, bytes that do not add up and released references are refused', () => {
  const pixels = scene(20, 12);
  const reference = prepareIwssim(pixels);
  assert.throws(() => reference.compare(scene(12, 20)), /12 x 20 against 20 x 12/);
  reference.release();
  reference.release();
  assert.throws(() => reference.compare(pixels), /released/);
  assert.throws(() => prepareIwssim({ ...pixels, width: 21 }), /720 bytes are not 21 x 12 pixels/);
  const huge: Pixels = { data: new Uint8Array(0), width: 20_000, height: 10_001, channels: 3 };
  assert.throws(() => prepareIwssim(huge), /too large/);
});
