import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agreement, interval, quantile, resamples } from './statistics.ts';

test('agreement is the ranks, the line and the error', () => {
  const { srocc, plcc, rmse } = agreement([1, 2, 3, 4], [1, 4, 9, 16]);
  assert.ok(Math.abs(srocc - 1) < 1e-12);
  assert.ok(Math.abs(plcc - 0.98437) < 1e-5);
  assert.ok(Math.abs(rmse - Math.sqrt((4 + 36 + 144) / 4)) < 1e-12);
});

test('equal values share the mean of their ranks', () => {
  const { srocc } = agreement([1, 1, 2, 3], [1, 2, 3, 4]);
  assert.ok(Math.abs(srocc - 0.9486833) < 1e-6);
});

test('a quantile lies between its neighbours', () => {
  assert.equal(quantile([4, 1, 3, 2], 0), 1);
  assert.equal(quantile([4, 1, 3, 2], 1), 4);
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
  assert.deepEqual(interval(Array.from({ length: 41 }, (_, at) => at)), [1, 39]);
});

test('resamples draw whole groups, the same ones for the same seed', () => {
  const groups = ['a', 'a', 'b', 'b', 'b', 'c'];
  const draws = resamples(groups, 50, 3);
  assert.deepEqual(draws, resamples(groups, 50, 3));
  assert.notDeepEqual(draws, resamples(groups, 50, 4));
  for (const draw of draws) {
    const count = (index: number) => draw.filter((at) => at === index).length;
    assert.equal(count(0), count(1));
    assert.equal(count(2), count(4));
  }
});
