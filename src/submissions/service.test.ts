import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findJob } from '../jobs/job-record.ts';
import { claimJobs, endJob } from '../jobs/job-states.ts';
import {
  claimOne,
  declined,
  done,
  failed,
  freshBytes,
  keyOf,
  newKey,
  someOutput,
} from '../jobs/workshop.test-support.ts';
import { Problem } from '../lib/problem.ts';
import {
  endNext,
  endWell,
  openArtifact,
  POLICY,
  partsOn,
  service,
  serviceOn,
  shop,
  submission,
} from './service.test-support.ts';
import { createService } from './service.ts';
import { createEndings } from './wait.ts';

const { database, queue, blobs } = shop;

test('a submission becomes a job, whose end can be waited for and whose result can be read', async () => {
  const { secret } = await newKey(database, 3);
  const wanted = submission(secret, { options: { targets: ['webp'], fidelity: 'glossy' } });
  const job = await service.submit(wanted);
  assert.equal(job.status, 'queued');
  assert.equal(job.source.bytes, 'bytes' in wanted.source && wanted.source.bytes.byteLength);
  const waiting = service.wait(job, 60_000);
  const output = someOutput();
  await endNext((claim) => done(claim, [output]));
  const ended = await waiting;
  assert.equal(ended.status, 'done');
  assert.deepEqual(
    [ended.options.targets, ended.options.fidelity, ended.options.floor],
    [['webp'], 'glossy', 90],
  );
  const { id, ...artifact } = ended.artifacts[0]!;
  const { data, ...facts } = output;
  assert.deepEqual(artifact, { ...facts, bytes: data.byteLength });
  assert.deepEqual(new Uint8Array(await ended.read(ended.artifacts[0]!)), data);
  const account = await service.account(secret);
  assert.deepEqual([account.creditsLeft, account.creditsUsed], [2, 1]);
});

test('a link leads to the result without a key, and a forged one nowhere', async () => {
  const { secret } = await newKey(database);
  const job = await service.submit(submission(secret));
  await endWell();
  const [artifact] = (await service.find(secret, job.id)).artifacts;
  const url = service.link(artifact!, 60_000, 'https://img.example.org');
  assert.match(url, /^https:\/\/img\.example\.org\/artifacts\/[\w-]+$/);
  const token = url.split('/').at(-1)!;
  const opened = await openArtifact(token);
  assert.equal(opened.artifact.sha256, artifact!.sha256);
  assert.equal(opened.bytes.byteLength, artifact!.bytes);
  const past = service.link(artifact!, -1, '').split('/').at(-1)!;
  const altered = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
  for (const wrong of [past, altered, 'x']) await assert.rejects(openArtifact(wrong), { code: 'not-found' });
});

test('who has no valid key gets nothing', async () => {
  await assert.rejects(service.submit(submission('ke_unknown')), { code: 'unauthorized' });
  await assert.rejects(service.account('ke_unknown'), { code: 'unauthorized' });
  await assert.rejects(service.find('ke_unknown', crypto.randomUUID()), { code: 'unauthorized' });
});

test("one key does not see another key's jobs, nor what was never a job", async () => {
  const [owner, stranger] = [await newKey(database), await newKey(database)];
  const job = await service.submit(submission(owner.secret));
  assert.equal((await service.find(owner.secret, job.id)).id, job.id);
  for (const id of [job.id, crypto.randomUUID(), "' OR 1=1"])
    await assert.rejects(service.find(stranger.secret, id), { code: 'not-found' });
  await endWell();
});

test('an empty submission is refused', async () => {
  const { secret } = await newKey(database);
  const empty = submission(secret, { source: { bytes: new Uint8Array() } });
  await assert.rejects(service.submit(empty), { code: 'empty-body' });
});

test('a file name may be anything, and no more than a name is kept of it', async () => {
  const { secret } = await newKey(database);
  const hostile = `../\0\r\nSet-Cookie: x${'ü'.repeat(1 << 20)}\ud800`;
  const { id } = await service.submit(
    submission(secret, { source: { bytes: freshBytes(), filename: hostile } }),
  );
  const { rows } = await database.query<{ filename: string }>('SELECT filename FROM jobs WHERE id = $1', [
    id,
  ]);
  assert.equal(rows[0]!.filename, hostile.replace('\0', '').slice(0, 255));
  await endWell();
});

test('a file name is cut without leaving half a character, which could not be stored', async () => {
  const { secret } = await newKey(database);
  for (const filename of [`${'a'.repeat(254)}\u{1F389}.jpg`, 'a\ud800.jpg'])
    await service.submit(submission(secret, { source: { bytes: freshBytes(), filename } }));
  await endWell();
  await endWell();
});

test('the same submission again is the same job and costs nothing more', async () => {
  const { id, secret } = await newKey(database, 1);
  const wanted = submission(secret);
  const queued = await service.submit(wanted);
  assert.equal((await service.submit(wanted)).id, queued.id);
  const claim = await claimOne(shop);
  assert.deepEqual([(await service.submit(wanted)).id, claim.id], [queued.id, queued.id]);
  await endJob(database, queue, claim, declined(claim), { engineMs: 1, resultTtlMs: 60_000 });
  const again = await service.submit(wanted);
  assert.deepEqual([again.id, again.status], [queued.id, 'declined']);
  assert.deepEqual(await claimJobs(database, queue, 5), []);
  assert.equal((await keyOf(database, id)).creditsUsed, 0);
});

