import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createKey } from '../accounts/keys.ts';
import type { Target } from '../engine/contract.ts';
import { sweepOnce } from '../jobs/sweep.ts';
import {
  claimOne,
  declined,
  done,
  freshBytes,
  keyOf,
  newKey,
  someOutput,
} from '../jobs/workshop.test-support.ts';
import { silentLog } from '../store/temporary-database.test-support.ts';
import { endNext, endWell, partsOn, service, shop, submission } from './service.test-support.ts';
import { createService } from './service.ts';

const { database, blobs } = shop;
const expire = (id: string) =>
  database.query(`UPDATE jobs SET expires_at = now() - interval '1 s' WHERE id = $1`, [id]);

test('a key that is limited sends in no more requests a minute, by whichever protocol', async () => {
  const { secret } = await createKey(database, { name: 'x', credits: null, rateLimits: { optimize: 2 } });
  const ask = (dialect: string) => createService(partsOn(blobs), dialect);
  const twice = ask('native');
  for (let i = 0; i < 2; i += 1) await twice.submit(submission(secret));
  const counted = ask('other');
  await counted.limit(secret, { endpoint: 'optimize', requests: 9, seconds: 60 });
  await counted.submit(submission(secret));
  await assert.rejects(ask('native').submit(submission(secret)), { code: 'rate-limited' });
  await ask('native').account(secret);
  for (let i = 0; i < 3; i += 1) await endWell();
});

test('a reference leads its key, and no other, to the latest job submitted under it', async () => {
  const [owner, stranger] = [await newKey(database), await newKey(database)];
  const reference = `page ${crypto.randomUUID()}`;
  const first = await service.submit(submission(owner.secret, { reference }));
  assert.equal((await service.find(owner.secret, reference)).id, first.id);
  await assert.rejects(service.find(stranger.secret, reference), { code: 'not-found' });
  const second = await service.submit(submission(owner.secret, { reference }));
  assert.equal((await service.find(owner.secret, reference)).id, second.id);
  assert.equal((await service.find(owner.secret, first.id)).id, first.id);
  await endWell();
  await endWell();
  await expire(second.id);
  await assert.rejects(service.find(owner.secret, reference), { code: 'not-found' });
});

test('what came from an address is forgotten by all references of the key, and by nobody else', async () => {
  const [owner, stranger] = [await newKey(database), await newKey(database)];
  const source = { url: 'https://shop.example/forget.jpg' };
  const take = (secret: string, reference: string, url = source.url) =>
    service.submit(submission(secret, { source: { url }, reference }));
  await take(owner.secret, 'lossy');
  await take(owner.secret, 'lossless');
  const kept = await take(owner.secret, 'other', 'https://shop.example/keep.jpg');
  const strange = await take(stranger.secret, 'lossy');
  await service.forget(owner.secret, [source.url, 'https://shop.example/none.jpg']);
  for (const name of ['lossy', 'lossless'])
    await assert.rejects(service.find(owner.secret, name), { code: 'not-found' });
  assert.equal((await service.find(owner.secret, 'other')).id, kept.id);
  assert.equal((await service.find(stranger.secret, 'lossy')).id, strange.id);
});

test('a job that did the work before gets the new reference too', async () => {
  const { secret } = await newKey(database);
  const source = { bytes: freshBytes() };
  const job = await service.submit(submission(secret, { source, reference: 'one name' }));
  const again = await service.submit(submission(secret, { source, reference: 'another name' }));
  assert.equal(again.id, job.id);
  for (const name of ['one name', 'another name'])
    assert.equal((await service.find(secret, name)).id, job.id);
  await endWell();
});

test('a refresh does the work anew', async () => {
  const { secret } = await newKey(database);
  const wanted = submission(secret, { reference: 'fresh' });
  const job = await service.submit(wanted);
  await endWell();
  const anew = await service.submit({ ...wanted, refresh: true });
  assert.notEqual(anew.id, job.id);
  assert.equal((await service.find(secret, 'fresh')).id, anew.id);
  await endWell();
});

test('a success whose first target saves too little to count costs nothing, whatever its companions save', async () => {
  const { id, secret } = await newKey(database, 5);
  const used = async (targets: Target[], sizes: { png?: number; jpeg?: number; webp?: number }) => {
    await service.submit(
      submission(secret, { source: { bytes: randomBytes(1000) }, options: { targets }, freeUpTo: 0.05 }),
    );
    const outputs = Object.entries(sizes).map(([format, size]) => ({
      ...someOutput(randomBytes(size)),
      format: format as keyof typeof sizes,
    }));
    await endNext((claim) => done(claim, outputs));
    const { creditsUsed, creditsReserved } = await keyOf(database, id);
    assert.equal(creditsReserved, 0);
    return creditsUsed;
  };
  assert.equal(await used(['same'], { png: 950 }), 0);
  assert.equal(await used(['same', 'webp'], { png: 950, webp: 100 }), 0);
  assert.equal(await used(['same', 'webp'], { webp: 100 }), 0);
  assert.equal(await used(['same'], { png: 949 }), 1);
  assert.equal(await used(['same', 'webp'], { png: 900, webp: 990 }), 2);
  assert.equal(await used(['jpeg', 'webp'], { jpeg: 900, webp: 990 }), 3);
  // Of a source that no encoder writes, such as TIFF.
  assert.equal(await used(['same', 'webp'], { jpeg: 900, webp: 990 }), 4);
});

