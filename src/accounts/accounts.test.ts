import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrate } from '../store/migrate.ts';
import { temporaryDatabase } from '../store/temporary-database.test-support.ts';
import { creditsLeft, releaseCredits, reserveCredits, settleCredit } from './credits.ts';
import { authenticate, createFirstKey, createKey, ensureKey, listKeys, revokeKey } from './keys.ts';

const { database } = await temporaryDatabase();
await migrate(database);

const keyById = async (id: string) => (await listKeys(database)).find((key) => key.id === id)!;

test('the first key is made once, even by two nodes that start together', async () => {
  const made = await Promise.all(Array.from({ length: 5 }, () => createFirstKey(database)));
  const secrets = made.filter((secret) => secret !== null);
  assert.equal(secrets.length, 1);
  assert.equal((await authenticate(database, secrets[0]!)).name, 'first');
  assert.equal(await createFirstKey(database), null);
});

test('a key is recognised by its secret, which is stored nowhere', async () => {
  const { key, secret } = await createKey(database, { name: 'shop', credits: 5 });
  assert.match(secret, /^ke_[0-9A-Za-z]{40}$/);
  assert.equal((await authenticate(database, secret)).id, key.id);
  const { rows } = await database.query('SELECT * FROM keys');
  assert.ok(!JSON.stringify(rows).includes(secret));
  assert.ok(secret.startsWith(key.prefix));
});

test('an unknown secret and a revoked key are both refused as unauthorized', async () => {
  const { key, secret } = await createKey(database, { name: 'gone', credits: null });
  await assert.rejects(authenticate(database, `${secret}x`), { code: 'unauthorized' });
  await assert.rejects(authenticate(database, ''), { code: 'unauthorized' });
  assert.equal(await revokeKey(database, key.id), true);
  await assert.rejects(authenticate(database, secret), { code: 'unauthorized' });
  assert.ok((await keyById(key.id)).revokedAt);
});

test('what is no id of a key cannot be revoked', async () => {
  assert.equal(await revokeKey(database, "x' OR true --"), false);
  assert.equal(await revokeKey(database, '00000000-0000-0000-0000-000000000000'), false);
});

test('a configured key is made once and stays revoked when it was revoked', async () => {
  const secret = 'a-secret-from-the-environment';
  await ensureKey(database, secret);
  await ensureKey(database, secret);
  const key = await authenticate(database, secret);
  assert.equal((await listKeys(database)).filter(({ name }) => name === 'configured').length, 1);
  await revokeKey(database, key.id);
  await ensureKey(database, secret);
  await assert.rejects(authenticate(database, secret), { code: 'unauthorized' });
});

test('reservations made side by side never exceed the credits', async () => {
  const { key } = await createKey(database, { name: 'few', credits: 7 });
  const reserved = await Promise.all(
    Array.from({ length: 20 }, () => database.transaction((tx) => reserveCredits(tx, key.id, 1))),
  );
  assert.equal(reserved.filter((count) => count === 1).length, 7);
  assert.equal(reserved.filter((count) => count === 0).length, 13);
  assert.equal(creditsLeft(await keyById(key.id)), 0);
});

test('a settled credit is used up, a released one can be spent again', async () => {
  const { key } = await createKey(database, { name: 'two', credits: 2 });
  assert.equal(await reserveCredits(database, key.id, 3), 2);
  await settleCredit(database, key.id);
  await releaseCredits(database, key.id, 1);
  const after = await keyById(key.id);
  assert.deepEqual([after.creditsUsed, after.creditsReserved, creditsLeft(after)], [1, 0, 1]);
  assert.equal(await reserveCredits(database, key.id, 1), 1);
  assert.equal(await reserveCredits(database, key.id, 1), 0);
});

test('a key without a limit never runs out', async () => {
  const { key } = await createKey(database, { name: 'any', credits: null });
  await reserveCredits(database, key.id, 1);
  await settleCredit(database, key.id);
  const after = await keyById(key.id);
  assert.deepEqual([after.creditsUsed, creditsLeft(after)], [1, null]);
});
