/** `keeneye keys`, beside a running server and without one. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { recordUsage } from '../../src/accounts/ledger.ts';
import { openDatabase } from '../../src/store/database.ts';
import { reachEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { silentLog } from '../../src/store/temporary-database.test-support.ts';
import { untilNoProcess } from '../processes.ts';
import { get } from './native-client.ts';
import { runProgram, startServer, temporaryFolder } from './start-server.ts';

const dataDir = await temporaryFolder();
const env = { DATA_DIR: dataDir };
const keys = (...args: string[]) => runProgram(['keys', ...args], env);

async function listed(): Promise<
  { id: string; name: string; credits: number | null; revokedAt: string | null }[]
> {
  const { stdout } = await keys('list', '--json');
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

async function shown(id: string) {
  const { plan, credits, creditsLeft, domains, floor, rateLimits, formats, email, admin, expiresAt } =
    JSON.parse((await keys('show', id, '--json')).stdout);
  return { plan, credits, creditsLeft, domains, floor, rateLimits, formats, email, admin, expiresAt };
}

/** Writes what two jobs of a key would have left in the ledger of the running server. */
async function addUsage(keyId: string): Promise<void> {
  const embedded = await reachEmbeddedPostgres({ dataDir, log: silentLog });
  const database = openDatabase(embedded.connection, silentLog);
  const entry = { keyId, dialect: 'native', what: 'optimize', jobId: randomUUID(), bytesIn: 3000 };
  await recordUsage(database, { ...entry, bytesOut: 1000, score: 90, outcome: 'done', credits: 1 });
  await recordUsage(database, { ...entry, bytesOut: null, score: null, outcome: 'declined', credits: 0 });
  await database.close();
  await embedded.stop();
}

test('where there is no database there is nothing to list or revoke, and none is made for it', async () => {
  for (const args of [['list'], ['revoke', 'x']]) {
    const { code, stderr } = await keys(...args);
    assert.equal(code, 1);
    assert.match(stderr, /^keeneye: There is no database in .*, so there are no keys/);
  }
  assert.deepEqual(readdirSync(dataDir), []);
});

test('keys can be made before there is a server, and the server then knows them', async () => {
  const made = await keys('create', '--name', 'the shop', '--credits', '20');
  assert.equal(made.code, 0);
  assert.match(made.stderr, /^keeneye: There was no database in .*: made one\./);
  assert.match(made.stdout, /^ke_\w{40}\n$/);
  await untilNoProcess(dataDir);
  const server = await startServer(dataDir, { KEENEYE_KEY: '' });
  assert.equal(server.key, undefined);
  const { body } = await get(server.url, '/api/v1/account', made.stdout.trim());
  assert.deepEqual(body, { name: 'the shop', creditsLeft: 20, creditsUsed: 0 });
  assert.equal(await server.end('SIGTERM'), 0);
});

test('beside a running server keys are made, listed and revoked at once', async () => {
  const server = await startServer(dataDir, { KEENEYE_KEY: '' });
  const secret = (await keys('create', '--name', 'visitor')).stdout.trim();
  assert.equal((await get(server.url, '/api/v1/account', secret)).status, 200);
  const key = (await listed()).find(({ name }) => name === 'visitor')!;
  assert.equal(key.credits, null);
  const table = (await keys('list')).stdout;
  assert.match(table, /^ID +PREFIX +CREDITS +USED +CREATED +STATE +NAME\n/);
  assert.ok(table.includes(key.id) && !table.includes(secret));
  assert.equal((await keys('revoke', key.id)).code, 0);
  assert.equal((await get(server.url, '/api/v1/account', secret)).status, 401);
  assert.ok((await listed()).find(({ id }) => id === key.id)!.revokedAt);
  assert.equal(await server.end('SIGTERM'), 0);
});

test('all that a key may is said when it is made, shown, and changed one by one', async () => {
  const given = [
    '--monthly',
    '50',
    '--domains',
    'a.example,B.example',
    '--rate',
    'upload=5',
    '--rate',
    '*=9',
  ];
  const more = [
    '--floor',
    '80',
    '--formats',
    'webp,jpg',
    '--email',
    'a@b.example',
    '--expires',
    '2090-01-31',
  ];
  assert.equal((await keys('create', '--name', 'all', '--admin', ...given, ...more)).code, 0);
  const { id } = (await listed()).find(({ name }) => name === 'all')!;
  assert.deepEqual(await shown(id), {
    ...{ plan: 'monthly', credits: 50, creditsLeft: 50, domains: ['a.example', 'b.example'], floor: 80 },
    ...{ rateLimits: { upload: 5, '*': 9 }, formats: ['webp', 'jpeg'], email: 'a@b.example', admin: true },
    expiresAt: '2090-01-31T00:00:00.000Z',
  });
  const text = (await keys('show', id)).stdout;
  assert.match(text, /^credits: +50\/month$/m);
  assert.match(text, /^expires: +2090-01-31T00:00:00.000Z$/m);
  const taken = ['--domains', 'none', '--floor', 'none', '--formats', 'none', '--expires', 'none'];
  const set = await keys('set', id, '--no-admin', '--credits', '7', '--rate', 'upload=none', ...taken);
  assert.deepEqual([set.code, set.stdout], [0, '']);
  assert.deepEqual(await shown(id), {
    ...{ plan: 'prepaid', credits: 7, creditsLeft: 7, domains: [], floor: null },
    ...{ rateLimits: { '*': 9 }, formats: null, email: 'a@b.example', admin: false },
    expiresAt: null,
  });
});

