import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reserveCredits } from '../accounts/credits.ts';
import { enqueueJobs } from './enqueue.ts';
import { findJob } from './job-record.ts';
import { claimJobs, endJob, requeueClaimedJobs, returnJob } from './job-states.ts';
import {
  claimOne,
  declined,
  done,
  failed,
  keyOf,
  newJob,
  newKey,
  openWorkshop,
  someOutput,
} from './workshop.test-support.ts';

const shop = await openWorkshop();
const { database, queue, blobs } = shop;
const TIMING = { engineMs: 12.6, resultTtlMs: 60_000 };

const end = (claim: Parameters<typeof endJob>[2], ending: Parameters<typeof endJob>[3]) =>
  endJob(database, queue, claim, ending, TIMING);

async function putOutput() {
  const output = someOutput();
  await database.query('INSERT INTO blobs (key) VALUES ($1)', [output.sha256]);
  await blobs.put(output.sha256, output.data);
  return output;
}

test('an enqueued job is claimed once and holds a credit in reserve', async () => {
  const key = await newKey(database, 5);
  const job = await newJob(shop, key.id);
  assert.equal((await keyOf(database, key.id)).creditsReserved, 1);
  const claims = (await Promise.all([1, 2, 3].map(() => claimJobs(database, queue, 2)))).flat();
  assert.deepEqual(
    claims.map((claim) => [claim.id, claim.attempts]),
    [[job.id, 1]],
  );
  assert.deepEqual(claims[0]!.options, job.options);
  assert.equal((await findJob(database, job.id))!.status, 'running');
  assert.ok(await end(claims[0]!, failed));
});

test('a job whose transaction fails leaves neither row nor queue entry nor reservation', async () => {
  const key = await newKey(database, 5);
  const known = await newJob(shop, key.id);
  await claimOne(shop);
  const failing = database.transaction(async (tx) => {
    await reserveCredits(tx, key.id, 1);
    const other = { ...known, id: crypto.randomUUID(), fingerprint: Buffer.alloc(32, 7) };
    await enqueueJobs(tx, shop.queues, [other]);
    throw new Error('changed my mind');
  });
  await assert.rejects(failing, /changed my mind/);
  assert.deepEqual(await claimJobs(database, queue, 10), []);
  assert.equal((await keyOf(database, key.id)).creditsReserved, 1);
});

test('a job that ends well is charged once and keeps what it made', async () => {
  const key = await newKey(database, 5);
  const job = await newJob(shop, key.id);
  const claim = await claimOne(shop);
  const outputs = [await putOutput(), await putOutput()];
  assert.ok(await end(claim, done(claim, outputs)));
  assert.equal(await end(claim, done(claim, outputs)), null);
  assert.equal(await end(claim, failed), null);
  const record = (await findJob(database, job.id))!;
  assert.equal(record.status, 'done');
  assert.equal(record.engineMs, 13);
  assert.equal(record.sourceFormat, 'png');
  assert.deepEqual(
    record.artifacts.map(({ id, ...artifact }) => artifact),
    outputs.map(({ data, ...output }) => ({ ...output, bytes: data.byteLength })),
  );
  const { creditsUsed, creditsReserved } = await keyOf(database, key.id);
  assert.deepEqual([creditsUsed, creditsReserved], [1, 0]);
  assert.deepEqual(await claimJobs(database, queue, 10), []);
});

test('a job that is declined or fails costs nothing and says why', async () => {
  const key = await newKey(database, 5);
  const jobs = [await newJob(shop, key.id), await newJob(shop, key.id)];
  const [first, second] = [await claimOne(shop), await claimOne(shop)];
  await end(first, declined(first));
  await end(second, failed);
  const records = await Promise.all(jobs.map((job) => findJob(database, job.id)));
  assert.deepEqual(
    records.map((record) => [record!.status, record!.reason]),
    [
      ['declined', 'no-gain'],
      ['failed', 'timeout'],
    ],
  );
  const { creditsUsed, creditsReserved } = await keyOf(database, key.id);
  assert.deepEqual([creditsUsed, creditsReserved], [0, 0]);
});

test('a job that is not to be charged never touches the credits', async () => {
  const key = await newKey(database, 0);
  await newJob(shop, key.id, { charge: false });
  const claim = await claimOne(shop);
  await end(claim, done(claim, [await putOutput()]));
  assert.equal((await keyOf(database, key.id)).creditsUsed, 0);
});

test('of two workers that hold the same job, only the later one may end it', async () => {
  const key = await newKey(database, 5);
  const job = await newJob(shop, key.id);
  const early = await claimOne(shop);
  await database.transaction((tx) => queue.giveBack(tx, [job.id]));
  const late = await claimOne(shop);
  assert.equal(late.id, early.id);
  assert.equal(late.attempts, 2);
  assert.equal(await end(early, failed), null);
  await returnJob(database, queue, early);
  assert.equal((await findJob(database, job.id))!.status, 'running');
  assert.ok(await end(late, done(late, [await putOutput()])));
  assert.equal((await keyOf(database, key.id)).creditsUsed, 1);
});

test('an entry that is handed out after its job ended is dropped', async () => {
  const key = await newKey(database, 5);
  const job = await newJob(shop, key.id);
  const claim = await claimOne(shop);
  await end(claim, failed);
  await database.transaction((tx) => queue.put(tx, [{ id: job.id, turn: 1 }]));
  assert.deepEqual(await claimJobs(database, queue, 10), []);
  const { rows } = await database.query('SELECT 1 FROM pgboss.job WHERE id = $1', [job.id]);
  assert.deepEqual(rows, []);
});

test('a job that is given back waits again as if nothing had been', async () => {
  const key = await newKey(database, 5);
  const job = await newJob(shop, key.id);
  await returnJob(database, queue, await claimOne(shop));
  assert.equal((await findJob(database, job.id))!.status, 'queued');
  assert.equal((await keyOf(database, key.id)).creditsReserved, 1);
  const claim = await claimOne(shop);
  assert.deepEqual([claim.id, claim.attempts], [job.id, 1]);
  await end(claim, failed);
});

test('jobs that a dead server was working on are taken up again, and each try is counted', async () => {
  const key = await newKey(database, 5);
  const job = await newJob(shop, key.id);
  await claimOne(shop);
  // Also those that earlier tests left running.
  assert.ok((await requeueClaimedJobs(database, shop.queues)) >= 1);
  const claims = await claimJobs(database, queue, 10);
  assert.equal(claims.find((claim) => claim.id === job.id)?.attempts, 2);
});
