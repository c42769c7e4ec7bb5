import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import { createOutbound } from '../outbound/outbound.ts';
import { silentLog } from '../store/temporary-database.test-support.ts';
import type { Attempt } from './attempt.ts';
import { findCallback, replayCallback } from './callback-record.ts';
import { createPost } from './post.ts';
import { loadWebhookSecret } from './secret.ts';
import { createSender, type Sender } from './sender.ts';
import {
  attemptOver,
  closedPort,
  databaseWithKey,
  newCallback,
  outbound,
  poll,
  startReceiver,
  untilStatus,
  wordAnew,
} from './webhooks.test-support.ts';

const running = new Set<Sender>();
// Before the database's own hook: a sender must not outlive what it reads.
after(() => Promise.all([...running].map((sender) => sender.stop(0))));
const { database, keyId } = await databaseWithKey();

const atOnce = () => 0;
const late = () => 1;

async function startSender(random = atOnce, attempt?: Attempt): Promise<Sender> {
  const sender = createSender(database, attempt ?? (await attemptOver(database)), silentLog, random);
  await sender.start();
  running.add(sender);
  return sender;
}

async function stop(sender: Sender, graceMs = 60_000): Promise<void> {
  running.delete(sender);
  await sender.stop(graceMs);
}

const newOne = (url: string) => newCallback(database, keyId, url);
const found = async (id: string) => (await findCallback(database, id))!;

test('a callback that becomes due is delivered, once', async () => {
  const sender = await startSender();
  const receiver = await startReceiver();
  const id = await newOne(receiver.url);
  await untilStatus(database, id, 'delivered');
  await stop(sender);
  assert.equal(receiver.received.length, 1);
  const [{ headers, body }] = receiver.received as [{ headers: Record<string, string>; body: Buffer }];
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(body.toString(), (await found(id)).body);
});

test('a callback that waits for its jobs is not sent', async () => {
  const receiver = await startReceiver();
  const waiting = await newCallback(database, keyId, receiver.url, 'waiting');
  const sender = await startSender();
  await untilStatus(database, await newOne(receiver.url), 'delivered');
  await stop(sender);
  assert.equal(receiver.received.length, 1);
  assert.equal((await found(waiting)).status, 'waiting');
});

test("a receiver can verify the signature by the key's secret and a few lines of its own", async () => {
  const sender = await startSender();
  const receiver = await startReceiver();
  const id = await newOne(receiver.url);
  await receiver.until(1);
  await stop(sender);
  const { headers, body } = receiver.received[0]!;
  const secret = (await loadWebhookSecret(database))(keyId);
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body.toString('utf8')}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const expected = `v1,${createHmac('sha256', key).update(signed, 'utf8').digest('base64')}`;
  assert.equal(headers['webhook-signature'], expected);
  assert.equal(headers['webhook-id'], id);
  assert.ok(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000) < 300);
});

test('after errors, lost connections and redirects it is sent again, the same bytes under the same id', async () => {
  const receiver = await startReceiver((response, number) => {
    if (number === 0) response.writeHead(500).end();
    else if (number === 1) response.destroy();
    else if (number === 2) response.writeHead(302, { location: '/elsewhere' }).end();
    else response.end();
  });
  const sender = await startSender();
  const id = await newOne(receiver.url);
  await untilStatus(database, id, 'delivered');
  await stop(sender);
  assert.equal(receiver.received.length, 4);
  assert.equal(new Set(receiver.received.map(({ body }) => body.toString())).size, 1);
  assert.deepEqual([...new Set(receiver.received.map(({ headers }) => headers['webhook-id']))], [id]);
  assert.equal((await found(id)).attempts, 4);
});

test('a receiver that is not there yet gets it once it is', async () => {
  const port = await closedPort();
  const sender = await startSender();
  const id = await newOne(`http://127.0.0.1:${port}/`);
  await poll(async () => (await found(id)).attempts >= 2);
  const receiver = await startReceiver();
  await database.query('UPDATE callbacks SET url = $2 WHERE id = $1', [id, receiver.url]);
  await untilStatus(database, id, 'delivered');
  await stop(sender);
});

test('Retry-After puts the next attempt off', async () => {
  const receiver = await startReceiver((response) =>
    response.writeHead(503, { 'retry-after': '3600' }).end(),
  );
  const sender = await startSender();
  const id = await newOne(receiver.url);
  await poll(async () => (await found(id)).lastStatus !== null);
  await stop(sender);
  const { status, dueAt, nextAt } = await found(id);
  assert.equal(status, 'due');
  assert.ok(nextAt!.getTime() - dueAt!.getTime() >= 3_600_000);
});

