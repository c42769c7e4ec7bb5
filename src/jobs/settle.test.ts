import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../lib/metrics.ts';
import { Problem } from '../lib/problem.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import { silentLog } from '../store/temporary-database.test-support.ts';
import { findJob } from './job-record.ts';
import type { Claim } from './job-states.ts';
import { createSettlement } from './settle.ts';
import {
  claimOne,
  declined,
  done,
  newJob,
  newKey,
  openWorkshop,
  running,
  someOutput,
} from './workshop.test-support.ts';

const shop = await openWorkshop();
const { database, queue, blobs } = shop;
const { id: keyId } = await newKey(database);

async function settleWith(
  store: BlobStore,
  ending: (claim: Claim) => Parameters<Settle>[1]['ending'],
  signal = running,
) {
  const metrics = createMetrics();
  const job = await newJob(shop, keyId);
  const claim = await claimOne(shop);
  const settle = createSettlement(database, queue, store, metrics, silentLog, 60_000);
  await settle(claim, { ending: ending(claim), engineMs: 5 }, signal);
  return { record: (await findJob(database, job.id))!, text: (await metrics.expose()).text, claim };
}
type Settle = ReturnType<typeof createSettlement>;

test('a result is on the blob store before its job is done, and is counted', async () => {
  const output = someOutput(new Uint8Array([1, 2, 3]));
  const { record, text, claim } = await settleWith(blobs, (held) => done(held, [output, someOutput()]));
  assert.equal(record.status, 'done');
  assert.deepEqual(new Uint8Array((await blobs.get(output.sha256))!), output.data);
  assert.match(text, /keeneye_jobs_total\{outcome="done",reason=""\} 1\n/);
  assert.ok(text.includes(`keeneye_bytes_saved_total ${claim.sourceBytes - 3}\n`));
  assert.match(text, /keeneye_stage_seconds_count\{stage="store"\} 1\n/);
});

test('a decline is written and counted with its reason', async () => {
  const { record, text } = await settleWith(blobs, declined);
  assert.deepEqual([record.status, record.reason], ['declined', 'no-gain']);
  assert.match(text, /keeneye_jobs_total\{outcome="declined",reason="no-gain"\} 1\n/);
});

test('without an ending the job goes back to the queue', async () => {
  const { record } = await settleWith(blobs, () => null);
  assert.equal(record.status, 'queued');
  await claimOne(shop);
});

test('a disk that fails for a moment costs nothing but the moment', async () => {
  let failures = 2;
  const put: BlobStore['put'] = (key, bytes) =>
    failures-- > 0 ? Promise.reject(new Error('EIO')) : blobs.put(key, bytes);
  const { record } = await settleWith({ ...blobs, put }, (claim) => done(claim, [someOutput()]));
  assert.equal(record.status, 'done');
});

test('a result that finds no room is kept in hand, and its job given back once the server stops', async () => {
  const stop = new AbortController();
  let tries = 0;
  const put: BlobStore['put'] = () => {
    tries += 1;
    if (tries === 3) stop.abort();
    return Promise.reject(new Problem('unavailable', 'No room.'));
  };
  const { record } = await settleWith({ ...blobs, put }, (claim) => done(claim, [someOutput()]), stop.signal);
  assert.deepEqual([record.status, tries], ['queued', 3]);
  await claimOne(shop);
});

test('a result that does not read back as it was written is written again', async () => {
  let lies = 1;
  const get: BlobStore['get'] = async (key) => (lies-- > 0 ? new Uint8Array([0]) : blobs.get(key));
  const { record } = await settleWith({ ...blobs, get }, (claim) => done(claim, [someOutput()]));
  assert.equal(record.status, 'done');
  assert.ok(lies < 0);
});

test('a blob that is swept between being put and being referred to is put again', async () => {
  const output = someOutput();
  let sweeps = 1;
  const get: BlobStore['get'] = async (key) => {
    const bytes = await blobs.get(key);
    if (sweeps-- > 0) {
      await database.query('DELETE FROM blobs WHERE key = $1', [key]);
      await blobs.delete(key);
    }
    return bytes;
  };
  const { record } = await settleWith({ ...blobs, get }, (claim) => done(claim, [output]));
  assert.equal(record.status, 'done');
  assert.ok(await blobs.has(output.sha256));
});
