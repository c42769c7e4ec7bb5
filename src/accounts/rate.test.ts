/** Limits of requests, counted by two nodes on one database. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Problem } from '../lib/problem.ts';
import { openDatabase } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { silentLog, temporaryDatabase } from '../store/temporary-database.test-support.ts';
import { createRateLimits } from './rate.ts';

const { database, server } = await temporaryDatabase();
await migrate(database);
const nodes = [createRateLimits(database), createRateLimits(database)] as const;

const HOUR = 3600;
const someKey = (rateLimits: Record<string, number> = {}) => ({ id: randomUUID(), rateLimits });

test('of many requests at once on two nodes exactly as many pass as the limit says', async () => {
  const key = someKey();
  const limit = { endpoint: 'upload', requests: 25, seconds: HOUR };
  const outcomes = await Promise.allSettled(
    Array.from({ length: 200 }, (_, at) => nodes[at % 2]!.consume(key, limit)),
  );
  const passed = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value);
  assert.deepEqual(
    passed.map(({ left }) => left).sort((a, b) => b - a),
    Array.from({ length: 25 }, (_, at) => 24 - at),
  );
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') assert.equal((outcome.reason as Problem).code, 'rate-limited');
});

test('who is refused is told when to come again', async () => {
  const key = someKey();
  const limit = { endpoint: 'upload', requests: 1, seconds: HOUR };
  const { requests, left, resetSeconds } = await nodes[0].consume(key, limit);
  assert.deepEqual([requests, left, resetSeconds], [1, 0, HOUR]);
  for (const node of nodes)
    await assert.rejects(node.consume(key, limit), ({ code, retryAfterSeconds }: Problem) => {
      assert.equal(code, 'rate-limited');
      return retryAfterSeconds! > HOUR - 60 && retryAfterSeconds! <= HOUR;
    });
});

test('keys and endpoints are counted each by themselves', async () => {
  const limit = { endpoint: 'upload', requests: 1, seconds: HOUR };
  const key = someKey();
  await nodes[0].consume(key, limit);
  await nodes[0].consume(key, { ...limit, endpoint: 'status' });
  await nodes[0].consume(someKey(), limit);
  await assert.rejects(nodes[0].consume(key, limit), { code: 'rate-limited' });
});

test("a key's own limit goes before the protocol's, that of an endpoint before that of all", async () => {
  const key = someKey({ upload: 3, '*': 2 });
  const limit = { requests: 1, seconds: HOUR };
  const asked = async (endpoint: string) => (await nodes[0].consume(key, { ...limit, endpoint })).requests;
  assert.deepEqual([await asked('upload'), await asked('status')], [3, 2]);
  await asked('status');
  await assert.rejects(asked('status'), { code: 'rate-limited' });
  await asked('upload');
});

test('where the protocol has no limit, that of the key alone counts', async () => {
  const key = someKey({ optimize: 1 });
  await nodes[0].consumeOwn(key, 'optimize');
  await assert.rejects(nodes[1].consumeOwn(key, 'optimize'), { code: 'rate-limited' });
  for (let i = 0; i < 3; i += 1) await nodes[0].consumeOwn(key, 'result');
});

test('a window that is over counts no more', async () => {
  const key = someKey();
  const limit = { endpoint: 'upload', requests: 1, seconds: HOUR };
  await nodes[0].consume(key, limit);
  await database.query('UPDATE request_counts SET expire = expire - $1 WHERE key LIKE $2', [
    HOUR * 1000,
    `%${key.id}%`,
  ]);
  assert.equal((await nodes[1].consume(key, limit)).left, 0);
});

test('a database that cannot be reached is said to be so', async () => {
  const closed = openDatabase(server.connection, silentLog);
  const limits = createRateLimits(closed);
  closed.pool.options.port = 1;
  closed.pool.options.host = '127.0.0.1';
  await assert.rejects(limits.consume(someKey(), { endpoint: 'x', requests: 1, seconds: 1 }), {
    code: 'unavailable',
  });
  await closed.close();
});
