import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureBacklog } from './backlog.ts';
import { newJob, newKey, openWorkshop } from './workshop.test-support.ts';

const shop = await openWorkshop();
const { database } = shop;

test('where nothing waits, the backlog is nothing', async () => {
  assert.deepEqual(await measureBacklog(database, 2), {
    ...{ depth: 0, keys: 0, largestKeyShare: 0, oldestSeconds: 0, drainSeconds: 0 },
  });
});

test('the backlog says how many jobs of how many keys wait, how long for, and how uneven they are', async () => {
  const [busy, other] = [await newKey(database), await newKey(database)];
  for (const { id } of [busy, busy, busy, other]) await newJob(shop, id);
  const { depth, keys, largestKeyShare, oldestSeconds, drainSeconds } = await measureBacklog(database, 2);
  assert.deepEqual([depth, keys, largestKeyShare, drainSeconds], [4, 2, 0.75, 2]);
  assert.ok(oldestSeconds > 0);
});
