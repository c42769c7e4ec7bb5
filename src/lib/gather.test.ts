import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGathering } from './gather.ts';
import { Problem } from './problem.ts';

/** A gathering whose rounds are recorded and fail as told. */
function recorded(failing: (items: number[]) => unknown = () => null) {
  const rounds: number[][] = [];
  const double = createGathering(async (items: number[]) => {
    rounds.push(items);
    await Promise.resolve();
    const error = failing(items);
    if (error) throw error;
    return items.map((item) => (item < 0 ? { error: new Error('below zero') } : { value: item * 2 }));
  }, 3);
  return { rounds, double };
}

test('a call does not wait for company, and those that come meanwhile go together', async () => {
  const { rounds, double } = recorded();
  assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(double)), [2, 4, 6, 8, 10]);
  assert.deepEqual(rounds, [[1], [2, 3, 4], [5]]);
});

test('one that fails fails alone', async () => {
  const { double } = recorded();
  const results = await Promise.allSettled([1, -1, 2].map(double));
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('a round that throws is done again one by one', async () => {
  const { rounds, double } = recorded((items) => items.includes(3) && new Error('three'));
  const results = await Promise.allSettled([1, 2, 3, 4].map(double));
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(rounds, [[1], [2, 3, 4], [2], [3], [4]]);
});

test('an outage is everyone’s, and nobody tries it again', async () => {
  const { rounds, double } = recorded(() => new Problem('unavailable', 'gone'));
  const results = await Promise.allSettled([1, 2, 3].map(double));
  assert.ok(results.every(({ status }) => status === 'rejected'));
  assert.deepEqual(rounds, [[1], [2, 3]]);
});
