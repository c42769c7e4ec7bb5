import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { insertBatch } from './batches.ts';
import { claimFetches, failFetch, passOn } from './fetch-states.ts';
import { cancelJob, retryJob } from './intervene.ts';
import { findJob } from './job-record.ts';
import { claimJobs, endJob, returnJob } from './job-states.ts';
import {
  claimOne,
  done,
  failed,
  keyOf,
  newJob,
  newKey,
  newRemoteJob,
  openWorkshop,
  someOutput,
} from './workshop.test-support.ts';

const shop = await openWorkshop();
const { database, queue, queues, blobs } = shop;
const TTL_MS = 60_000;
const TIMING = { engineMs: 5, resultTtlMs: TTL_MS };

const cancel = (id: string) => cancelJob(database, queues, id, TTL_MS);
const retry = (id: string) => retryJob(database, queues, id);
const fails = (claim: Parameters<typeof endJob>[2]) => endJob(database, queue, claim, failed, TIMING);

async function standing(id: string) {
  const { status, reason } = (await findJob(database, id))!;
  return [status, reason];
}

async function entriesOf(id: string): Promise<number> {
  return (await database.query('SELECT FROM pgboss.job WHERE id = $1', [id])).rows.length;
}

async function batchOf(keyId: string, jobIds: string[]) {
  const id = randomUUID();
  const items = jobIds.map((jobId) => ({ jobId, filename: null }));
  const callback = { dialect: 'native', url: 'http://shop.example/', origin: 'http://here' };
  await database.transaction((tx) => insertBatch(tx, { id, keyId, items, callback }));
  return async () => {
    const { rows } = await database.query<{ status: string }>(
      'SELECT status FROM callbacks WHERE batch_id = $1',
      [id],
    );
    return rows[0]!.status;
  };
}

test('a job that waits is called off: its credit is free, its entry gone, its callback due, whoever waits is woken', async (t) => {
  const key = await newKey(database, 5);
  const job = await newJob(shop, key.id);
  const callback = await batchOf(key.id, [job.id]);
  const woken: string[] = [];
  t.after(
    await database.listen(
      'job_ended',
      (id) => woken.push(id),
      () => {},
    ),
  );
  await cancel(job.id);
  assert.deepEqual(await standing(job.id), ['failed', 'cancelled']);
  const { creditsUsed, creditsReserved } = await keyOf(database, key.id);
  assert.deepEqual([creditsUsed, creditsReserved], [0, 0]);
  assert.equal(await entriesOf(job.id), 0);
  assert.equal(await callback(), 'due');
  while (!woken.includes(job.id)) await sleep(5);
  const { rows } = await database.query('SELECT outcome, credits FROM usage WHERE job_id = $1', [job.id]);
  assert.deepEqual(rows, [{ outcome: 'failed', credits: 0 }]);
});

test('of a job that is worked on when it is called off the result is not taken', async () => {
  const key = await newKey(database, 5);
  const job = await newJob(shop, key.id);
  const claim = await claimOne(shop);
  await cancel(job.id);
  assert.ok(!(await endJob(database, queue, claim, done(claim, [someOutput()]), TIMING)));
  await returnJob(database, queue, claim);
  assert.deepEqual(await standing(job.id), ['failed', 'cancelled']);
  assert.deepEqual(await claimJobs(database, queue, 5), []);
  assert.equal((await keyOf(database, key.id)).creditsReserved, 0);
});

test('a job whose source is being fetched is called off, and what was fetched is not used', async () => {
  const key = await newKey(database, 5);
  const id = await newRemoteJob(shop, key.id);
  const [claim] = await claimFetches(database, queues, 1);
  await cancel(id);
  await passOn(database, queues, claim!, { sha256: 'a'.repeat(64), bytes: 1 });
  await failFetch(database, queues, claim!, { reason: 'fetch-failed', detail: 'Late.' }, TTL_MS);
  assert.deepEqual(await standing(id), ['failed', 'cancelled']);
  assert.equal(await entriesOf(id), 0);
  assert.equal((await keyOf(database, key.id)).creditsReserved, 0);
});

test('of a worker and an operator that end a job at once, one does', async () => {
  const key = await newKey(database);
  for (let round = 0; round < 12; round += 1) {
    const job = await newJob(shop, key.id);
    const claim = await claimOne(shop);
    const [ended] = await Promise.all([fails(claim), cancel(job.id).catch(() => {})]);
    assert.deepEqual(await standing(job.id), ['failed', ended ? 'timeout' : 'cancelled']);
  }
  assert.equal((await keyOf(database, key.id)).creditsReserved, 0);
});

