import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { pino } from 'pino';
import { createMetrics } from '../lib/metrics.ts';
import { cancelJob } from './intervene.ts';
import { reportEnd } from './report-end.ts';
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
const { database, queue, queues, blobs } = shop;
const key = await newKey(database);

function collectingLog() {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}

function settling() {
  const { log, lines } = collectingLog();
  return { settle: createSettlement(database, queue, blobs, createMetrics(), log, 60_000), lines };
}

test('a job that ends well leaves one line with all that operators ask of it', async () => {
  const { settle, lines } = settling();
  const job = await newJob(shop, key.id);
  const claim = await claimOne(shop);
  const outputs = [someOutput(new Uint8Array([1, 2, 3])), someOutput(new Uint8Array([4, 5]))];
  await settle(claim, { ending: done(claim, outputs), engineMs: 5.4 }, running);
  const bytesIn = job.source.bytes;
  assert.deepEqual(lines, [
    {
      ...{ level: 30, msg: 'job ended', job: job.id, key: key.id, dialect: 'native', what: 'same' },
      ...{ outcome: 'done', reason: null, credits: 1, bytesIn, bytesOut: 5, bytesSaved: bytesIn - 2 },
      ...{ waitedMs: Math.round(claim.waitedMs), engineMs: 5 },
    },
  ]);
});

test('the line of a job that was declined says why, and that it cost nothing', async () => {
  const { settle, lines } = settling();
  await newJob(shop, key.id);
  const claim = await claimOne(shop);
  await settle(claim, { ending: declined(claim), engineMs: 5 }, running);
  const { outcome, reason, credits, bytesOut, bytesSaved } = lines[0]!;
  assert.deepEqual([outcome, reason, credits, bytesOut, bytesSaved], ['declined', 'no-gain', 0, null, 0]);
});

test('a worker whose job was called off reports nothing', async () => {
  const { settle, lines } = settling();
  await newJob(shop, key.id);
  const claim = await claimOne(shop);
  await cancelJob(database, queues, claim.id, 60_000);
  await settle(claim, { ending: declined(claim), engineMs: 5 }, running);
  assert.deepEqual(lines, []);
});

test('a job that never got to the engine has the same line and is counted the same', async () => {
  const { log, lines } = collectingLog();
  const metrics = createMetrics();
  const usage = {
    ...{ keyId: key.id, dialect: 'native', what: 'webp', jobId: randomUUID(), outcome: 'failed' as const },
    ...{ bytesIn: null, bytesOut: null, score: null, credits: 0 },
  };
  reportEnd(metrics, log, { usage, reason: 'fetch-timeout', bytesSaved: 0, waitedMs: null, engineMs: null });
  const { job, waitedMs, engineMs, bytesIn } = lines[0]!;
  assert.deepEqual([job, waitedMs, engineMs, bytesIn], [usage.jobId, null, null, null]);
  const { text } = await metrics.expose();
  assert.match(text, /keeneye_jobs_total\{outcome="failed",reason="fetch-timeout"\} 1\n/);
});
