import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from './in-order.ts';

test('results are delivered in the order of the items, whatever ends first', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const delivered: number[] = [];
  const all = inOrder(
    [0, 1, 2],
    3,
    async (item) => {
      await gates[item]!.promise;
      if (item > 0) gates[item - 1]!.resolve();
      return item;
    },
    (result) => delivered.push(result),
  );
  gates[2]!.resolve();
  await all;
  assert.deepEqual(delivered, [0, 1, 2]);
});

test('no more run together than asked for', async () => {
  let running = 0;
  let most = 0;
  await inOrder(
    Array.from({ length: 20 }, (_, index) => index),
    3,
    async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running -= 1;
    },
    () => undefined,
  );
  assert.equal(most, 3);
});
