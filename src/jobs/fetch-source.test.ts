import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createMetrics } from '../lib/metrics.ts';
import { parseAllowed } from '../outbound/allowed.ts';
import { httpOrigin } from '../outbound/origin.test-support.ts';
import { createOutbound } from '../outbound/outbound.ts';
import { silentLog } from '../store/temporary-database.test-support.ts';
import { JOB_FETCHING_CHANNEL, type RemoteSource } from './enqueue.ts';
import { createFetcher } from './fetch-source.ts';
import { claimFetches } from './fetch-states.ts';
import { findJob } from './job-record.ts';
import { claimJobs } from './job-states.ts';
import { createWorker } from './worker.ts';
import { keyOf, newKey, newRemoteJob, openWorkshop } from './workshop.test-support.ts';

const shop = await openWorkshop();
const { database, queues, blobs } = shop;
const BYTES = Buffer.from('what the origin has');

/** Enqueues a job on an address and sees it fetched, or not. */
async function fetched(t: TestContext, source: RemoteSource, maxBytes = 1000) {
  const { id: keyId } = await newKey(database, 5);
  const outbound = createOutbound(parseAllowed('127.0.0.1'));
  t.after(() => outbound.close());
  const id = await newRemoteJob(shop, keyId, source);
  const policy = { maxBytes, timeoutMs: 5_000, resultTtlMs: 60_000 };
  const trade = {
    queue: queues.fetch,
    channel: JOB_FETCHING_CHANNEL,
    claim: (limit: number) => claimFetches(database, queues, limit),
    work: createFetcher(database, queues, blobs, outbound, policy, createMetrics(), silentLog),
  };
  const worker = createWorker(database, trade, 4, silentLog);
  await worker.start();
  for (;;) {
    const job = (await findJob(database, id))!;
    if (job.status !== 'fetching') {
      await worker.stop(10_000);
      return { job, key: await keyOf(database, keyId) };
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a source is fetched once and goes on to the engine, its credentials forgotten', async (t) => {
  const asked: string[] = [];
  const origin = await httpOrigin(t, ({ url, headers }, response) => {
    asked.push(`${url} ${headers.authorization} ${headers['x-shop']}`);
    response.end(BYTES);
  });
  const access = { credentials: { user: 'ada', password: 'löve' }, headers: { 'x-shop': '1' } };
  const { job } = await fetched(t, { url: `${origin.url}/a.jpg?v=1`, access });
  assert.deepEqual(asked, [`/a.jpg?v=1 Basic ${Buffer.from('ada:löve').toString('base64')} 1`]);
  assert.deepEqual([job.status, job.sourceBytes, job.hasSource], ['queued', BYTES.length, true]);
  assert.deepEqual(Buffer.from((await blobs.get(job.sourceSha256!))!), BYTES);
  const { rows } = await database.query('SELECT source_access FROM jobs WHERE id = $1', [job.id]);
  assert.deepEqual(rows, [{ source_access: null }]);
  assert.deepEqual(
    (await claimJobs(database, queues.optimize, 5)).map(({ id }) => id),
    [job.id],
  );
});

test('what an origin refuses, lacks or sends too much of fails the job, and no credit is lost', async (t) => {
  const statuses: Record<string, number> = {
    '/401': 401,
    '/403': 403,
    '/404': 404,
    '/410': 410,
    '/418': 418,
  };
  const origin = await httpOrigin(t, ({ url = '' }, response) => {
    response.statusCode = statuses[url] ?? 200;
    response.end(url === '/empty' ? '' : BYTES);
  });
  const expected: [path: string, reason: string, maxBytes?: number][] = [
    ['/401', 'fetch-denied'],
    ['/403', 'fetch-denied'],
    ['/404', 'fetch-not-found'],
    ['/410', 'fetch-not-found'],
    ['/418', 'fetch-failed'],
    ['/empty', 'fetch-failed'],
    ['/large', 'fetch-too-large', 5],
  ];
  for (const [path, reason, maxBytes] of expected) {
    const { job, key } = await fetched(t, { url: origin.url + path, access: null }, maxBytes);
    assert.deepEqual([job.status, job.reason, job.hasSource], ['failed', reason, false], path);
    assert.equal(key.creditsReserved, 0);
  }
});

test('an origin that has trouble for a moment is asked again', async (t) => {
  let asked = 0;
  const origin = await httpOrigin(t, (_request, response) => {
    asked += 1;
    response.statusCode = asked === 1 ? 503 : 200;
    response.end(BYTES);
  });
  const { job } = await fetched(t, { url: origin.url, access: null });
  assert.deepEqual([job.status, asked], ['queued', 2]);
});

test('a private address is not asked at all', async (t) => {
  const { job } = await fetched(t, { url: 'http://169.254.169.254/latest/meta-data/', access: null });
  assert.deepEqual([job.status, job.reason], ['failed', 'fetch-blocked']);
});
