/** From a batch that asks to be called back to what its receiver hears, with all rooms between. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Dialect, Reply, Service } from '../dialects/dialect.ts';
import { declined, freshBytes, newKey } from '../jobs/workshop.test-support.ts';
import { silentLog } from '../store/temporary-database.test-support.ts';
import { outbound, startReceiver, untilStatus } from '../webhooks/webhooks.test-support.ts';
import { createWebhooks } from '../webhooks/webhooks.ts';
import { endNext, endWell, partsOn, shop, submission } from './service.test-support.ts';
import { createService } from './service.ts';
import { createWordCallback } from './word-callback.ts';

const { database, blobs } = shop;
const parts = partsOn(blobs);

const words = (name: string, callback: NonNullable<Dialect['callback']>): Dialect => ({
  name,
  routes: [],
  refuse: () => ({ status: 400 }),
  callback,
});
const counting = words(
  'counting',
  async ({ id, account, items }, service: Service, origin): Promise<Reply> => {
    const links = items.flatMap(({ job }) =>
      job.artifacts.map((artifact) => service.link(artifact, 60_000, origin)),
    );
    const json = { id, key: account.id, files: items.map(({ filename }) => filename), links };
    return { status: 200, json };
  },
);
const speaking = words('speaking', async ({ items }) => ({
  status: 200,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  text: `images=${items.length}`,
}));
const mute: Dialect = { name: 'mute', routes: [], refuse: () => ({ status: 400 }) };

const dialects = [counting, speaking, mute];
const webhooks = await createWebhooks(database, outbound, createWordCallback(dialects, parts), silentLog);
await webhooks.start();
after(() => webhooks.stop(0));

async function submitTwo(dialect: string, url: string) {
  const { secret, id: keyId } = await newKey(database);
  const { secret: _, ...image } = submission(secret);
  const submissions = ['a.png', 'b.png'].map((filename) => ({
    ...image,
    source: { bytes: freshBytes(), filename },
  }));
  const callback = { url, origin: 'https://images.test' };
  const batch = await createService(parts, dialect).submitBatch({ secret, submissions, callback });
  const { rows } = await database.query<{ id: string }>('SELECT id FROM callbacks WHERE batch_id = $1', [
    batch.id,
  ]);
  return { batchId: batch.id, keyId, callbackId: rows[0]!.id };
}

test('once all images of a batch are done its receiver hears so, in the words of the dialect it came in by', async () => {
  const receiver = await startReceiver();
  const { batchId, keyId, callbackId } = await submitTwo('counting', receiver.url);
  await endWell();
  await endNext(declined);
  await untilStatus(database, callbackId, 'delivered');
  const [{ headers, body }] = receiver.received as [(typeof receiver.received)[number]];
  const { links, ...heard } = JSON.parse(body.toString());
  assert.deepEqual(heard, { id: batchId, key: keyId, files: ['a.png', 'b.png'] });
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(links.length, 1);
  assert.match(links[0], /^https:\/\/images\.test\/artifacts\/[\w-]{52}$/);
  assert.equal(receiver.received.length, 1);
});

test('a dialect may say of what type its words are', async () => {
  const receiver = await startReceiver();
  await submitTwo('speaking', receiver.url);
  await endWell();
  await endWell();
  await receiver.until(1);
  const { headers, body } = receiver.received[0]!;
  assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
  assert.equal(body.toString(), 'images=2');
});

test('what a dialect has no words for, or what has expired, is not sent, and the reason can be read', async () => {
  const word = createWordCallback(dialects, parts);
  const { batchId, keyId } = await submitTwo('counting', (await startReceiver()).url);
  await endWell();
  await endWell();
  const callback = { batchId, keyId, origin: 'https://images.test' };
  for (const dialect of ['mute', 'unknown'])
    await assert.rejects(word({ ...callback, dialect }), /no dialect \w+ here that words callbacks/);
  await database.query(
    'DELETE FROM jobs WHERE id = (SELECT job_id FROM batch_items WHERE batch_id = $1 LIMIT 1)',
    [batchId],
  );
  await assert.rejects(word({ ...callback, dialect: 'counting' }), /have expired/);
});
