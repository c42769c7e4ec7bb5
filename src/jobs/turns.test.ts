import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimJobs } from './job-states.ts';
import { newJob, newKey, openWorkshop } from './workshop.test-support.ts';

const shop = await openWorkshop();
const { database, queue } = shop;

test("a key's one job is among the next few, however many jobs of another key were there first", async () => {
  const [busy, quiet] = [await newKey(database), await newKey(database)];
  for (let count = 0; count < 40; count += 1) await newJob(shop, busy.id);
  await claimJobs(database, queue, 10);
  const late = await newJob(shop, quiet.id);
  const next = await claimJobs(database, queue, 3);
  assert.ok(next.some(({ id }) => id === late.id));
});

test('a key that waited long has no arrears: its many jobs take turns with those of others', async () => {
  const [one, other] = [await newKey(database), await newKey(database)];
  await claimJobs(database, queue, 1000);
  const jobs = { one: new Set<string>(), other: new Set<string>() };
  for (let count = 0; count < 6; count += 1) jobs.one.add((await newJob(shop, one.id)).id);
  for (let count = 0; count < 6; count += 1) jobs.other.add((await newJob(shop, other.id)).id);
  const next = await claimJobs(database, queue, 6);
  assert.equal(next.filter(({ id }) => jobs.one.has(id)).length, 3);
  assert.equal(next.filter(({ id }) => jobs.other.has(id)).length, 3);
});

test("one key's jobs are begun in the order in which they came", async () => {
  const { id } = await newKey(database);
  await claimJobs(database, queue, 1000);
  const jobs = [await newJob(shop, id), await newJob(shop, id), await newJob(shop, id)];
  const begun = [];
  for (const _ of jobs) begun.push(...(await claimJobs(database, queue, 1)));
  assert.deepEqual(
    begun.map((claim) => claim.id),
    jobs.map((job) => job.id),
  );
});
