import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { describeBlobStore, listed, sample } from './contract.test-support.ts';
import { openDiskBlobs } from './disk.ts';

const root = await mkdtemp(join(tmpdir(), 'keeneye-blobs-'));
after(() => rm(root, { recursive: true }));

let opened = 0;
function newFolder(): string {
  opened += 1;
  return join(root, String(opened), 'blobs');
}

describeBlobStore('disk', () => openDiskBlobs(newFolder()));

test('blobs are there again after reopening, and nothing else is listed', async () => {
  const folder = newFolder();
  const { key, bytes } = sample(100);
  await (await openDiskBlobs(folder)).put(key, bytes);
  await writeFile(join(folder, 'README'), 'not a blob');
  await mkdir(join(folder, 'lost+found'));
  const again = await openDiskBlobs(folder);
  assert.deepEqual(
    (await listed(again)).map((entry) => entry.key),
    [key],
  );
});

test('a put leaves no temporary file, and nobody but the owner may read the folder', async () => {
  const folder = newFolder();
  const store = await openDiskBlobs(folder);
  const { key, bytes } = sample(100);
  await store.put(key, bytes);
  assert.deepEqual(await readdir(join(folder, 'tmp')), []);
  assert.equal((await stat(folder)).mode & 0o077, 0);
});

test('what a crash left unfinished is never seen, and removed once it is old', async () => {
  const folder = newFolder();
  await openDiskBlobs(folder);
  const [old, recent] = [join(folder, 'tmp', 'old'), join(folder, 'tmp', 'recent')];
  await writeFile(old, 'half');
  await writeFile(recent, 'half');
  const anHourAgo = Date.now() / 1000 - 3600;
  await utimes(old, anHourAgo, anHourAgo);
  const store = await openDiskBlobs(folder);
  assert.deepEqual(await listed(store), []);
  assert.deepEqual(await readdir(join(folder, 'tmp')), ['recent']);
});

test('what cannot be stored is a problem of kind unavailable, and is stored once it can be', async () => {
  const folder = newFolder();
  const store = await openDiskBlobs(folder);
  const { key, bytes } = sample(100);
  await rm(join(folder, 'tmp'), { recursive: true });
  await writeFile(join(folder, 'tmp'), 'in the way');
  await assert.rejects(store.put(key, bytes), { name: 'Problem', code: 'unavailable' });
  await rm(join(folder, 'tmp'));
  await mkdir(join(folder, 'tmp'));
  await store.put(key, bytes);
  assert.deepEqual(await store.get(key), bytes);
});

test('a folder that cannot be made is refused by name', async () => {
  const file = join(root, 'file');
  await writeFile(file, '');
  await assert.rejects(openDiskBlobs(join(file, 'blobs')), /folder for stored files cannot be used.*file/);
});
