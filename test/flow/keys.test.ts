/** `keeneye keys`, beside a running server and without one. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
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

test('an unknown id, a wrong number of credits and an empty name are refused', async () => {
  const unknown = await keys('revoke', 'nothing');
  assert.deepEqual([unknown.code, unknown.stderr], [1, 'keeneye: There is no key with the id nothing.\n']);
  for (const wrong of [
    ['--credits', '-1'],
    ['--credits', '1.5'],
    ['--name', ' '],
  ])
    assert.equal((await keys('create', ...wrong)).code, 2);
  await untilNoProcess(dataDir);
});
