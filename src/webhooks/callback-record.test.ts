import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import {
  callbackBacklog,
  findCallback,
  listCallbacks,
  replayCallback,
  replayDeadCallbacks,
} from './callback-record.ts';
import { databaseWithKey, newCallback } from './webhooks.test-support.ts';

const { database, keyId } = await databaseWithKey();
const newOne = (status: string) => newCallback(database, keyId, 'http://one.test/', status);

beforeEach(() => database.query('DELETE FROM callbacks'));

test('callbacks are listed newest first, all or those of one status', async () => {
  const dead = await newOne('dead');
  const due = await newOne('due');
  const idsOf = async (filter: object) =>
    (await listCallbacks(database, { limit: 10, ...filter })).callbacks.map(({ id }) => id);
  assert.deepEqual(await idsOf({}), [due, dead]);
  assert.deepEqual(await idsOf({ status: 'dead' }), [dead]);
  assert.deepEqual(await idsOf({ status: 'waiting' }), []);
});

test('callbacks are listed by the page, each once, whatever comes in meanwhile', async () => {
  const ids = [await newOne('due'), await newOne('due'), await newOne('dead')].reverse();
  // Of the same instant, so that their ids have to tell them apart.
  await database.query("UPDATE callbacks SET created_at = now() - interval '1 hour'");
  ids.sort().reverse();
  const first = await listCallbacks(database, { limit: 2 });
  await newOne('due');
  const second = await listCallbacks(database, { limit: 2, after: first.next! });
  assert.deepEqual(
    [...first.callbacks, ...second.callbacks].map(({ id }) => id),
    ids,
  );
  assert.equal(second.next, null);
});

test('one is found by its id, with what is sent', async () => {
  const id = await newOne('due');
  const { batchId, createdAt, dueAt, nextAt, ...rest } = (await findCallback(database, id.toUpperCase()))!;
  assert.ok(batchId && createdAt && dueAt && nextAt);
  assert.deepEqual(rest, {
    ...{ id, keyId, dialect: 'native', url: 'http://one.test/', status: 'due', attempts: 0 },
    ...{ endedAt: null, lastStatus: null, lastError: null, contentType: null, body: null },
  });
  assert.equal(await findCallback(database, randomUUID()), null);
  assert.equal(await findCallback(database, 'nothing'), null);
});

test('whatever has ended is replayed as if it were new; what waits for its jobs is not', async () => {
  for (const status of ['dead', 'delivered', 'due']) {
    const id = await newOne(status);
    await database.query(
      "UPDATE callbacks SET attempts = 9, due_at = now() - interval '2 days' WHERE id = $1",
      [id],
    );
    assert.equal(await replayCallback(database, id), true);
    const { status: now, attempts, dueAt, endedAt } = (await findCallback(database, id))!;
    assert.deepEqual([now, attempts, endedAt], ['due', 0, null]);
    assert.ok(Date.now() - dueAt!.getTime() < 3_600_000);
  }
  assert.equal(await replayCallback(database, await newOne('waiting')), false);
  assert.equal(await replayCallback(database, 'nothing'), false);
});

test('all that are dead can be replayed together', async () => {
  await newOne('delivered');
  await newOne('dead');
  await newOne('dead');
  assert.equal(await replayDeadCallbacks(database), 2);
  assert.equal((await listCallbacks(database, { status: 'due', limit: 10 })).callbacks.length, 2);
  assert.equal(await replayDeadCallbacks(database), 0);
});

test('the backlog counts what is due and what is dead, and how long the oldest has been due', async () => {
  assert.deepEqual(await callbackBacklog(database), { due: 0, dead: 0, oldestSeconds: 0 });
  for (const status of ['due', 'due', 'dead', 'delivered', 'waiting']) await newOne(status);
  await database.query("UPDATE callbacks SET due_at = now() - interval '1 hour'");
  const { oldestSeconds, ...counts } = await callbackBacklog(database);
  assert.deepEqual(counts, { due: 2, dead: 1 });
  assert.ok(oldestSeconds >= 3600);
});
