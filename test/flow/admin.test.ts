/** The administration of keys over real HTTP, by a key that may and by keys that may not. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createKey } from '../../src/accounts/keys.ts';
import { recordUsage } from '../../src/accounts/ledger.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { reachEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { silentLog } from '../../src/store/temporary-database.test-support.ts';
import { type RunningApp, startApp } from '../running-app.ts';
import { assertDocumented } from './documented-admin.ts';

let app: RunningApp;
let admin: { id: string; secret: string };

before(async () => {
  app = await startApp();
  admin = await onDatabase(async (database) => {
    const { key, secret } = await createKey(database, { name: 'boss', credits: null, admin: true });
    return { id: key.id, secret };
  });
});
after(() => app.stop());

async function onDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const embedded = await reachEmbeddedPostgres({ dataDir: app.dataDir, log: silentLog });
  const database = openDatabase(embedded.connection, silentLog);
  try {
    return await work(database);
  } finally {
    await database.close();
    await embedded.stop();
  }
}

async function ask(method: string, path: string, body?: unknown, secret: string | null = admin.secret) {
  const response = await fetch(`${app.url}/api/v1/admin${path}`, {
    method,
    headers: secret === null ? {} : { authorization: `Bearer ${secret}` },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const json = isJson ? JSON.parse(text) : null;
  assertDocumented(method, response, json);
  return { status: response.status, headers: response.headers, text, json };
}

/** Status, code and parameter of a refusal. */
async function refusal(...asked: Parameters<typeof ask>): Promise<unknown[]> {
  const { status, headers, json } = await ask(...asked);
  assert.equal(headers.get('content-type'), 'application/problem+json');
  return [status, json.code, json.parameter];
}

async function accountOf(secret: string): Promise<number> {
  const headers = { authorization: `Bearer ${secret}` };
  return (await fetch(`${app.url}/api/v1/account`, { headers })).status;
}

test('only an admin key may administer, whatever is asked', async () => {
  for (const secret of [null, 'unknown', app.key])
    for (const [method, path] of [
      ['GET', '/keys'],
      ['POST', '/keys'],
      ['GET', `/keys/${admin.id}`],
      ['PATCH', `/keys/${admin.id}`],
      ['DELETE', `/keys/${admin.id}`],
      ['GET', '/usage.csv'],
    ] as const)
      assert.deepEqual(await refusal(method, path, undefined, secret), [401, 'unauthorized', undefined]);
  assert.equal(await accountOf(admin.secret), 200);
});

test('a key is made with all that it may, works at once, and its secret is told once', async () => {
  const wanted = {
    ...{ name: 'shop', email: 'a@shop.example', plan: 'monthly', credits: 50, domains: ['WWW.shop.example'] },
    ...{ rateLimits: { upload: 5, '*': 60 }, floor: 80, formats: ['webp'], expiresAt: '2090-01-31' },
  };
  const made = await ask('POST', '/keys', wanted);
  assert.equal(made.status, 201);
  assert.equal(made.headers.get('cache-control'), 'no-store');
  const { secret, ...key } = made.json;
  assert.equal(await accountOf(secret), 200);
  const { prefix, createdAt, daysToRenewal, ...rest } = key;
  assert.ok(secret.startsWith(prefix) && daysToRenewal >= 28 && Date.parse(createdAt) > 0);
  assert.deepEqual(rest, {
    ...wanted,
    ...{ id: key.id, domains: ['www.shop.example'], expiresAt: '2090-01-31T00:00:00.000Z' },
    ...{ creditsUsed: 0, creditsUsedEarlier: 0, creditsReserved: 0, creditsLeft: 50 },
    ...{ parent: null, admin: false, revokedAt: null },
  });
  const shown = await ask(
    'GET',
    new URL(made.headers.get('location')!).pathname.replace('/api/v1/admin', ''),
  );
  assert.deepEqual(shown.json, key);
  const { keys } = (await ask('GET', '/keys')).json;
  assert.deepEqual(
    keys.map(({ name }: { name: string }) => name),
    ['configured', 'boss', 'shop'],
  );
});

test('a key is changed, and ended with the keys below it', async () => {
  const parent = (await ask('POST', '/keys', { name: 'parent', credits: 9 })).json;
  const child = (await ask('POST', '/keys', { name: 'child', parent: parent.id })).json;
  assert.deepEqual([child.plan, child.creditsLeft, child.parent], ['metered', 9, parent.id]);
  const changed = await ask('PATCH', `/keys/${parent.id}`, { name: 'renamed', credits: 4, floor: null });
  assert.deepEqual([changed.status, changed.json.name, changed.json.plan], [200, 'renamed', 'prepaid']);
  assert.equal((await ask('GET', `/keys/${child.id}`)).json.creditsLeft, 4);
  const gone = await ask('DELETE', `/keys/${parent.id}`);
  assert.deepEqual([gone.status, gone.text], [204, '']);
  assert.equal(await accountOf(child.secret), 401);
  assert.ok((await ask('GET', `/keys/${parent.id}`)).json.revokedAt);
});

