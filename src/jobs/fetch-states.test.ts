import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../lib/metrics.ts';
import { parseAllowed } from '../outbound/allowed.ts';
import { httpOrigin } from '../outbound/origin.test-support.ts';
import { createOutbound } from '../outbound/outbound.ts';
import { silentLog } from '../store/temporary-database.test-support.ts';
import { blobKey, putBlob } from './blob-references.ts';
import { createFetcher } from './fetch-source.ts';
import { claimFetches, type FetchClaim, failFetch, passOn, returnFetch } from './fetch-states.ts';
import { cancelJob, retryJob } from './intervene.ts';
import { findJob } from './job-record.ts';
import { claimJobs, requeueClaimedJobs } from './job-states.ts';
import { freshBytes, keyOf, newKey, newRemoteJob, openWorkshop, running } from './workshop.test-support.ts';

const shop = await openWorkshop();
const { database, queues, blobs } = shop;
const TTL_MS = 60_000;
const LATE = { reason: 'fetch-failed', detail: 'Late.' } as const;

async function claimFetch(): Promise<FetchClaim> {
  const [claim] = await claimFetches(database, queues, 1);
  assert.ok(claim);
  return claim;
}

async function stored() {
  const bytes = freshBytes();
  await putBlob(database, blobs, blobKey(bytes), bytes);
  return { sha256: blobKey(bytes), bytes: bytes.byteLength };
}

async function callOffAndRetry(id: string): Promise<void> {
  await cancelJob(database, queues, id, TTL_MS);
  assert.equal(await retryJob(database, queues, id), 'fetching');
}

/** Tries all that one who has fetched can do. */
async function assertPowerless(claim: FetchClaim): Promise<void> {
  const before = await findJob(database, claim.id);
  assert.equal(await passOn(database, queues, claim, await stored()), false);
  assert.equal(await failFetch(database, queues, claim, LATE, TTL_MS), null);
  await returnFetch(database, queues, claim);
  assert.deepEqual(await findJob(database, claim.id), before);
}

test('who fetched a job that was called off and tried again meanwhile does nothing to it', async () => {
  const key = await newKey(database, 5);
  const id = await newRemoteJob(shop, key.id);
  const early = await claimFetch();
  await callOffAndRetry(id);
  await assertPowerless(early);
  const late = await claimFetch();
  assert.equal(late.id, id);
  await assertPowerless(early);
  const source = await stored();
  assert.equal(await passOn(database, queues, late, source), true);
  await assertPowerless(early);
  await assertPowerless(late);
  const [claim] = await claimJobs(database, queues.optimize, 5);
  assert.deepEqual([claim?.id, claim?.sourceSha256], [id, source.sha256]);
  assert.equal((await keyOf(database, key.id)).creditsReserved, 1);
  await cancelJob(database, queues, id, TTL_MS);
});

test('who let a lease lapse does nothing to the job any more', async () => {
  const key = await newKey(database);
  const id = await newRemoteJob(shop, key.id);
  const early = await claimFetch();
  await database.transaction((tx) => queues.fetch.giveBack(tx, [id]));
  const late = await claimFetch();
  await assertPowerless(early);
  assert.ok(await failFetch(database, queues, late, LATE, TTL_MS));
  assert.equal((await findJob(database, id))!.status, 'failed');
});

test('what was asked for before a job was called off and tried again is not taken, however late it comes', async (t) => {
  const key = await newKey(database);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  let requests = 0;
  const origin = await httpOrigin(t, async (_request, response) => {
    requests += 1;
    if (requests > 1) return void response.end('what it is now');
    asked.resolve();
    await answer.promise;
    response.end('what it was then');
  });
  const outbound = createOutbound(parseAllowed('127.0.0.1'));
  t.after(() => outbound.close());
  const policy = { maxBytes: 1000, timeoutMs: 60_000, resultTtlMs: TTL_MS };
  const fetcher = createFetcher(database, queues, blobs, outbound, policy, createMetrics(), silentLog);
  const id = await newRemoteJob(shop, key.id, { url: origin.url, access: null });
  const early = fetcher(await claimFetch(), running);
  await asked.promise;
  await callOffAndRetry(id);
  const second = await claimFetch();
  answer.resolve();
  await early;
  assert.equal((await findJob(database, id))!.status, 'fetching');
  await fetcher(second, running);
  const { status, sourceSha256 } = (await findJob(database, id))!;
  assert.deepEqual([status, sourceSha256], ['queued', blobKey(Buffer.from('what it is now'))]);
  await cancelJob(database, queues, id, TTL_MS);
});

test('a fetcher, a claimant and an operator at once never wait for each other, and the job ends once', async () => {
  const key = await newKey(database, 100);
  for (let round = 0; round < 20; round += 1) {
    const id = await newRemoteJob(shop, key.id);
    const claim = round % 2 === 0 ? await claimFetch() : null;
    if (claim) await database.transaction((tx) => queues.fetch.giveBack(tx, [id]));
    const [usage] = await Promise.all([
      claim && failFetch(database, queues, claim, LATE, TTL_MS),
      claimFetches(database, queues, 1),
      cancelJob(database, queues, id, TTL_MS).catch((error) => assert.match(error.message, /has ended/)),
    ]);
    const { status, reason } = (await findJob(database, id))!;
    assert.deepEqual([status, reason], ['failed', usage ? 'fetch-failed' : 'cancelled']);
    const { rows } = await database.query('SELECT FROM usage WHERE job_id = $1', [id]);
    assert.equal(rows.length, 1);
  }
  assert.equal((await keyOf(database, key.id)).creditsReserved, 0);
  assert.deepEqual(await claimFetches(database, queues, 5), []);
});

test('fetches that a dead server had in hand are taken up again at once', async () => {
  const key = await newKey(database);
  const id = await newRemoteJob(shop, key.id);
  const early = await claimFetch();
  assert.ok((await requeueClaimedJobs(database, queues)) >= 1);
  const late = await claimFetch();
  assert.equal(late.id, id);
  await assertPowerless(early);
  await cancelJob(database, queues, id, TTL_MS);
});
