import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  banded,
  drawn,
  marked,
  noisy,
  scene,
  smeared,
  tinted,
  withAlpha,
  withoutAlpha,
} from '../../../test/metric/scenes.ts';
import { allMaps, numbers, straight, straightScore } from '../../../test/metric/straight.ts';
import type { Judgement, Pixels } from '../contract.ts';
import { prepareReference } from './ssimulacra2.ts';

function judgementOf(reference: Pixels, candidate: Pixels): Judgement {
  const prepared = prepareReference(reference);
  try {
    return prepared.compare(candidate);
  } finally {
    prepared.release();
  }
}

function scoreOf(reference: Pixels, candidate: Pixels): number {
  return judgementOf(reference, candidate).score;
}

function assertNear(actual: number, expected: number, tolerance: number, what = ''): void {
  const difference = Math.abs(actual - expected);
  assert.ok(difference <= tolerance, `${what} ${actual} is ${difference} from ${expected}`);
}

test('equal pixels score exactly 100, whatever their size and channels', () => {
  for (const [width, height] of [
    [1, 1],
    [3, 9],
    [8, 8],
    [33, 17],
    [131, 257],
  ] as const) {
    for (const channels of [3, 4] as const) {
      const pixels = scene(width, height, channels);
      const { score, worstTile } = judgementOf(pixels, pixels);
      assert.equal(score, 100);
      assert.equal(worstTile.score, 100);
    }
  }
});

test('generated pairs score what they scored when the golden set was met', () => {
  const a = scene(160, 130);
  assertNear(scoreOf(a, noisy(a, 2)), 92.94386, 0.002);
  assertNear(scoreOf(a, noisy(a, 12)), 64.3932, 0.002);
  assertNear(scoreOf(a, banded(a, 8)), 89.0216, 0.002);
  assertNear(scoreOf(a, smeared(a)), 51.08119, 0.002);
  assertNear(scoreOf(a, tinted(a, 6)), 90.0888, 0.002);
  assertNear(scoreOf(a, marked(a, 40, 30, 32)), -5.9468, 0.002);
});

test('odd and tiny sizes score as the straight computation says', () => {
  for (const [width, height] of [
    [8, 8],
    [9, 40],
    [16, 16],
    [33, 17],
    [100, 80],
    [112, 130],
    [113, 113],
    [141, 117],
    [8, 300],
  ] as const) {
    const pixels = scene(width, height, 3, width);
    for (const damage of [smeared, (image: Pixels) => tinted(image, 9)]) {
      const damaged = damage(pixels);
      assertNear(scoreOf(pixels, damaged), straight(pixels, damaged), 0.002, `${width} x ${height}:`);
    }
  }
});

test('a single changed bit costs what it should, at the steep end of the curve', () => {
  const pixels = scene(150, 140);
  const changed = { ...pixels, data: pixels.data.slice() };
  changed.data[3 * (70 * 150 + 50)]! ^= 1;
  const score = scoreOf(pixels, changed);
  assert.ok(score < 100);
  assertNear(score, straight(pixels, changed), 0.002);
});

test('grey images are judged like any other', () => {
  const pixels = scene(120, 140);
  const grey = { ...pixels, data: pixels.data.map((_, at) => pixels.data[at - (at % 3)]!) };
  const darker = { ...grey, data: grey.data.map((sample) => sample & 0xf8) };
  assertNear(scoreOf(grey, darker), straight(grey, darker), 0.002);
});

test('a reference with alpha counts over the worse of dark and light grey', () => {
  const reference = scene(130, 120, 4);
  const candidate = smeared(reference);
  const over = (backdrop: number) => straightScore(numbers(allMaps(reference, candidate, backdrop)));
  assertNear(scoreOf(reference, candidate), Math.min(over(0.1), over(0.9)), 0.002);
  const opaque = withAlpha(reference, 255);
  assertNear(scoreOf(opaque, withAlpha(reference, 240)), straight(opaque, withAlpha(reference, 240)), 0.002);
});

