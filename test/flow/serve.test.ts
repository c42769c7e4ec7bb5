/** Starting and stopping the server, as an operator sees it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { untilNoProcess } from '../processes.ts';
import { get } from './native-client.ts';
import { runProgram, startServer, temporaryFolder } from './start-server.ts';

const NO_KEY = { KEENEYE_KEY: '' };
/** Not there yet: the first start makes it. */
const dataDir = join(await temporaryFolder(), 'data');

test('the first start makes a key and prints it on the one ready line; the next does not', async () => {
  const first = await startServer(dataDir, NO_KEY);
  assert.match(first.key!, /^ke_\w{40}$/);
  assert.equal((await get(first.url, '/api/v1/account', first.key!)).status, 200);
  assert.equal(await first.end('SIGTERM'), 0);
  const second = await startServer(dataDir, NO_KEY);
  assert.equal(second.key, undefined);
  assert.equal((await get(second.url, '/api/v1/account', first.key!)).status, 200);
  assert.equal((await get(second.url, '/api/v1/account', `${first.key}x`)).status, 401);
  assert.equal(await second.end('SIGINT'), 0);
  for (const { stdout, url, pid } of [first, second]) {
    assert.equal(stdout.length, 1);
    const ready = JSON.parse(stdout[0]!);
    assert.deepEqual([ready.ready, ready.url, ready.pid], [true, url, pid]);
  }
  await untilNoProcess(dataDir);
});

test('nobody but its owner may enter the folder that the server makes', async () => {
  assert.equal((await stat(dataDir)).mode & 0o077, 0);
});

test('a second server on the same folder is refused in one sentence and disturbs nothing', async () => {
  const server = await startServer(dataDir, NO_KEY);
  const second = await runProgram(['serve'], { DATA_DIR: dataDir, PORT: '0' });
  assert.equal(second.code, 1);
  assert.equal(second.stdout, '');
  assert.match(second.stderr, new RegExp(`^keeneye: .*in use by another keeneye server.*${server.pid}.*\n$`));
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  assert.equal(await server.end('SIGTERM'), 0);
});

test('a port that is taken is told by number, and nothing is left behind', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const { code, stderr } = await runProgram(['serve'], { DATA_DIR: dataDir, PORT: String(port) });
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`keeneye: Cannot listen on 127\\.0\\.0\\.1, port ${port}: .*PORT.*\\.\n$`));
  await untilNoProcess(dataDir);
});

test('a database that cannot be reached is told with the reason', async () => {
  const env = { DATA_DIR: dataDir, PORT: '0', DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  const { code, stderr } = await runProgram(['serve'], env);
  assert.equal(code, 1);
  assert.match(stderr, /keeneye: The database of DATABASE_URL cannot be used: .*ECONNREFUSED.*\n$/);
});

test('all faults of the configuration are told at once, a line each', async () => {
  const { code, stderr } = await runProgram(['serve'], { PORT: 'x', FLOOR: '200', WORKERS: '0' });
  assert.equal(code, 1);
  assert.deepEqual(
    stderr
      .trim()
      .split('\n')
      .map((line) => line.split(' ').slice(0, 2)),
    [
      ['keeneye:', 'PORT'],
      ['keeneye:', 'WORKERS'],
      ['keeneye:', 'FLOOR'],
    ],
  );
});

test('after kill -9 no process is left and the next start works, again and again', async () => {
  for (let round = 0; round < 5; round += 1) {
    const server = await startServer(dataDir, NO_KEY);
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
    assert.equal(await server.end('SIGKILL'), 'SIGKILL');
  }
  await untilNoProcess(dataDir);
});

test('a folder that cannot be made is refused by name', async () => {
  const { code, stderr } = await runProgram(['serve'], {
    DATA_DIR: join(import.meta.filename, 'data'),
    PORT: '0',
  });
  assert.equal(code, 1);
  assert.match(stderr, /^keeneye: .*serve\.test\.ts.*\n$/);
});
