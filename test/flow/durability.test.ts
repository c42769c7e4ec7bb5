/** What was acknowledged is done, once, whoever is killed meanwhile. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { untilNoProcess } from '../processes.ts';
import { engineChild, freezeEngine, metricsOf, picture } from './engine-child.ts';
import { creditsUsed, enqueue, job, optimize } from './native-client.ts';
import { KEY, type Server, startServer, temporaryFolder, until } from './start-server.ts';

async function untilRunning(server: Server, id: string): Promise<void> {
  await until(async () => ((await job(server.url, KEY, id, 0)).status === 'running' ? true : null));
}

test('a job that was acknowledged before kill -9 is done after the restart and charged once', async () => {
  const dataDir = await temporaryFolder();
  const first = await startServer(dataDir);
  const frozen = await freezeEngine(first);
  const [running, waiting, again] = [await picture(), await picture(), await picture()];
  const ids = [await enqueue(first.url, KEY, running), await enqueue(first.url, KEY, waiting)];
  await untilRunning(first, ids[0]!);
  assert.equal(await first.end('SIGKILL'), 'SIGKILL');
  process.kill(frozen, 'SIGKILL');
  await untilNoProcess(dataDir);
  const second = await startServer(dataDir);
  for (const id of ids) assert.equal((await job(second.url, KEY, id)).status, 'done');
  // One was done before the kill.
  assert.equal(await creditsUsed(second.url, KEY), 3);
  assert.equal((await optimize(second.url, KEY, running)).body.id, ids[0]);
  assert.equal(await creditsUsed(second.url, KEY), 3);
  assert.equal((await optimize(second.url, KEY, again)).status, 200);
  assert.equal(await second.end('SIGTERM'), 0);
});

test('jobs survive five kills in a row', async () => {
  const dataDir = await temporaryFolder();
  const ids: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    const server = await startServer(dataDir);
    ids.push(await enqueue(server.url, KEY, await picture()));
    assert.equal(await server.end('SIGKILL'), 'SIGKILL');
  }
  const server = await startServer(dataDir);
  for (const id of ids) assert.equal((await job(server.url, KEY, id)).status, 'done');
  assert.equal(await creditsUsed(server.url, KEY), 5);
  assert.equal(await server.end('SIGTERM'), 0);
  await untilNoProcess(dataDir);
});

test('SIGTERM lets the image in hand end, answers who waits for it, and exits 0', async () => {
  const server = await startServer(await temporaryFolder());
  const frozen = await freezeEngine(server);
  const image = await picture();
  const answer = optimize(server.url, KEY, image);
  await until(async () => ((await isBusy(server)) ? true : null));
  const ended = server.end('SIGTERM');
  process.kill(frozen, 'SIGCONT');
  assert.equal((await answer).status, 200);
  assert.equal(await ended, 0);
});

test('a job whose engine process is killed under it is tried again and done', async () => {
  const server = await startServer(await temporaryFolder());
  const pid = await freezeEngine(server);
  const id = await enqueue(server.url, KEY, await picture());
  await untilRunning(server, id);
  process.kill(pid, 'SIGKILL');
  assert.equal((await job(server.url, KEY, id)).status, 'done');
  assert.equal(await creditsUsed(server.url, KEY), 2);
  assert.equal(await server.end('SIGTERM'), 0);
});

test('a job that aborts its engine process twice fails with its reason, and the next one is served', async () => {
  const server = await startServer(await temporaryFolder());
  const first = await freezeEngine(server);
  const id = await enqueue(server.url, KEY, await picture());
  await untilRunning(server, id);
  process.kill(first, 'SIGABRT');
  process.kill(first, 'SIGCONT');
  const second = await engineChild(server, first);
  process.kill(second, 'SIGABRT');
  const { status, reason, detail } = await job(server.url, KEY, id);
  assert.deepEqual([status, reason], ['failed', 'crashed']);
  assert.ok(detail.length > 10);
  assert.equal((await optimize(server.url, KEY, await picture())).status, 200);
  // The one that had warmed the engine up and the last.
  assert.equal(await creditsUsed(server.url, KEY), 2);
  assert.equal(await server.end('SIGTERM'), 0);
});

test('a job that hangs fails when its time is up, costs nothing, and the next one is served', async () => {
  const server = await startServer(await temporaryFolder(), { JOB_TIMEOUT: '8s' });
  await freezeEngine(server);
  const image = await picture();
  const id = await enqueue(server.url, KEY, image);
  const { status, reason } = await job(server.url, KEY, id);
  assert.deepEqual([status, reason], ['failed', 'timeout']);
  const retried = await optimize(server.url, KEY, image);
  assert.deepEqual([retried.status, retried.body.status], [200, 'done']);
  assert.equal(await creditsUsed(server.url, KEY), 2);
  assert.match(await metricsOf(server), /keeneye_engine_restarts_total\{cause="timeout"\} 1\n/);
  assert.equal(await server.end('SIGTERM'), 0);
});

test('a job survives the death of the database under it', async () => {
  const dataDir = await temporaryFolder();
  const server = await startServer(dataDir);
  const frozen = await freezeEngine(server);
  const image = await picture();
  const answer = optimize(server.url, KEY, image, 'wait=60');
  await until(async () => ((await isBusy(server)) ? true : null));
  process.kill(postmasterPid(dataDir), 'SIGKILL');
  process.kill(frozen, 'SIGCONT');
  const { status, body } = await answer;
  assert.deepEqual([status, body.status], [200, 'done']);
  await until(async () => ((await fetch(`${server.url}/readyz`)).status === 200 ? true : null));
  assert.equal(await creditsUsed(server.url, KEY), 2);
  assert.equal(await server.end('SIGTERM'), 0);
  await untilNoProcess(dataDir);
});

async function isBusy(server: Server): Promise<boolean> {
  return /^keeneye_engine_children_busy 1$/m.test(await metricsOf(server));
}

function postmasterPid(dataDir: string): number {
  return Number.parseInt(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}
