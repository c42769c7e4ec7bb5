import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFor, scaleCount } from './plan.ts';

test('a scale exists when the one before it is at least 8 x 8', () => {
  assert.equal(scaleCount(8, 8), 2);
  assert.equal(scaleCount(9, 40), 2);
  assert.equal(scaleCount(16, 16), 3);
  assert.equal(scaleCount(112, 130), 5);
  assert.equal(scaleCount(113, 130), 6);
});

test('with six scales only luma is computed at full size and nothing of the smallest scale', () => {
  const { masks, scales, depth } = planFor(113, 113);
  assert.equal(scales, 6);
  assert.equal(depth, 5);
  const [ssim, artifact, loss] = [1, 2, 4];
  assert.deepEqual(masks, [
    ...[0, ssim | loss, 0],
    ...[ssim, ssim | loss, 0],
    ...[ssim | artifact, ssim, 0],
    ...[ssim | artifact, ssim | artifact, ssim | artifact],
    ...[artifact, ssim | artifact, ssim | artifact | loss],
    ...[0, 0, 0],
  ]);
});

test('with fewer scales everything is computed', () => {
  const { masks, scales, depth } = planFor(112, 500);
  assert.equal(scales, 5);
  assert.equal(depth, 5);
  assert.ok(masks.every((mask) => mask === 7));
});
