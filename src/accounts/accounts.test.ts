import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrate } from '../store/migrate.ts';
import { temporaryDatabase } from '../store/temporary-database.test-support.ts';
import { describeAccount } from './account.ts';
import { changeKey } from './change-key.ts';
import { reserveCredits } from './credits.ts';
import {
  authenticate,
  createFirstKey,
  createKey,
  ensureKey,
  findKey,
  listKeys,
  type NewKey,
  revokeKey,
} from './keys.ts';

const { database } = await temporaryDatabase();
await migrate(database);

const keyById = async (id: string) => (await findKey(database, id))!;
const made = (wanted: Partial<NewKey> = {}) =>
  createKey(database, { name: 'test', credits: null, ...wanted });

test('the first key is made once, even by two nodes that start together', async () => {
  const firsts = await Promise.all(Array.from({ length: 5 }, () => createFirstKey(database)));
  const secrets = firsts.filter((secret) => secret !== null);
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
  assert.equal(await revokeKey(database, '\0'), false);
});

test("a key's id is recognised in capitals, too", async () => {
  const { key } = await made();
  const id = key.id.toUpperCase();
  assert.equal((await findKey(database, id))!.id, key.id);
  assert.equal((await changeKey(database, id, { name: 'shop' }))!.name, 'shop');
  assert.equal(await revokeKey(database, id), true);
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

test('a key that has expired is told apart from one that is not known', async () => {
  const { secret } = await made({ expiresAt: new Date(Date.now() - 1000) });
  await assert.rejects(authenticate(database, secret), { code: 'key-expired' });
  const later = await made({ expiresAt: new Date(Date.now() + 60_000) });
  assert.equal((await authenticate(database, later.secret)).id, later.key.id);
});

test('a domain covers itself and what is below it, however the client writes it', async () => {
  const { key, secret } = await made({ domains: ['Shop.example', '*.b\u00fccher.example'] });
  assert.deepEqual(key.domains, ['shop.example', 'xn--bcher-kva.example']);
  for (const site of [
    'shop.example',
    'WWW.shop.example.',
    'https://a.b.shop.example:8443/x',
    'b\u00fccher.example',
  ])
    assert.equal((await authenticate(database, secret, site)).id, key.id, site);
  for (const site of ['example', 'myshop.example', 'shop.example.org', '', 'http://'])
    await assert.rejects(authenticate(database, secret, site), { code: 'domain-not-allowed' }, site);
  assert.equal((await authenticate(database, secret)).id, key.id);
  for (const none of ['no domain', '*', 'shop.*', '*shop.example', '-', 'a..b', ''])
    await assert.rejects(made({ domains: [none] }), { code: 'invalid-parameter' }, none);
});

test('a key without domains is for any site', async () => {
  const { key, secret } = await made();
  assert.equal((await authenticate(database, secret, 'anything.example')).id, key.id);
});

test('what is forbidden to a key is forbidden to the keys below it', async () => {
  const parent = await made({ domains: ['a.example'], floor: 80, formats: ['webp', 'jpeg'] });
  const child = await made({ parentId: parent.key.id, floor: 70, formats: ['avif', 'webp'] });
  const key = await authenticate(database, child.secret, 'www.a.example');
  assert.deepEqual(
    [key.id, key.parentId, key.floor, key.formats],
    [child.key.id, parent.key.id, 80, ['webp']],
  );
  await assert.rejects(authenticate(database, child.secret, 'b.example'), { code: 'domain-not-allowed' });
  await changeKey(database, parent.key.id, { expiresAt: new Date(0) });
  await assert.rejects(authenticate(database, child.secret), { code: 'key-expired' });
  await revokeKey(database, parent.key.id);
  await assert.rejects(authenticate(database, child.secret), { code: 'unauthorized' });
});

test('only a valid key can have keys below it', async () => {
  const [gone, soonGone] = [await made(), await made()];
  await revokeKey(database, gone.key.id);
  const orphan = await made({ parentId: (await made({ parentId: soonGone.key.id })).key.id });
  await revokeKey(database, soonGone.key.id);
  for (const parentId of [gone.key.id, orphan.key.id, 'nobody'])
    await assert.rejects(made({ parentId }), { code: 'invalid-parameter', parameter: 'parent' });
});

test('all that a key may be given is kept, and changed one by one', async () => {
  const { key } = await made({ email: 'a@shop.example', rateLimits: { '*': 5 }, admin: true });
  assert.deepEqual([key.email, key.rateLimits, key.admin], ['a@shop.example', { '*': 5 }, true]);
  const changed = (await changeKey(database, key.id, {
    name: 'new',
    rateLimits: { upload: 7 },
    admin: false,
  }))!;
  assert.deepEqual(changed, { ...key, name: 'new', rateLimits: { upload: 7 }, admin: false });
  assert.deepEqual(await changeKey(database, key.id, {}), changed);
  assert.equal(await changeKey(database, 'nobody', { name: 'x' }), null);
});

test('credits are never set below what is in use, and another plan counts anew', async () => {
  const { key } = await made({ credits: 10 });
  await database.query('UPDATE keys SET credits_used = 6 WHERE id = $1', [key.id]);
  await reserveCredits(database, key.id, 2);
  await assert.rejects(changeKey(database, key.id, { credits: 7 }), { code: 'invalid-parameter' });
  assert.equal((await changeKey(database, key.id, { credits: 8 }))!.credits, 8);
  const monthly = (await changeKey(database, key.id, { plan: 'monthly', credits: 3 }))!;
  assert.deepEqual([monthly.creditsUsed, monthly.creditsUsedEarlier, monthly.creditsReserved], [0, 6, 2]);
  const metered = (await changeKey(database, key.id, { credits: null }))!;
  assert.deepEqual([metered.plan, metered.credits], ['metered', null]);
  await assert.rejects(changeKey(database, key.id, { plan: 'monthly' }), { code: 'invalid-parameter' });
});

test('an account tells what is left of the key and of those above it, and what stands in the way', async () => {
  const parent = await made({ credits: 3 });
  const child = await made({ name: 'child', email: 'c@shop.example', credits: 2, parentId: parent.key.id });
  const grandchild = await made({ parentId: child.key.id });
  const account = () => describeAccount(database, child.key);
  const plan = { kind: 'prepaid', allowance: 0, used: 0, daysToRenewal: 0, exhausted: null };
  const { id } = child.key;
  assert.deepEqual(await account(), {
    ...{ id, name: 'child', email: 'c@shop.example', creditsLeft: 2, creditsUsed: 0, plan },
  });
  await reserveCredits(database, parent.key.id, 2);
  assert.equal((await account()).creditsLeft, 1);
  await reserveCredits(database, grandchild.key.id, 9);
  assert.equal((await keyById(child.key.id)).creditsReserved, 1);
  assert.equal((await account()).plan.exhausted, 'parent');
  await changeKey(database, child.key.id, { credits: 1 });
  assert.equal((await account()).plan.exhausted, 'own');
  assert.equal((await describeAccount(database, grandchild.key)).plan.exhausted, 'parent');
  assert.equal((await describeAccount(database, (await made()).key)).creditsLeft, null);
});
