import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { findCallback } from './callback-record.ts';
import {
  claimCallbacks,
  keepWording,
  returnCallback,
  settleCallback,
  takeUpCallbacks,
} from './callback-states.ts';
import { databaseWithKey, newCallback } from './webhooks.test-support.ts';

const { database, keyId } = await databaseWithKey();
const limits = { most: 100, mostPerHost: 100, mostPerKey: 100, leaseMs: 60_000 };
const wording = { contentType: 'text/plain', body: 'done' };
const failed = { status: 500, error: 'The receiver answered 500.' };

beforeEach(() => database.query('DELETE FROM callbacks'));

async function anotherKey(): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    "INSERT INTO keys (name, prefix, secret_sha256) VALUES ('other', 'ke_othe', sha256('other')) RETURNING id",
  );
  return rows[0]!.id;
}

async function claimOne() {
  const [claim, ...more] = await claimCallbacks(database, limits);
  assert.ok(claim && more.length === 0);
  return claim;
}

const letLeasesLapse = () => database.query('UPDATE callbacks SET claimed_until = now()');

test('only what is due is claimed, once, and with all that is needed to send it', async () => {
  await newCallback(database, keyId, 'http://one.test/', 'waiting');
  const id = await newCallback(database, keyId, 'http://One.test:81/x');
  const { claim, batchId, ageMs, ...rest } = await claimOne();
  assert.ok(claim && batchId && ageMs >= 0);
  assert.deepEqual(rest, {
    ...{ id, keyId, dialect: 'native', url: 'http://One.test:81/x', origin: 'http://images.test' },
    ...{ host: 'one.test:81', wording: null, attempts: 1 },
  });
  assert.deepEqual(await claimCallbacks(database, limits), []);
});

test('the longest due are claimed first, and no more than asked for', async () => {
  const ids = [];
  for (const host of ['c', 'a', 'b']) ids.push(await newCallback(database, keyId, `http://${host}.test/`));
  const first = await claimCallbacks(database, { ...limits, most: 2 });
  assert.deepEqual(first.map(({ id }) => id).sort(), ids.slice(0, 2).sort());
});

test('of one host no more are in hand than allowed, however many are due before those of others', async () => {
  for (let i = 0; i < 20; i += 1) await newCallback(database, keyId, 'http://user@slow.test/hook?a=@b');
  await newCallback(database, keyId, 'https://quick.test');
  const perHost = { ...limits, mostPerHost: 2 };
  const claims = await claimCallbacks(database, perHost);
  assert.deepEqual(claims.map(({ host }) => host).sort(), ['quick.test', 'slow.test', 'slow.test']);
  assert.deepEqual(await claimCallbacks(database, perHost), []);
  await settleCallback(database, claims.find(({ host }) => host === 'slow.test')!, {
    to: 'delivered',
    status: 200,
  });
  assert.equal((await claimCallbacks(database, perHost)).length, 1);
});

test('of one key no more are in hand than allowed, at however many hosts', async () => {
  const perKey = { ...limits, mostPerHost: 2, mostPerKey: 3 };
  for (let i = 0; i < 600; i += 1) await newCallback(database, keyId, `http://slow-${i}.test/`);
  const other = await newCallback(database, await anotherKey(), 'http://quick.test/');
  const claims = await claimCallbacks(database, perKey);
  assert.equal(claims.length, 3);
  assert.deepEqual(
    (await claimCallbacks(database, perKey)).map(({ id }) => id),
    [other],
  );
  await settleCallback(database, claims[0]!, { to: 'delivered', status: 200 });
  assert.equal((await claimCallbacks(database, perKey)).length, 1);
});

test('a backlog of one host, however long, does not hide what is due for others', async () => {
  await newCallback(database, keyId, 'https://slow.test');
  await database.query(
    `WITH more AS (INSERT INTO batches SELECT gen_random_uuid(), $1, 1 FROM generate_series(1, 1000) RETURNING id)
     INSERT INTO callbacks (batch_id, key_id, dialect, url, origin, status, due_at, next_at)
     SELECT id, $1, 'native', 'https://slow.test', '', 'due', now(), now() FROM more`,
    [keyId],
  );
  await newCallback(database, keyId, 'https://quick.test');
  const perHost = { ...limits, mostPerHost: 2 };
  const hosts = [];
  for (let round = 0; round < 3; round += 1)
    hosts.push((await claimCallbacks(database, perHost)).map(({ host }) => host));
  assert.deepEqual(hosts, [['slow.test', 'slow.test'], ['quick.test'], []]);
});

test('several senders that claim at the same time never get the same callback', async () => {
  for (let i = 0; i < 60; i += 1) await newCallback(database, keyId, `http://host-${i % 7}.test/`);
  const seen: string[] = [];
  const claimAll = async () => {
    while (seen.length < 60)
      for (const { id } of await claimCallbacks(database, { ...limits, most: 3 })) seen.push(id);
  };
  await Promise.all(Array.from({ length: 6 }, claimAll));
  assert.equal(new Set(seen).size, 60);
  assert.equal(seen.length, 60);
});

test('a lease that lapsed is handed to the next, and whoever let it lapse changes nothing any more', async () => {
  await newCallback(database, keyId, 'http://one.test/');
  const late = await claimOne();
  await letLeasesLapse();
  const next = await claimOne();
  assert.deepEqual([next.id, next.attempts], [late.id, 2]);
  assert.equal(await keepWording(database, late, wording), false);
  assert.equal(await settleCallback(database, late, { to: 'dead', ...failed }), false);
  assert.equal(await keepWording(database, next, wording), true);
  assert.equal(await settleCallback(database, next, { to: 'delivered', status: 204 }), true);
  const { status, lastStatus, lastError, endedAt } = (await findCallback(database, next.id))!;
  assert.deepEqual([status, lastStatus, lastError], ['delivered', 204, null]);
  assert.ok(endedAt);
});

test('what was worded once comes with every later claim', async () => {
  await newCallback(database, keyId, 'http://one.test/');
  const first = await claimOne();
  await keepWording(database, first, wording);
  await settleCallback(database, first, { to: 'due', ...failed, delayMs: 0 });
  assert.deepEqual((await claimOne()).wording, wording);
});

test('a failed one is due again when its delay is over', async () => {
  const id = await newCallback(database, keyId, 'http://one.test/');
  await settleCallback(database, await claimOne(), { to: 'due', ...failed, delayMs: 3_600_000 });
  assert.deepEqual(await claimCallbacks(database, limits), []);
  const { status, lastStatus, lastError } = (await findCallback(database, id))!;
  assert.deepEqual([status, lastStatus, lastError], ['due', 500, failed.error]);
  await database.query('UPDATE callbacks SET next_at = now()');
  assert.equal((await claimOne()).attempts, 2);
});

test('one that was given back is there for the next at once', async () => {
  await newCallback(database, keyId, 'http://one.test/');
  await returnCallback(database, await claimOne());
  await claimOne();
});

test('a node that is alone takes up at once what the last one had in hand', async () => {
  await newCallback(database, keyId, 'http://one.test/');
  const late = await claimOne();
  assert.equal(await takeUpCallbacks(database), 1);
  await claimOne();
  assert.equal(await settleCallback(database, late, { to: 'delivered', status: 200 }), false);
});
