import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../store/temporary-database.test-support.ts';
import { JOB_QUEUED_CHANNEL } from './enqueue.ts';
import { findJob } from './job-record.ts';
import { type Claim, claimJobs, endJob, returnJob } from './job-states.ts';
import { createWorker, type Trade } from './worker.ts';
import { failed, newJob, newKey, openWorkshop } from './workshop.test-support.ts';

const shop = await openWorkshop();
const { database, queue } = shop;
const { id: keyId } = await newKey(database);

const end = (claim: Claim) => endJob(database, queue, claim, failed, { engineMs: null, resultTtlMs: 60_000 });

type Work = Trade<Claim>['work'];

const workerOn = (work: Work, size: number) =>
  createWorker(
    database,
    { queue, channel: JOB_QUEUED_CHANNEL, claim: (limit) => claimJobs(database, queue, limit), work },
    size,
    silentLog,
  );

/** A worker whose jobs stay in hand until they are let go or aborted. */
async function holdingWorker(size: number) {
  const held = new Map<string, () => void>();
  let seen = () => {};
  const work: Work = async (claim, signal) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve());
    held.set(claim.id, resolve);
    seen();
    await promise;
    held.delete(claim.id);
    await (signal.aborted ? returnJob(database, queue, claim) : end(claim));
  };
  const worker = workerOn(work, size);
  await worker.start();
  const untilHeld = async (count: number) => {
    while (held.size < count) await new Promise<void>((resolve) => (seen = resolve));
  };
  return { worker, held, untilHeld };
}

const statusOf = async (id: string) => (await findJob(database, id))!.status;

async function untilStatus(id: string, status: string): Promise<void> {
  while ((await statusOf(id)) !== status) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a worker holds as many jobs as its size, and takes the next when one ends', async () => {
  const { worker, held, untilHeld } = await holdingWorker(2);
  const jobs = [await newJob(shop, keyId), await newJob(shop, keyId), await newJob(shop, keyId)];
  await untilHeld(2);
  assert.deepEqual([...held.keys()], [jobs[0]!.id, jobs[1]!.id]);
  assert.equal(await statusOf(jobs[2]!.id), 'queued');
  held.get(jobs[0]!.id)!();
  await untilStatus(jobs[2]!.id, 'running');
  await untilHeld(2);
  for (const letGo of held.values()) letGo();
  await worker.stop(60_000);
  for (const job of jobs) assert.equal(await statusOf(job.id), 'failed');
});

test('a stopping worker waits for what is in hand and claims no more', async () => {
  const { worker, held, untilHeld } = await holdingWorker(1);
  const [first, second] = [await newJob(shop, keyId), await newJob(shop, keyId)];
  await untilHeld(1);
  const stopped = worker.stop(60_000);
  held.get(first.id)!();
  await stopped;
  assert.equal(await statusOf(first.id), 'failed');
  assert.equal(await statusOf(second.id), 'queued');
  const next = await holdingWorker(1);
  await next.untilHeld(1);
  next.held.get(second.id)!();
  await next.worker.stop(60_000);
});

test('what is still in hand when the grace is over is given back for the next worker', async () => {
  const { worker, untilHeld } = await holdingWorker(1);
  const job = await newJob(shop, keyId);
  await untilHeld(1);
  await worker.stop(1);
  assert.equal(await statusOf(job.id), 'queued');
  const next = await holdingWorker(1);
  await next.untilHeld(1);
  next.held.get(job.id)!();
  await next.worker.stop(60_000);
  assert.equal(await statusOf(job.id), 'failed');
});

test('a worker outlives the loss of every connection to the database', async () => {
  const { worker, held, untilHeld } = await holdingWorker(1);
  const first = await newJob(shop, keyId);
  await untilHeld(1);
  await database.query(
    'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename IS NOT NULL',
  );
  held.get(first.id)!();
  await untilStatus(first.id, 'failed');
  const second = await newJob(shop, keyId);
  await untilHeld(1);
  held.get(second.id)!();
  await worker.stop(60_000);
  assert.equal(await statusOf(second.id), 'failed');
});

test('a job whose work throws does not take the worker with it', async () => {
  let calls = 0;
  const work: Work = async (claim) => {
    calls += 1;
    if (calls === 1) throw new Error('nobody foresaw this');
    await end(claim);
  };
  const worker = workerOn(work, 1);
  await worker.start();
  await newJob(shop, keyId);
  const next = await newJob(shop, keyId);
  await untilStatus(next.id, 'failed');
  await worker.stop(60_000);
  assert.equal(calls, 2);
});