test('identical submissions side by side make one job and hold one credit', async () => {
  const { id, secret } = await newKey(database, 5);
  const wanted = submission(secret);
  const jobs = await Promise.all(Array.from({ length: 12 }, () => service.submit(wanted)));
  assert.equal(new Set(jobs.map((job) => job.id)).size, 1);
  assert.equal((await keyOf(database, id)).creditsReserved, 1);
  await endWell();
  assert.deepEqual(await claimJobs(database, queue, 5), []);
});

test('other options, another key or a failure before make it new work', async () => {
  const [one, two] = [await newKey(database), await newKey(database)];
  const wanted = submission(one.secret);
  const first = await service.submit(wanted);
  await endNext(() => failed);
  const retried = await service.submit(wanted);
  await endWell();
  const other = await service.submit({ ...wanted, options: { floor: 60 } });
  await endWell();
  const stranger = await service.submit({ ...wanted, secret: two.secret });
  await endWell();
  assert.equal(new Set([first, retried, other, stranger].map((job) => job.id)).size, 4);
});

test('a result that has expired or whose bytes are lost is made anew', async () => {
  const { secret } = await newKey(database);
  const wanted = submission(secret);
  const first = await service.submit(wanted);
  await endWell();
  await database.query(`UPDATE jobs SET expires_at = now() - interval '1 s' WHERE id = $1`, [first.id]);
  const second = await service.submit(wanted);
  assert.notEqual(second.id, first.id);
  await endWell();
  await blobs.delete((await findJob(database, second.id))!.artifacts[0]!.sha256);
  const third = await service.submit(wanted);
  assert.notEqual(third.id, second.id);
  await endWell();
});

test('a result that is asked for again lives as long as a new one', async () => {
  const { secret } = await newKey(database);
  const wanted = submission(secret);
  const job = await service.submit(wanted);
  await endWell();
  await database.query(`UPDATE jobs SET expires_at = now() + interval '1 s' WHERE id = $1`, [job.id]);
  assert.equal((await service.submit(wanted)).id, job.id);
  const { rows } = await database.query<{ left: number }>(
    'SELECT extract(epoch FROM expires_at - now())::float8 AS left FROM jobs WHERE id = $1',
    [job.id],
  );
  assert.ok(rows[0]!.left > 50);
});

test('many submissions side by side on few credits give exactly as many jobs as there are credits', async () => {
  const { id, secret } = await newKey(database, 4);
  const tries = await Promise.allSettled(
    Array.from({ length: 15 }, () => service.submit(submission(secret))),
  );
  const refused = tries.filter((attempt) => attempt.status === 'rejected');
  assert.equal(refused.length, 11);
  for (const { reason } of refused) assert.equal(reason.code, 'out-of-credits');
  for (let round = 0; round < 4; round += 1) await endWell();
  const { creditsUsed, creditsReserved } = await keyOf(database, id);
  assert.deepEqual([creditsUsed, creditsReserved], [4, 0]);
  await assert.rejects(service.submit(submission(secret)), { code: 'out-of-credits' });
  assert.equal((await service.submit(submission(secret, { charge: false }))).status, 'queued');
  await endWell();
});

test('when too much waits, new work is refused and known work is not', async () => {
  const { secret } = await newKey(database);
  const strict = serviceOn(blobs, { ...POLICY, maxQueue: 1 });
  const wanted = submission(secret);
  const job = await strict.submit(wanted);
  await assert.rejects(strict.submit(submission(secret)), { code: 'overloaded' });
  assert.equal((await strict.submit(wanted)).id, job.id);
  await endWell();
});

test('a full disk is told as such and leaves no job and no credit behind', async () => {
  const { id, secret } = await newKey(database, 1);
  const put = () => Promise.reject(new Problem('unavailable', 'No room.'));
  await assert.rejects(serviceOn({ ...blobs, put }).submit(submission(secret)), { code: 'unavailable' });
  assert.equal((await keyOf(database, id)).creditsReserved, 0);
  assert.deepEqual(await claimJobs(database, queue, 5), []);
});

test('who waits no longer than the deadline gets the job as it stands', async () => {
  const { secret } = await newKey(database);
  const job = await service.submit(submission(secret));
  assert.equal((await service.wait(job, 0)).status, 'queued');
  assert.equal((await service.wait(job, 20)).status, 'queued');
  const client = new AbortController();
  const waiting = service.wait(job, 60_000, client.signal);
  client.abort();
  assert.equal((await waiting).status, 'queued');
  await endWell();
  assert.equal((await service.wait(job, 0)).status, 'done');
});

test('a wait outlives the loss of every connection to the database', async () => {
  const { secret } = await newKey(database);
  const job = await service.submit(submission(secret));
  const waiting = service.wait(job, 60_000);
  await database.query(
    'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename IS NOT NULL',
  );
  await endWell();
  assert.equal((await waiting).status, 'done');
});

test('when the server stops, everyone who waits is answered', async () => {
  const { secret } = await newKey(database);
  const stopping = createEndings(database);
  await stopping.start();
  const other = createService(partsOn(blobs, POLICY, stopping), 'native');
  const job = await other.submit(submission(secret));
  const waiting = [other.wait(job, 60_000), other.wait(job, 60_000)];
  await stopping.close();
  assert.deepEqual(
    (await Promise.all(waiting)).map(({ status }) => status),
    ['queued', 'queued'],
  );
  await endWell();
});
