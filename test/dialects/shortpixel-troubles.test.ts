/** ShortPixel's codes for a server in trouble: images that cannot be worked on, too much to do, a database that is away. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { blobKey } from '../../src/jobs/blob-references.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { silentLog } from '../../src/store/temporary-database.test-support.ts';
import { freezeEngine, picture } from '../flow/engine-child.ts';
import { KEY, startServer, temporaryFolder } from '../flow/start-server.ts';
import { startApp } from '../running-app.ts';
import { codes, createClient, type File, only, startSite } from './shortpixel-client.ts';

test('an image that takes too long, is gone before it was worked on, or cannot be read has a code of its own', async () => {
  const dataDir = await temporaryFolder();
  const server = await startServer(dataDir, { JOB_TIMEOUT: '8s' });
  const client = createClient(server.url, KEY);
  await freezeEngine(server);
  const urls: string[] = [];
  for (const trouble of [async () => {}, (file: string) => rm(file), obstruct]) {
    const image = await picture();
    const entry = only(await client.upload([['file1', 'a.png', image]], { wait: '0' }));
    assert.equal(entry.Status.Code, '1');
    const [file = ''] = globSync(`${dataDir}/blobs/**/${blobKey(image)}`);
    await trouble(file);
    urls.push(entry.OriginalURL);
  }
  const ask = () => client.post('post-reducer.php', { key: KEY, wait: 30, file_urls: urls });
  let entries = await ask();
  while (codes(entries).includes('1')) entries = await ask();
  assert.deepEqual(codes(entries), [-204, -302, -303]);
  assert.equal(await server.end('SIGTERM'), 0);
});

async function obstruct(file: string): Promise<void> {
  await rm(file);
  await mkdir(file);
}

test('a server that cannot store says so of each upload', async () => {
  const full = await startApp();
  try {
    await rm(join(full.dataDir, 'blobs'), { recursive: true });
    await writeFile(join(full.dataDir, 'blobs'), 'no folder');
    const entries = await createClient(full.url, full.key).upload([['file1', 'a.png', await picture()]]);
    assert.deepEqual(codes(entries), [-304]);
  } finally {
    await full.stop();
  }
});

/** Sends addresses that are not answered until one is refused, and then lets all be. */
async function floodUntilRefused(env: Record<string, string>, config: { maxWaitMs?: number } = {}) {
  const busy = await startApp({ ALLOW_PRIVATE_SOURCES: '127.0.0.1', ...env }, config);
  const slow = await startSite();
  try {
    const client = createClient(busy.url, busy.key);
    const image = await picture();
    for (let sent = 0; ; sent++) {
      const path = `/slow/${sent}.png`;
      slow.files.set(path, image);
      const answer = await client.urls([slow.url + path], { wait: 0 });
      if (Array.isArray(answer)) continue;
      slow.release();
      assert.equal((await client.untilDone(`${slow.url}/slow/0.png`)).Status.Code, '2');
      return { sent, refused: answer as { Status: { Code: number } } };
    }
  } finally {
    slow.close();
    await busy.stop();
  }
}

test('a server with too much to do says so of the whole call, and takes it once there is less', async () => {
  const { sent, refused } = await floodUntilRefused({ MAX_QUEUE: '3' });
  assert.deepEqual([sent, Object.keys(refused), refused.Status.Code], [3, ['Status'], -404]);
});

test('a server whose work would last longer than is promised says the same', async () => {
  const { sent, refused } = await floodUntilRefused({}, { maxWaitMs: 1 });
  assert.ok(sent >= 1);
  assert.equal(refused.Status.Code, -404);
});

test('a server whose database is away is in maintenance, whatever is asked, until it is back', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'keeneye-database-'));
  after(() => rm(dataDir, { recursive: true }));
  const startPostgres = () => startEmbeddedPostgres({ dataDir, log: silentLog });
  let postgres = await startPostgres();
  const { user, host, port } = postgres.connection;
  const DATABASE_URL = `postgres://${user}@localhost:${port}/postgres?host=${encodeURIComponent(host ?? '')}`;
  const app = await startApp({ DATABASE_URL });
  const file: File = ['file1', 'a.png', await picture()];
  const client = createClient(app.url, app.key);
  const askStatus = () => client.post('api-status.php', { key: app.key });
  assert.equal((await askStatus()).Status.Code, 2);
  await postgres.stop();
  for (const call of [askStatus(), client.urls(['https://shop.example/a.jpg']), client.upload([file])]) {
    const { Status } = (await call) as unknown as { Status: { Code: number; Message: string } };
    assert.deepEqual([Status.Code, /maintenance/.test(Status.Message)], [-500, true]);
  }
  postgres = await startPostgres();
  while ((await askStatus()).Status.Code !== 2) await setTimeout(20);
  await app.stop();
  await postgres.stop();
});
