import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { type Binaries, findBinaries, packageRoot } from './binaries.ts';

const folder = await mkdtemp(join(tmpdir(), 'keeneye-binaries-'));
after(() => rm(folder, { recursive: true, force: true }));

/** PostgreSQL as it is packed: without the links that npm's install script makes. */
async function unlinkedPackage(name: string): Promise<string> {
  const root = join(folder, name);
  const needed = /native(\/(lib(\/[^/]*)?|bin(\/postgres)?|pg-symlinks\.json))?$/;
  await cp(packageRoot(), root, {
    recursive: true,
    filter: async (path) =>
      path === packageRoot() || (needed.test(path) && !(await lstat(path)).isSymbolicLink()),
  });
  return root;
}

async function version({ postgres, libraryPath }: Binaries): Promise<string> {
  const env = libraryPath === null ? {} : { LD_LIBRARY_PATH: libraryPath };
  return (await promisify(execFile)(postgres, ['--version'], { env })).stdout;
}

test('where npm ran no install scripts, the links that PostgreSQL needs are made', async () => {
  const root = await unlinkedPackage('fresh');
  const spare = join(folder, 'spare');
  await assert.rejects(
    version({ postgres: join(root, 'native/bin/postgres'), initdb: '', libraryPath: null }),
  );
  for (const _again of [1, 2]) {
    const binaries = await findBinaries(spare, root);
    assert.equal(binaries.libraryPath, null);
    assert.match(await version(binaries), /PostgreSQL\) 18/);
  }
  await assert.rejects(readdir(spare), { code: 'ENOENT' });
});

test('in an installation that may not be written they are made aside', {
  skip: process.geteuid?.() === 0 && 'root may write everywhere',
}, async () => {
  const root = await unlinkedPackage('read-only');
  await chmod(join(root, 'native/lib'), 0o555);
  const binaries = await findBinaries(join(folder, 'aside'), root);
  assert.match(await version(binaries), /PostgreSQL\) 18/);
  await chmod(join(root, 'native/lib'), 0o755);
});