test('what is not understood is refused by name', async () => {
  const invalid = (parameter: string) => [422, 'invalid-parameter', parameter];
  const post = (body: unknown) => refusal('POST', '/keys', body);
  assert.deepEqual(await post({}), invalid('name'));
  assert.deepEqual(await post({ name: ' ' }), invalid('name'));
  assert.deepEqual(await post({ name: 'x', colour: 'red' }), invalid('colour'));
  assert.deepEqual(await post({ name: 'x', credits: 1.5 }), invalid('credits'));
  assert.deepEqual(await post({ name: 'x', plan: 'monthly' }), invalid('credits'));
  assert.deepEqual(await post({ name: 'x', plan: 'metered', credits: 1 }), invalid('credits'));
  assert.deepEqual(await post({ name: 'x', parent: randomUUID() }), invalid('parent'));
  assert.deepEqual(await post({ name: 'x', domains: ['no domain'] }), invalid('domains'));
  assert.deepEqual(await post({ name: 'x', rateLimits: { upload: 0 } }), invalid('rateLimits.upload'));
  assert.deepEqual(await post({ name: 'x', expiresAt: '2030-02-31T00:00Z' }), invalid('expiresAt'));
  assert.deepEqual(await post({ name: 'x', expiresAt: '2030-01-31 18:00' }), invalid('expiresAt'));
  for (const body of [
    { domains: [5] },
    { domains: 'x' },
    { formats: [] },
    { rateLimits: [5] },
    { rateLimits: { 'a b': 5 } },
  ]) {
    const { json } = await ask('POST', '/keys', { name: 'x', ...body });
    assert.match(json.detail, /^[\w. ]+ must (be|have) (a|numbers) /);
  }
  assert.deepEqual(await post({ name: 'x', parent: '\0' }), invalid('parent'));
  assert.deepEqual(await refusal('GET', '/keys/%00'), [404, 'not-found', undefined]);
  assert.deepEqual(await refusal('PATCH', '/keys/%00', { name: 'x' }), [404, 'not-found', undefined]);
  assert.deepEqual(await refusal('GET', '/usage.csv?key=%00'), [404, 'not-found', undefined]);
  assert.deepEqual(await refusal('GET', '/callbacks/%00'), [404, 'not-found', undefined]);
  assert.deepEqual(await refusal('GET', '/jobs?dialect=%00'), [422, 'invalid-parameter', undefined]);
  assert.deepEqual(await post('{'), [400, 'malformed-body', undefined]);
  assert.deepEqual(await post([]), [400, 'malformed-body', undefined]);
  assert.deepEqual(await post(' '.repeat(500_000)), [413, 'body-too-large', undefined]);
  assert.deepEqual(await refusal('GET', '/keys?page=2'), invalid('page'));
  assert.deepEqual(await refusal('GET', '/keys/nobody'), [404, 'not-found', undefined]);
  assert.deepEqual(await refusal('PATCH', '/keys/nobody', {}), [404, 'not-found', undefined]);
  assert.deepEqual(await refusal('DELETE', '/keys/nobody'), [404, 'not-found', undefined]);
  assert.deepEqual(await refusal('PUT', '/keys'), [405, 'method-not-allowed', undefined]);
});

test('usage is exported as CSV, of a key or of a time', async () => {
  const entry = { keyId: admin.id, dialect: 'native', what: 'webp', jobId: randomUUID(), bytesIn: 3000 };
  await onDatabase((database) =>
    recordUsage(database, { ...entry, bytesOut: 1000, score: 90, outcome: 'done', credits: 1 }),
  );
  const all = await ask('GET', '/usage.csv');
  assert.match(all.headers.get('content-type')!, /^text\/csv/);
  assert.equal(all.headers.get('keeneye-complete'), 'yes');
  const [, line, ...rest] = all.text.split('\r\n');
  assert.match(line!, new RegExp(`,${admin.id},boss,native,webp,${entry.jobId},3000,1000,90,done,1$`));
  assert.deepEqual(rest, ['']);
  assert.equal((await ask('GET', `/usage.csv?key=${admin.id}&to=2020-01-01`)).text.split('\r\n').length, 2);
  assert.deepEqual(await refusal('GET', '/usage.csv?key=x'), [404, 'not-found', undefined]);
  assert.deepEqual(await refusal('GET', '/usage.csv?from=yesterday'), [422, 'invalid-parameter', 'from']);
});
