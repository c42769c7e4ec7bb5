/** A disk that takes nothing and a database that cannot be reached: what is asked then, and what becomes of work in hand. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rename, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryDatabase } from '../../src/store/temporary-database.test-support.ts';
import { freezeEngine, metricsOf, picture } from './engine-child.ts';
import { creditsUsed, enqueue, job, optimize } from './native-client.ts';
import { KEY, type Server, startServer, temporaryFolder, until } from './start-server.ts';

const { server: database } = await temporaryDatabase();

const untilBusy = (server: Server) =>
  until(async () => (/^keeneye_engine_children_busy 1$/m.test(await metricsOf(server)) ? true : null));

/** The socket of a database that can be cut off and joined again. */
async function tap() {
  const folder = await temporaryFolder();
  const sockets = new Set<Socket>();
  const real = join(database.connection.host!, `.s.PGSQL.${database.connection.port}`);
  let joined = true;
  const server = createServer((client) => {
    if (!joined) return client.destroy();
    const backend = createConnection(real);
    for (const [one, other] of [
      [client, backend],
      [backend, client],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(join(folder, '.s.PGSQL.5432'));
  await once(server, 'listening');
  after(() => server.close());
  return {
    url: `postgres://${database.connection.user}@localhost/postgres?host=${encodeURIComponent(folder)}`,
    cut() {
      joined = false;
      for (const socket of sockets) socket.destroy();
    },
    join() {
      joined = true;
    },
  };
}

test('when the disk takes nothing, new work is refused, work in hand waits for it, and all goes on by itself', async () => {
  const dataDir = await temporaryFolder();
  const server = await startServer(dataDir);
  const frozen = await freezeEngine(server);
  const answer = optimize(server.url, KEY, await picture(), 'wait=60');
  await untilBusy(server);
  const drafts = join(dataDir, 'blobs/tmp');
  await rename(drafts, `${drafts}-away`);
  await writeFile(drafts, 'where files would be written');
  process.kill(frozen, 'SIGCONT');
  const refused = await optimize(server.url, KEY, await picture(), 'wait=0');
  assert.deepEqual([refused.status, refused.body.code], [503, 'unavailable']);
  await rm(drafts);
  await rename(`${drafts}-away`, drafts);
  const { status, body } = await answer;
  assert.deepEqual([status, body.status], [200, 'done']);
  assert.equal((await optimize(server.url, KEY, await picture())).status, 200);
  assert.equal(await creditsUsed(server.url, KEY), 3);
  assert.equal(await server.end('SIGTERM'), 0);
});

test('when the database cannot be reached, new work is refused, work in hand is not lost, and all goes on by itself', async () => {
  const wire = await tap();
  const server = await startServer(await temporaryFolder(), { DATABASE_URL: wire.url });
  const frozen = await freezeEngine(server);
  // Once it is worked on, whoever sent it in is past being taken in, and waits.
  const answer = optimize(server.url, KEY, await picture(), 'wait=60');
  await untilBusy(server);
  const waiting = await enqueue(server.url, KEY, await picture());
  wire.cut();
  process.kill(frozen, 'SIGCONT');
  const refused = await optimize(server.url, KEY, await picture(), 'wait=0');
  assert.deepEqual([refused.status, refused.body.code], [503, 'unavailable']);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  wire.join();
  const { status, body } = await answer;
  assert.deepEqual([status, body.status], [200, 'done']);
  assert.equal((await job(server.url, KEY, waiting)).status, 'done');
  assert.equal((await optimize(server.url, KEY, await picture())).status, 200);
  assert.equal(await creditsUsed(server.url, KEY), 4);
  assert.equal(await server.end('SIGTERM'), 0);
});

test('a server whose database cannot be reached ends when it is told to', async () => {
  const wire = await tap();
  const server = await startServer(await temporaryFolder(), { DATABASE_URL: wire.url });
  wire.cut();
  assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
  assert.equal(await server.end('SIGTERM'), 0);
});