test('a source that is to be kept outlives a decline, and goes with the job', async () => {
  const { secret } = await newKey(database);
  const source = { bytes: freshBytes() };
  await service.submit(submission(secret, { source, keepSource: true, reference: 'kept' }));
  await endNext(declined);
  await database.query(`UPDATE blobs SET sweep_after = now() - interval '1 s'`);
  await sweepOnce(database, blobs, silentLog);
  const job = await service.find(secret, 'kept');
  assert.deepEqual(new Uint8Array(await job.readSource()), source.bytes);
  const { id } = await service.submit(submission(secret));
  await endNext(declined);
  await assert.rejects((await service.find(secret, id)).readSource(), { code: 'not-found' });
  await expire(job.id);
  await sweepOnce(database, blobs, silentLog);
  await assert.rejects(job.readSource(), { code: 'not-found' });
});

test('a ticket stands for a job without a key, until its date', async () => {
  const { secret } = await newKey(database);
  const job = await service.submit(submission(secret));
  assert.equal((await service.redeem(service.ticket(job, 60_000))).id, job.id);
  for (const wrong of [service.ticket(job, -1), 'x', `${service.ticket(job, 60_000).slice(0, -4)}AAAA`])
    await assert.rejects(service.redeem(wrong), { code: 'not-found' });
  await endWell();
});

test('an address is taken in as a job that is to be fetched, each time anew', async () => {
  const { id, secret } = await newKey(database, 5);
  const source = { url: 'https://shop.example/a.jpg', credentials: { user: 'a', password: 'b' } };
  const job = await service.submit(submission(secret, { source }));
  assert.deepEqual([job.status, job.source.url, job.source.bytes], ['queued', source.url, null]);
  assert.notEqual((await service.submit(submission(secret, { source }))).id, job.id);
  assert.equal((await keyOf(database, id)).creditsReserved, 2);
  await assert.rejects(claimOne(shop), /no job/);
});

test('a hundred submissions at once are all taken in, and identical ones are one', async () => {
  const { id, secret } = await newKey(database, 60);
  const sources = Array.from({ length: 50 }, freshBytes);
  const jobs = await Promise.all(
    [...sources, ...sources].map((bytes) => service.submit(submission(secret, { source: { bytes } }))),
  );
  assert.equal(new Set(jobs.map((job) => job.id)).size, 50);
  assert.equal((await keyOf(database, id)).creditsReserved, 50);
  for (const _ of sources) await endWell();
});

test('of a hundred submissions at once on ten credits exactly ten are taken in', async () => {
  const { id, secret } = await newKey(database, 10);
  const results = await Promise.allSettled(
    Array.from({ length: 100 }, () => service.submit(submission(secret))),
  );
  const taken = results.filter(({ status }) => status === 'fulfilled');
  assert.equal(taken.length, 10);
  for (const _ of taken) await endWell();
  assert.equal((await keyOf(database, id)).creditsUsed, 10);
});

test('an original is kept under its name until it is replaced, and belongs to its key', async () => {
  const [owner, stranger] = [await newKey(database), await newKey(database)];
  const [first, second] = [freshBytes(), freshBytes()];
  await service.keepOriginal(owner.secret, 'shop/1', first);
  assert.deepEqual(new Uint8Array(await service.original(owner.secret, 'shop/1')), first);
  await service.keepOriginal(owner.secret, 'shop/1', second);
  assert.deepEqual(new Uint8Array(await service.original(owner.secret, 'shop/1')), second);
  await assert.rejects(service.original(stranger.secret, 'shop/1'), { code: 'not-found' });
  await database.query(`UPDATE blobs SET sweep_after = now() - interval '1 s' WHERE sweep_after IS NOT NULL`);
  await sweepOnce(database, blobs, silentLog);
  assert.deepEqual(new Uint8Array(await service.original(owner.secret, 'shop/1')), second);
  await database.query(`UPDATE originals SET expires_at = now() - interval '1 s'`);
  await assert.rejects(service.original(owner.secret, 'shop/1'), { code: 'not-found' });
  await sweepOnce(database, blobs, silentLog);
  assert.deepEqual((await database.query('SELECT FROM originals')).rows, []);
});
