import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noisy, scene, smeared } from '../../../test/metric/scenes.ts';
import { bandScores, luma } from '../../../test/metric/straight-iwssim.ts';
import { type LumaEye, lumaEyes } from './luma-eye.ts';

test('the loss of every band is that of the straight computation', () => {
  const reference = scene(179, 186);
  for (const candidate of [smeared(reference), noisy(reference, 1)]) {
    const eye = lumaEyes.take();
    eye.look(reference, 51, 5);
    const losses = eye.losses(candidate, 51);
    lumaEyes.give(eye);
    const expected = bandScores(luma(reference, 0.5), luma(candidate, 0.5)).map((q) => 1 - q);
    assert.equal(losses.length, 5);
    losses.forEach((loss, band) => {
      const off = Math.abs(loss - expected[band]!);
      assert.ok(off < 0.001 * expected[band]!, `band ${band}: ${loss} is not ${expected[band]}`);
    });
  }
});

test('computing the means and variances of the reference anew changes no number', () => {
  const reference = scene(190, 180);
  const candidate = noisy(reference, 4);
  const [kept, anew] = [true, false].map((keep) => {
    const eye = lumaEyes.take();
    eye.look(reference, 51, 5, keep);
    const losses = eye.losses(candidate, 51);
    lumaEyes.give(eye);
    return losses;
  });
  assert.deepEqual(kept, anew);
});

test('an instance that served a larger image gives a smaller one the same numbers', () => {
  const [large, small] = [scene(400, 300), scene(180, 190, 3, 5)];
  const damaged = smeared(small);
  const eye = lumaEyes.take();
  eye.look(small, 51, 5);
  const before = eye.losses(damaged, 51);
  eye.look(large, 51, 5);
  eye.losses(noisy(large, 20), 51);
  eye.look(small, 51, 5);
  assert.deepEqual(eye.losses(damaged, 51), before);
  lumaEyes.give(eye);
});

test('a thousand references and comparisons leave the memory as large as the first', () => {
  const reference = scene(40, 30, 4);
  const candidate = noisy(reference, 3);
  const eyes = new Set<LumaEye>();
  const sizes = new Set<number>();
  for (let round = 0; round < 1000; round++) {
    const eye = lumaEyes.take();
    eye.look(reference, 51, 2);
    eye.losses(candidate, 51);
    eyes.add(eye);
    sizes.add(eye.sizeBytes());
    lumaEyes.give(eye);
  }
  assert.equal(eyes.size, 1);
  assert.equal(sizes.size, 1);
});