test('colours under alpha 0 do not count', () => {
  const reference = withAlpha(scene(40, 40), 0);
  assert.equal(scoreOf(reference, withAlpha(scene(40, 40, 3, 9), 0)), 100);
});

test('a candidate without alpha counts as opaque against a reference with alpha', () => {
  const reference = scene(60, 50, 4);
  const candidate = withoutAlpha(noisy(reference, 3));
  assert.equal(scoreOf(reference, candidate), scoreOf(reference, withAlpha(candidate, 255)));
  const opaque = scene(60, 50);
  assert.equal(scoreOf(withAlpha(opaque, 255), opaque), 100);
});

test('alpha that only the candidate has counts over the worse of dark and light grey too', () => {
  const reference = scene(60, 50);
  const candidate = withAlpha(reference, 250);
  assertNear(scoreOf(reference, candidate), straight(withAlpha(reference, 255), candidate), 0.002);
  assert.equal(scoreOf(reference, withAlpha(reference, 255)), 100);
});

test('an opaque image cannot vanish on any backdrop unseen', () => {
  for (const level of [26, 128, 230]) {
    const reference = drawn(60, 50, () => level);
    const score = scoreOf(reference, withAlpha(reference, 0));
    assert.ok(score < 50, `grey ${level}: ${score}`);
  }
});

test('swapping the images changes the score', () => {
  const a = scene(160, 130);
  const b = smeared(a);
  assert.ok(Math.abs(scoreOf(a, b) - scoreOf(b, a)) > 0.1);
});

test('the same pair always gives the same score', () => {
  const a = scene(300, 200);
  const b = noisy(a, 4);
  assert.deepEqual(judgementOf(a, b), judgementOf(a, b));
});

test('an image with a side under 8 pixels is judged as if its last row and column went on', () => {
  const tiny = scene(3, 5);
  const changed = tinted(tiny, 40);
  const { score, worstTile } = judgementOf(tiny, changed);
  assert.deepEqual(worstTile, { x: 0, y: 0, width: 3, height: 5, score });
  const extend = (pixels: Pixels): Pixels => ({
    data: Uint8Array.from({ length: 192 }, (_, at) => {
      const pixel = Math.floor(at / 3);
      const [x, y] = [Math.min(pixel % 8, 2), Math.min(Math.floor(pixel / 8), 4)];
      return pixels.data[(y * 3 + x) * 3 + (at % 3)]!;
    }),
    width: 8,
    height: 8,
    channels: 3,
  });
  assert.ok(score < 100);
  assert.equal(score, scoreOf(extend(tiny), extend(changed)));
});

test('sizes that do not match or do not add up are refused with both sizes named', () => {
  const reference = prepareReference(scene(20, 10));
  assert.throws(() => reference.compare(scene(10, 20)), /10 x 20 against 20 x 10/);
  assert.throws(() => reference.errorMap(scene(20, 11)), /20 x 11 against 20 x 10/);
  reference.release();
  assert.throws(() => prepareReference({ ...scene(9, 9), width: 10 }), /243 bytes are not 10 x 9 pixels/);
  assert.throws(() => prepareReference({ ...scene(9, 9), height: 0 }), /9 x 0/);
});

test('an image that the wasm cannot hold is refused by its size', () => {
  const data = new Uint8Array(0);
  assert.throws(() => prepareReference({ data, width: 20_000, height: 10_001, channels: 3 }), /too large/);
});

test('a released reference says so, and releasing twice is harmless', () => {
  const pixels = scene(20, 10);
  const reference = prepareReference(pixels);
  reference.release();
  reference.release();
  assert.throws(() => reference.compare(pixels), /released/);
  const [one, two] = [prepareReference(pixels), prepareReference(noisy(pixels, 9))];
  assert.equal(one.compare(pixels).score, 100);
  one.release();
  two.release();
});
