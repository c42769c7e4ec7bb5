import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { isPlace } from '../store/paging.ts';
import { insertBatch } from './batches.ts';
import { inspectJob, listJobs } from './job-list.ts';
import { endJob } from './job-states.ts';
import { claimOne, done, newJob, newKey, openWorkshop, someOutput } from './workshop.test-support.ts';

const shop = await openWorkshop();
const { database, queue } = shop;
const { id: keyId } = await newKey(database);

test('jobs are listed newest first, page by page, each once', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) ids.unshift((await newJob(shop, keyId)).id);
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const { jobs, next } = await listJobs(database, { keyId, limit: 2, after });
    seen.push(...jobs.map(({ id }) => id));
    assert.ok(next === null || isPlace(next));
    after = next ?? undefined;
  } while (after !== undefined);
  assert.deepEqual(seen, ids);
});

test('jobs are told apart by status, key and dialect', async () => {
  const other = await newKey(database);
  const mine = await newJob(shop, other.id, { dialect: 'foreign' });
  const idsOf = async (filter: object) =>
    (await listJobs(database, { limit: 50, ...filter })).jobs.map(({ id }) => id);
  assert.deepEqual(await idsOf({ keyId: other.id.toUpperCase() }), [mine.id]);
  assert.deepEqual(await idsOf({ dialect: 'foreign' }), [mine.id]);
  assert.deepEqual(await idsOf({ keyId: other.id, status: 'done' }), []);
  assert.deepEqual(await idsOf({ keyId: 'nobody' }), []);
});

test('of a job all is shown: what came out, what it saved, its batch and how its callback stands', async () => {
  await database.query(`DELETE FROM pgboss.job`);
  const job = await newJob(shop, keyId, { filename: 'a.png' });
  const batchId = randomUUID();
  await database.transaction((tx) =>
    insertBatch(tx, {
      ...{ id: batchId, keyId, items: [{ jobId: job.id, filename: null }] },
      callback: { dialect: 'native', url: 'http://shop.example/', origin: 'http://here' },
    }),
  );
  const claim = await claimOne(shop);
  const output = someOutput(new Uint8Array([1, 2, 3]));
  await database.query('INSERT INTO blobs (key) VALUES ($1)', [output.sha256]);
  await endJob(database, queue, claim, done(claim, [output]), { engineMs: 7, resultTtlMs: 60_000 });
  const shown = (await inspectJob(database, job.id))!;
  assert.deepEqual(
    [shown.status, shown.filename, shown.savedBytes, shown.timing.engineMs, shown.source.stored],
    ['done', 'a.png', job.source.bytes - 3, 7, true],
  );
  assert.equal(shown.artifacts[0]!.sha256, output.sha256);
  assert.deepEqual(
    shown.batches.map(({ id, callback }) => [id, callback!.status]),
    [[batchId, 'due']],
  );
});

test('of no job nothing is shown', async () => {
  assert.equal(await inspectJob(database, randomUUID()), null);
  assert.equal(await inspectJob(database, 'no id'), null);
});

test('credentials in an address are not shown', async () => {
  const { id } = await newJob(shop, keyId);
  await database.query(
    "UPDATE jobs SET source_url = 'http://ada:secret@images.example/a.png' WHERE id = $1",
    [id],
  );
  assert.equal((await inspectJob(database, id))!.source.url, 'http://images.example/a.png');
});
