import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../store/temporary-database.test-support.ts';
import { putBlob } from './blob-references.ts';
import { findJob } from './job-record.ts';
import { endJob } from './job-states.ts';
import { sweepOnce } from './sweep.ts';
import {
  claimOne,
  done,
  failed,
  newJob,
  newKey,
  openWorkshop,
  someOutput,
  type Workshop,
} from './workshop.test-support.ts';

const shop: Workshop = await openWorkshop();
const { database, queue, blobs } = shop;
const { id: keyId } = await newKey(database);

const sweep = () => sweepOnce(database, blobs, silentLog);
/** As if a minute had passed: nothing is protected by having been put just now. */
const letPinsLapse = () => database.query(`UPDATE blobs SET sweep_after = sweep_after - interval '61 s'`);
const expire = (jobId: string) =>
  database.query(`UPDATE jobs SET expires_at = now() - interval '1 s' WHERE id = $1`, [jobId]);

async function doneJob(output = someOutput()) {
  const job = await newJob(shop, keyId);
  const claim = await claimOne(shop);
  await putBlob(database, blobs, output.sha256, output.data);
  await endJob(database, queue, claim, done(claim, [output]), { engineMs: 1, resultTtlMs: 60_000 });
  return { job, output };
}

test('a source goes once its job has ended without a result, and not before', async () => {
  const job = await newJob(shop, keyId);
  const claim = await claimOne(shop);
  await letPinsLapse();
  await sweep();
  assert.ok(await blobs.has(job.source.sha256));
  await endJob(database, queue, claim, failed, { engineMs: null, resultTtlMs: 60_000 });
  await letPinsLapse();
  await sweep();
  assert.equal(await blobs.has(job.source.sha256), false);
});

test('a source stays while another job still needs it', async () => {
  const job = await newJob(shop, keyId);
  const first = await claimOne(shop);
  const other = { fingerprint: Buffer.alloc(32, 9), source: job.source };
  await newJob(shop, keyId, other);
  await endJob(database, queue, first, failed, { engineMs: null, resultTtlMs: 60_000 });
  await letPinsLapse();
  await sweep();
  assert.ok(await blobs.has(job.source.sha256));
  const second = await claimOne(shop);
  await endJob(database, queue, second, failed, { engineMs: null, resultTtlMs: 60_000 });
  await letPinsLapse();
  await sweep();
  assert.equal(await blobs.has(job.source.sha256), false);
});

test('a result lives until its job expires, and then goes with it', async () => {
  const { job, output } = await doneJob();
  await letPinsLapse();
  await sweep();
  assert.ok(await blobs.has(output.sha256));
  assert.ok(await blobs.has(job.source.sha256), 'what the result is proved against');
  await expire(job.id);
  assert.equal(await findJob(database, job.id), null);
  const swept = await sweep();
  assert.equal(swept.jobs, 1);
  assert.equal(await blobs.has(output.sha256), false);
  assert.equal(await blobs.has(job.source.sha256), false);
  assert.deepEqual((await database.query('SELECT 1 FROM jobs WHERE id = $1', [job.id])).rows, []);
});

test('a result that two jobs share stays until the second of them expires', async () => {
  const shared = someOutput();
  const first = await doneJob(shared);
  const second = await doneJob(shared);
  await expire(first.job.id);
  await letPinsLapse();
  await sweep();
  assert.ok(await blobs.has(shared.sha256));
  await expire(second.job.id);
  await sweep();
  assert.equal(await blobs.has(shared.sha256), false);
});

test('what was put just now is left alone although nothing refers to it yet', async () => {
  const { data, sha256 } = someOutput();
  await putBlob(database, blobs, sha256, data);
  await sweep();
  assert.ok(await blobs.has(sha256));
  await letPinsLapse();
  await sweep();
  assert.equal(await blobs.has(sha256), false);
});

test('the database refuses a job that refers to a blob that was swept', async () => {
  const output = someOutput();
  const job = await newJob(shop, keyId);
  const claim = await claimOne(shop);
  const ending = endJob(database, queue, claim, done(claim, [output]), { engineMs: 1, resultTtlMs: 1 });
  await assert.rejects(ending, { code: '23503' });
  assert.equal((await findJob(database, job.id))!.status, 'running');
});

test('many blobs are swept in one round, and one that cannot be removed holds up no other', async () => {
  const outputs = Array.from({ length: 230 }, () => someOutput());
  for (const { sha256, data } of outputs) await putBlob(database, blobs, sha256, data);
  const stuck = outputs.map((output) => output.sha256).sort()[0]!;
  const failing = {
    ...blobs,
    delete: (key: string) => (key === stuck ? Promise.reject(new Error('disk fault')) : blobs.delete(key)),
  };
  await letPinsLapse();
  const swept = await sweepOnce(database, failing, silentLog);
  assert.ok(swept.blobs >= 229);
  assert.ok(await blobs.has(stuck));
  await sweep();
  assert.equal(await blobs.has(stuck), false);
});
