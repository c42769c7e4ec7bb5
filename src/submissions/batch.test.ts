import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewBatch } from '../dialects/dialect.ts';
import { sweepOnce } from '../jobs/sweep.ts';
import { claimOne, declined, freshBytes, keyOf, newKey } from '../jobs/workshop.test-support.ts';
import { silentLog } from '../store/temporary-database.test-support.ts';
import { endNext, endWell, service, shop, submission } from './service.test-support.ts';

const { database, blobs } = shop;
const CALLBACK = { url: 'https://shop.example/done', origin: 'https://img.example' };

function batch(secret: string, sources: Uint8Array[], callback?: NewBatch['callback']): NewBatch {
  const submissions = sources.map((bytes, at) => {
    const { secret: _secret, ...rest } = submission(secret, { source: { bytes, filename: `${at}.png` } });
    return rest;
  });
  return { secret, submissions, ...(callback && { callback }) };
}

async function callbackOf(batchId: string) {
  const { rows } = await database.query<{ status: string; url: string; dialect: string }>(
    'SELECT status, url, dialect FROM callbacks WHERE batch_id = $1',
    [batchId],
  );
  return rows[0];
}

test('a batch keeps the order and the names of what was submitted, and is waited for as a whole', async () => {
  const { secret } = await newKey(database);
  const { id } = await service.submitBatch(batch(secret, [freshBytes(), freshBytes(), freshBytes()]));
  const found = await service.findBatch(secret, id);
  assert.deepEqual(
    found.items.map(({ filename, job }) => [filename, job.status]),
    ['0.png', '1.png', '2.png'].map((name) => [name, 'queued']),
  );
  const waiting = service.waitBatch(found, 60_000);
  await endWell();
  await endNext(declined);
  await endWell();
  const ended = await waiting;
  assert.deepEqual(
    ended.items.map(({ job }) => [job.id, job.status]),
    found.items.map(({ job }, at) => [job.id, at === 1 ? 'declined' : 'done']),
  );
});

test("another key's batch is told from one that never was", async () => {
  const [owner, stranger] = [await newKey(database), await newKey(database)];
  const { id } = await service.submitBatch(batch(owner.secret, [freshBytes()]));
  await assert.rejects(service.findBatch(stranger.secret, id), { code: 'not-yours' });
  for (const wrong of [crypto.randomUUID(), 'x', ''])
    await assert.rejects(service.findBatch(owner.secret, wrong), { code: 'not-found' });
  await endWell();
});

test('a batch that cannot be paid for as a whole leaves nothing behind', async () => {
  const { id, secret } = await newKey(database, 2);
  const three = batch(secret, [freshBytes(), freshBytes(), freshBytes()], CALLBACK);
  await assert.rejects(service.submitBatch(three), { code: 'out-of-credits' });
  assert.equal((await keyOf(database, id)).creditsReserved, 0);
  await assert.rejects(claimOne(shop), /no job/);
});

test('the same image twice in a batch is one job and costs one credit', async () => {
  const { id, secret } = await newKey(database, 1);
  const bytes = freshBytes();
  const { items } = await service.submitBatch(batch(secret, [bytes, bytes]));
  assert.equal(items[0]!.job.id, items[1]!.job.id);
  await endWell();
  assert.equal((await keyOf(database, id)).creditsUsed, 1);
});

test('a callback is due once the last job of its batch has ended, and not before', async () => {
  const { secret } = await newKey(database);
  const { id } = await service.submitBatch(batch(secret, [freshBytes(), freshBytes()], CALLBACK));
  assert.deepEqual(await callbackOf(id), { status: 'waiting', url: CALLBACK.url, dialect: 'native' });
  await endWell();
  assert.equal((await callbackOf(id))?.status, 'waiting');
  await endNext(declined);
  assert.equal((await callbackOf(id))?.status, 'due');
});

test('the last two jobs of a batch that end at once make its callback due', async () => {
  const { secret } = await newKey(database);
  for (let round = 0; round < 10; round += 1) {
    const { id } = await service.submitBatch(batch(secret, [freshBytes(), freshBytes()], CALLBACK));
    await Promise.all([endWell(), endWell()]);
    assert.equal((await callbackOf(id))?.status, 'due');
  }
});

test('a batch of what was done before is called back at once', async () => {
  const { secret } = await newKey(database);
  const bytes = freshBytes();
  await service.submit(submission(secret, { source: { bytes } }));
  await endWell();
  const { id, items } = await service.submitBatch(batch(secret, [bytes], CALLBACK));
  assert.equal(items[0]!.job.status, 'done');
  assert.equal((await callbackOf(id))?.status, 'due');
});

test('a batch goes with its jobs, but a callback that is still to be sent is kept', async () => {
  const { secret } = await newKey(database);
  const silent = await service.submitBatch(batch(secret, [freshBytes()]));
  await endWell();
  const told = await service.submitBatch(batch(secret, [freshBytes()], CALLBACK));
  await endWell();
  await database.query(`UPDATE jobs SET expires_at = now() - interval '1 s' WHERE finished_at IS NOT NULL`);
  await sweepOnce(database, blobs, silentLog);
  await assert.rejects(service.findBatch(secret, silent.id), { code: 'not-found' });
  await assert.rejects(service.findBatch(secret, told.id), { code: 'not-found' });
  assert.equal((await callbackOf(told.id))?.status, 'due');
  await database.query(`UPDATE callbacks SET status = 'delivered', ended_at = now() WHERE batch_id = $1`, [
    told.id,
  ]);
  await sweepOnce(database, blobs, silentLog);
  assert.deepEqual(
    (await database.query('SELECT FROM batches WHERE key_id IS NOT NULL AND id = $1', [told.id])).rows,
    [],
  );
});
