/** The metrics on samples of 16 bits: the same numbers as on 8, and finer ones where there is more to see. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomNumbers, slope } from '../../../test/images/pixels.ts';
import { noisy, scene, smeared, withoutAlpha } from '../../../test/metric/scenes.ts';
import { allMaps, numbers, straight, straightScore } from '../../../test/metric/straight.ts';
import { straightIwssim } from '../../../test/metric/straight-iwssim.ts';
import type { Judgement, Pixels } from '../contract.ts';
import { deepPixels, shallow, widen } from '../depth.ts';
import { iwssimOf } from './iwssim.ts';
import { estimateJnd } from './jnd.ts';
import { prepareReference } from './ssimulacra2.ts';

function judgementOf(reference: Pixels, candidate: Pixels): Judgement {
  const prepared = prepareReference(reference);
  try {
    return prepared.compare(candidate);
  } finally {
    prepared.release();
  }
}

const scoreOf = (reference: Pixels, candidate: Pixels) => judgementOf(reference, candidate).score;

function assertNear(actual: number | null, expected: number | null, tolerance: number): void {
  assert.ok(
    actual !== null && expected !== null && Math.abs(actual - expected) <= tolerance,
    `${actual} is not ${expected}`,
  );
}

/** The same levels in 16 bits. */
const widened = (pixels: Pixels): Pixels => ({ ...pixels, deep: widen(pixels.data) });

/** With as much more in the low bits as 8 bits round off. */
function refined(pixels: Pixels, seed = 1): Pixels {
  const random = randomNumbers(seed);
  const deep = widen(pixels.data).map((level) =>
    Math.min(65_535, Math.max(0, level + Math.floor(256 * random()) - 128)),
  );
  return { ...pixels, deep };
}

/** A slope of which each sample became what `round` makes of it. */
const rounded = (pixels: Pixels, round: (level: number) => number): Pixels =>
  deepPixels(pixels.deep!.map(round), pixels);

test('equal deep pixels score exactly 100, whatever their size and channels', () => {
  for (const [width, height] of [
    [1, 1],
    [3, 9],
    [33, 17],
    [181, 257],
  ] as const) {
    for (const channels of [3, 4] as const) {
      const pixels = refined(scene(width, height, channels));
      const { score, worstTile } = judgementOf(pixels, pixels);
      assert.deepEqual([score, worstTile.score], [100, 100]);
      assert.ok([1, null].includes(iwssimOf(pixels, pixels)));
    }
  }
});

test('levels of 8 bits score in 16 what they score in 8', () => {
  for (const channels of [3, 4] as const) {
    const reference = scene(190, 180, channels);
    for (const candidate of [noisy(reference, 3), smeared(reference), withoutAlpha(noisy(reference, 9))]) {
      const expected = judgementOf(reference, candidate);
      assert.deepEqual(judgementOf(widened(reference), widened(candidate)), expected);
      assert.deepEqual(judgementOf(widened(reference), candidate), expected);
    }
    assert.equal(scoreOf(widened(reference), reference), 100);
    assert.equal(iwssimOf(widened(reference), reference), 1);
  }
});

test('against a reference of 8 bits a candidate is seen in 8', () => {
  const reference = scene(190, 180, 4);
  const candidate = refined(noisy(reference, 2));
  assert.deepEqual(judgementOf(reference, candidate), judgementOf(reference, shallow(candidate)));
  assert.equal(iwssimOf(reference, candidate), iwssimOf(reference, shallow(candidate)));
});

test('deep pixels score as the straight computation says, with and without transparency', () => {
  const reference = refined(scene(130, 120));
  for (const candidate of [refined(noisy(reference, 2), 2), refined(reference, 3), shallow(reference)])
    assertNear(scoreOf(reference, candidate), straight(reference, candidate), 0.002);
  const clear = refined(scene(130, 120, 4));
  const other = refined(noisy(clear, 3), 2);
  const over = (backdrop: number) => straightScore(numbers(allMaps(clear, other, backdrop)));
  assertNear(scoreOf(clear, other), Math.min(over(0.1), over(0.9)), 0.002);
});

test('the IW-SSIM of deep pixels is that of the straight computation on unrounded luma', () => {
  for (const channels of [3, 4] as const) {
    const reference = refined(scene(179, 186, channels));
    for (const candidate of [refined(smeared(reference), 2), refined(noisy(reference, 2), 3)])
      assertNear(iwssimOf(reference, candidate), straightIwssim(reference, candidate), 1e-5);
  }
  const smooth = slope(200, 180);
  const steps = rounded(smooth, (level) => level & 0xff00);
  assertNear(iwssimOf(smooth, steps), straightIwssim(smooth, steps), 1e-5);
});

test('of a smooth slope bands of 8 bits score less than 8 dithered bits, and those less than 10 bits', () => {
  const random = randomNumbers(5);
  for (const channels of [3, 4] as const) {
    const smooth = slope(400, 300, channels);
    const cut = rounded(smooth, (level) => (level >> 8) * 257);
    const banded = shallow(smooth);
    const dithered = rounded(smooth, (level) => Math.min(255, Math.floor(level / 257 + random())) * 257);
    const finer = rounded(smooth, (level) =>
      Math.round((Math.round((level * 1023) / 65_535) * 65_535) / 1023),
    );
    const scores = [cut, banded, dithered, finer].map((candidate) => scoreOf(smooth, candidate));
    assert.ok(Math.max(scores[0]!, scores[1]!) + 2 < scores[2]!, scores.join(' '));
    assert.ok(scores[2]! + 0.5 < scores[3]!, scores.join(' '));
    const jnds = [cut, banded, dithered, finer].map((candidate) => {
      return estimateJnd({ ssimulacra2: scoreOf(smooth, candidate), iwssim: iwssimOf(smooth, candidate) })
        .jnd;
    });
    assert.ok(Math.min(jnds[0]!, jnds[1]!) > 5 * Math.max(jnds[2]!, jnds[3]!), jnds.join(' '));
  }
});

test('deep samples that are not as many as the bytes are refused', () => {
  const pixels = { ...scene(20, 10), deep: new Uint16Array(599) };
  assert.throws(() => prepareReference(pixels), /599 deep samples are not the same image as 600 bytes/);
});