test('a job that is claimed while it is called off ends all the same', async () => {
  const key = await newKey(database);
  for (let round = 0; round < 12; round += 1) {
    const job = await newJob(shop, key.id);
    const [claims] = await Promise.all([claimJobs(database, queue, 1), cancel(job.id)]);
    for (const claim of claims) assert.ok(!(await fails(claim)));
    assert.deepEqual(await standing(job.id), ['failed', 'cancelled']);
    assert.equal(await entriesOf(job.id), 0);
  }
});

test('a failed job whose source is still stored is queued again and holds a credit', async () => {
  const key = await newKey(database, 5);
  const job = await newJob(shop, key.id, { keepSource: true });
  await fails(await claimOne(shop));
  assert.equal(await retry(job.id), 'queued');
  assert.equal((await keyOf(database, key.id)).creditsReserved, 1);
  const claim = await claimOne(shop);
  assert.deepEqual([claim.id, claim.attempts, claim.sourceSha256], [job.id, 1, job.source.sha256]);
  const output = someOutput();
  await database.query('INSERT INTO blobs (key) VALUES ($1)', [output.sha256]);
  assert.ok(await endJob(database, queue, claim, done(claim, [output]), TIMING));
  const { creditsUsed, creditsReserved } = await keyOf(database, key.id);
  assert.deepEqual([creditsUsed, creditsReserved], [1, 0]);
});

test('a job that failed is retried once, however many ask for it', async () => {
  const key = await newKey(database, 5);
  const job = await newJob(shop, key.id);
  await fails(await claimOne(shop));
  const asked = await Promise.allSettled([retry(job.id), retry(job.id), retry(job.id)]);
  assert.equal(asked.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.equal((await keyOf(database, key.id)).creditsReserved, 1);
  await cancel(job.id);
});

test('a failed job that came by an address is fetched anew', async () => {
  const key = await newKey(database, 5);
  const id = await newRemoteJob(shop, key.id);
  const [claim] = await claimFetches(database, queues, 1);
  await failFetch(database, queues, claim!, { reason: 'fetch-timeout', detail: 'Slow.' }, TTL_MS);
  assert.equal(await retry(id), 'fetching');
  const [again] = await claimFetches(database, queues, 1);
  assert.deepEqual([again!.id, again!.url, again!.access], [id, 'http://images.example/a.png', null]);
  assert.equal((await keyOf(database, key.id)).creditsReserved, 1);
  await cancel(id);
});

test('what cannot be retried or called off says why, and stays as it is', async () => {
  const key = await newKey(database, 1);
  const job = await newJob(shop, key.id);
  await assert.rejects(retry(job.id), /has not failed: it is queued/);
  await fails(await claimOne(shop));
  await assert.rejects(cancel(job.id), /has ended: it is failed/);
  const other = await newJob(shop, key.id);
  await assert.rejects(retry(job.id), { code: 'out-of-credits' });
  await cancel(other.id);
  await database.query('DELETE FROM blobs WHERE key = $1', [job.source.sha256]);
  await blobs.delete(job.source.sha256);
  await assert.rejects(retry(job.id), /not stored any more/);
  for (const id of [randomUUID(), 'no id'])
    for (const step of [retry, cancel]) await assert.rejects(step(id), { code: 'not-found' });
  assert.equal((await keyOf(database, key.id)).creditsReserved, 0);
});

test('work that came in again meanwhile is not done twice', async () => {
  const key = await newKey(database);
  const job = await newJob(shop, key.id);
  await fails(await claimOne(shop));
  const twin = await newJob(shop, key.id, { fingerprint: job.fingerprint });
  await assert.rejects(retry(job.id), new RegExp(twin.id));
  await cancel(twin.id);
});

test('a callback that was not worded yet waits for the job that is retried', async () => {
  const key = await newKey(database);
  const job = await newJob(shop, key.id);
  const callback = await batchOf(key.id, [job.id]);
  await fails(await claimOne(shop));
  assert.equal(await callback(), 'due');
  await retry(job.id);
  assert.equal(await callback(), 'waiting');
  await fails(await claimOne(shop));
  assert.equal(await callback(), 'due');
});