test('a receiver that is gone is not asked again, until the callback is replayed', async () => {
  const receiver = await startReceiver((response, number) => response.writeHead(number ? 200 : 410).end());
  const sender = await startSender();
  const id = await newOne(receiver.url);
  await untilStatus(database, id, 'dead');
  assert.equal((await found(id)).lastStatus, 410);
  assert.equal(await replayCallback(database, id), true);
  await untilStatus(database, id, 'delivered');
  await stop(sender);
  const [first, second] = receiver.received;
  assert.deepEqual(first!.body, second!.body);
  assert.equal(first!.headers['webhook-id'], second!.headers['webhook-id']);
});

test('one that fails 24 hours after it became due is dead, and keeps the reason', async () => {
  const receiver = await startReceiver((response) => response.writeHead(500).end());
  const sender = await startSender(late);
  const id = await newOne(receiver.url);
  await receiver.until(1);
  await poll(async () => (await found(id)).lastStatus !== null);
  assert.equal((await found(id)).status, 'due');
  await database.query(
    "UPDATE callbacks SET due_at = now() - interval '24 hours', next_at = now() WHERE id = $1",
    [id],
  );
  await untilStatus(database, id, 'dead');
  await stop(sender);
  const { lastError, attempts } = await found(id);
  assert.equal(lastError, 'The receiver answered 500.');
  assert.equal(attempts, 2);
});

test('a callback that cannot be worded yet is tried again', async () => {
  let calls = 0;
  const attempt = await attemptOver(database, async (callback) => {
    calls += 1;
    if (calls === 1) throw new Error('The batch cannot be read just now.');
    return wordAnew(callback);
  });
  const receiver = await startReceiver();
  const sender = await startSender(atOnce, attempt);
  await untilStatus(database, await newOne(receiver.url), 'delivered');
  await stop(sender);
  assert.equal(receiver.received.length, 1);
});

test('receivers that never answer do not hold up another', async () => {
  const hanging = await startReceiver(() => {});
  const sender = await startSender();
  const stuck = await Promise.all(Array.from({ length: 20 }, () => newOne(hanging.url)));
  await hanging.until(2);
  const quick = await startReceiver();
  for (let i = 0; i < 10; i += 1) await untilStatus(database, await newOne(quick.url), 'delivered');
  assert.equal(hanging.received.length, 2);
  await stop(sender, 0);
  await database.query('DELETE FROM callbacks WHERE id = ANY($1::uuid[])', [stuck]);
});

test('two senders that share a database deliver each callback once between them', async () => {
  const receiver = await startReceiver();
  const senders = [await startSender(), await startSender()];
  const ids = await Promise.all(Array.from({ length: 30 }, () => newOne(receiver.url)));
  for (const id of ids) await untilStatus(database, id, 'delivered');
  await Promise.all(senders.map((sender) => stop(sender)));
  assert.deepEqual(receiver.received.map(({ headers }) => headers['webhook-id']).sort(), ids.sort());
});

test('what a stopping sender breaks off goes to the next at once', async () => {
  const receiver = await startReceiver((response, number) => void (number > 0 && response.end()));
  const first = await startSender(late);
  const id = await newOne(receiver.url);
  await receiver.until(1);
  await stop(first, 0);
  assert.equal((await found(id)).lastError, null);
  const second = await startSender(late);
  await untilStatus(database, id, 'delivered');
  await stop(second);
  assert.deepEqual(receiver.received[0]!.body, receiver.received[1]!.body);
});

test('a sender outlives the loss of every connection to the database', async () => {
  const sender = await startSender();
  await database.query(
    'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename IS NOT NULL',
  );
  const receiver = await startReceiver();
  await untilStatus(database, await newOne(receiver.url), 'delivered');
  await stop(sender);
});

test('of an answer only status and Retry-After are read, so that one without end is taken like any other', async () => {
  const receiver = await startReceiver((response) => {
    response.writeHead(200);
    response.write('x'.repeat(100_000));
  });
  const sender = await startSender();
  await untilStatus(database, await newOne(receiver.url), 'delivered');
  await stop(sender);
});

test('a receiver that does not answer in time counts as one that failed', async () => {
  const attempt = await attemptOver(database, wordAnew, createPost(outbound, 50));
  const receiver = await startReceiver((response, number) => void (number > 0 && response.end()));
  const sender = await startSender(atOnce, attempt);
  await untilStatus(database, await newOne(receiver.url), 'delivered');
  await stop(sender);
  assert.ok(receiver.received.length >= 2);
});

test('a private address that the operator did not open is not asked', async () => {
  const receiver = await startReceiver();
  const attempt = await attemptOver(database, wordAnew, createPost(createOutbound([])));
  const sender = await startSender(late, attempt);
  const id = await newOne(receiver.url);
  await poll(async () => (await found(id)).lastError !== null);
  await stop(sender);
  assert.match((await found(id)).lastError!, /^127\.0\.0\.1 is not on the public internet/);
  assert.equal(receiver.received.length, 0);
});