test('a key below another one has what is left of both', async () => {
  const { id } = (await listed()).find(({ name }) => name === 'all')!;
  assert.equal((await keys('create', '--name', 'below', '--parent', id, '--credits', '9')).code, 0);
  const below = (await listed()).find(({ name }) => name === 'below')!;
  assert.equal((await shown(below.id)).creditsLeft, 7);
  assert.match((await keys('show', below.id)).stdout, new RegExp(`^parent: +${id}$`, 'm'));
});

test('a key below one that was revoked is shown as such, and has none made below it', async () => {
  await keys('create', '--name', 'top');
  const top = (await listed()).at(-1)!;
  await keys('create', '--name', 'middle', '--parent', top.id);
  const middle = (await listed()).at(-1)!;
  await keys('revoke', top.id.toUpperCase());
  assert.match((await keys('list')).stdout, new RegExp(`^${middle.id} .* parent revoked +middle$`, 'm'));
  assert.match((await keys('show', middle.id)).stdout, /^state: +parent revoked$/m);
  const below = await keys('create', '--parent', middle.id);
  assert.deepEqual([below.code, below.stdout], [1, '']);
});

test('usage is printed in sums and as CSV, of a key or of a time', async () => {
  const server = await startServer(dataDir, { KEENEYE_KEY: '' });
  const { id } = (await listed()).find(({ name }) => name === 'all')!;
  await addUsage(id);
  const [head, line] = (await keys('usage', '--key', id)).stdout.split('\n');
  assert.match(head!, /^ID +DONE +DECLINED +FAILED +CREDITS +IN +SAVED +NAME$/);
  assert.match(line!, new RegExp(`^${id} +1 +1 +0 +1 +6.00 kB +2.00 kB +all$`));
  const csv = (await keys('usage', '--csv')).stdout.split('\r\n');
  assert.equal(csv[0], 'time,key,name,dialect,what,job,bytes_in,bytes_out,score,outcome,credits');
  assert.equal(csv.length, 4);
  const none = await keys('usage', '--csv', '--to', '2020-01-01');
  assert.equal(none.stdout, `${csv[0]}\r\n`);
  assert.equal(await server.end('SIGTERM'), 0);
});

test('a key can have the secret that its clients have already, or one of the kind that they take', async () => {
  const own = `vendor-${randomUUID()}`;
  const brought = await runProgram(['keys', 'create', '--secret-stdin'], env, `${own}\n`);
  assert.deepEqual([brought.code, (await shown(brought.stdout.trim())).plan], [0, 'metered']);
  const again = await runProgram(['keys', 'create', '--secret-stdin'], env, own);
  assert.deepEqual([again.code, again.stderr], [1, 'keeneye: Another key has this secret.\n']);
  for (const none of ['', 'too short', `${own} and more`])
    assert.equal((await runProgram(['keys', 'create', '--secret-stdin'], env, none)).code, 1, none);
  assert.match((await keys('create', '--characters', '20')).stdout, /^[0-9A-Za-z]{20}\n$/);
  const server = await startServer(dataDir, { KEENEYE_KEY: '' });
  assert.equal((await get(server.url, '/api/v1/account', own)).status, 200);
  assert.equal(await server.end('SIGTERM'), 0);
});

test('an unknown id, a wrong value and an empty name are refused', async () => {
  for (const verb of [['revoke'], ['show'], ['set'], ['usage', '--key']]) {
    const unknown = await keys(...verb, 'nothing');
    assert.deepEqual([unknown.code, unknown.stderr], [1, 'keeneye: There is no key with the id nothing.\n']);
  }
  const orphan = await keys('create', '--parent', 'nothing');
  assert.deepEqual(
    [orphan.code, orphan.stderr],
    [1, 'keeneye: There is no valid key with the id nothing.\n'],
  );
  for (const wrong of [
    ['--credits', '-1'],
    ['--credits', '1.5'],
    ['--credits', '1', '--monthly', '1'],
    ['--name', ' '],
    ['--email', 'nobody'],
    ['--expires', 'tomorrow'],
    ['--rate', 'upload=0'],
    ['--floor', '20'],
    ['--formats', 'bmp'],
    ['--characters', '19'],
  ])
    assert.equal((await keys('create', ...wrong)).code, 2, wrong.join(' '));
  await untilNoProcess(dataDir);
});
