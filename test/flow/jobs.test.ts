/** `keeneye jobs` beside a running server whose engine hangs. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { freezeEngine, picture } from './engine-child.ts';
import { enqueue, get, job } from './native-client.ts';
import { KEY, runProgram, startServer, temporaryFolder } from './start-server.ts';

const dataDir = await temporaryFolder();
const jobs = (...args: string[]) => runProgram(['jobs', ...args], { DATA_DIR: dataDir });

async function listed(...args: string[]) {
  const { stdout } = await jobs('list', '--json', ...args);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

test('where there is no database there are no jobs', async () => {
  const { code, stderr } = await jobs('list');
  assert.equal(code, 1);
  assert.match(stderr, /^keeneye: There is no database in .*, so there are no jobs/);
});

test('jobs are listed, shown, called off whether they wait or are worked on, and refused with a reason', async () => {
  const server = await startServer(dataDir);
  const frozen = await freezeEngine(server);
  const [held, waits] = [
    await enqueue(server.url, KEY, await picture()),
    await enqueue(server.url, KEY, await picture()),
  ];
  const waiting = job(server.url, KEY, waits);
  assert.deepEqual(
    (await listed('--dialect', 'native', '--limit', '2')).map(({ id }) => id),
    [waits, held],
  );
  assert.deepEqual(
    (await listed('--status', 'done')).map(({ status, savedBytes }) => [status, savedBytes > 0]),
    [['done', true]],
  );
  assert.match((await jobs('list')).stdout, /^ID +STATUS +REASON +DIALECT +KEY +AGE +BYTES +SAVED +WHAT\n/);

  for (const id of [held, waits])
    assert.deepEqual(await jobs('cancel', id), { code: 0, stdout: '', stderr: '' });
  assert.equal((await waiting).reason, 'cancelled');
  assert.equal((await get(server.url, `/api/v1/jobs/${held}`, KEY)).body.reason, 'cancelled');
  const shown = JSON.parse((await jobs('show', held, '--json')).stdout);
  assert.deepEqual([shown.status, shown.reason, shown.batches], ['failed', 'cancelled', []]);
  assert.match((await jobs('show', held)).stdout, /^reason +cancelled$/m);

  const again = await jobs('cancel', held);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /has ended: it is failed/);
  const unknown = randomUUID();
  for (const verb of ['show', 'retry', 'cancel'])
    assert.deepEqual(await jobs(verb, unknown), {
      code: 1,
      stdout: '',
      stderr: `keeneye: There is no job with the id ${unknown}.\n`,
    });

  // Its image is still there, as the sweep takes a while.
  process.kill(frozen, 'SIGCONT');
  assert.deepEqual(await jobs('retry', waits), { code: 0, stdout: 'queued\n', stderr: '' });
  assert.equal((await job(server.url, KEY, waits)).status, 'done');
  assert.match((await jobs('retry', waits)).stderr, /has not failed: it is done/);
  assert.equal((await jobs('show', held)).code, 0);
});
