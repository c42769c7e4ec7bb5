import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { findSources } from './sources.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A new folder with these (empty) files. */
function folderOf(...names: string[]): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'keeneye-sources-')));
  folders.push(folder);
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), '');
  }
  return folder;
}

const find = (named: string[], followLinks = true, skipFolders: string[] = []) =>
  findSources(named, { followLinks, skipFolders }, new AbortController().signal);

test('a folder gives its images, sorted, with their place below it', async () => {
  const folder = folderOf('b.PNG', 'a.jpg', 'sub/c.tiff', 'notes.txt', 'd.jpg.orig');
  const { sources } = await find([folder]);
  assert.deepEqual(
    sources.map(({ relative }) => relative),
    ['a.jpg', 'b.PNG', 'sub/c.tiff'],
  );
});

test('hidden files and folders are passed over, unless named', async () => {
  const folder = folderOf('.git/a.jpg', '.b.jpg', 'c.jpg');
  assert.equal((await find([folder])).sources.length, 1);
  assert.equal((await find([join(folder, '.git')])).sources.length, 1);
  assert.equal((await find([join(folder, '.b.jpg')])).sources.length, 1);
});

test('a named file is taken whatever its name, and goes by its last name', async () => {
  const folder = folderOf('sub/upload.bin');
  const { sources } = await find([join(folder, 'sub/upload.bin')]);
  assert.deepEqual(
    sources.map(({ relative }) => relative),
    ['upload.bin'],
  );
});

test('a pattern is expanded, relative to its fixed part', async () => {
  const folder = folderOf('x/a.jpg', 'x/y/b.jpg', 'x/y/c.txt', 'z.jpg');
  const relatives = async (pattern: string) =>
    (await find([`${folder}/${pattern}`])).sources.map((s) => s.relative);
  assert.deepEqual(await relatives('x/**/*.jpg'), ['a.jpg', 'y/b.jpg']);
  assert.deepEqual(await relatives('*/*/*'), ['x/y/b.jpg']);
  assert.deepEqual(await relatives('{x,q}/a.*'), ['x/a.jpg']);
});

test('a file whose name reads like a pattern is taken literally', async () => {
  const folder = folderOf('a[1].jpg', 'a1.jpg');
  const { sources } = await find([join(folder, 'a[1].jpg')]);
  assert.deepEqual(
    sources.map(({ relative }) => relative),
    ['a[1].jpg'],
  );
});

test('each file counts once, however often it is named or linked', async () => {
  const folder = folderOf('a.jpg', 'sub/b.jpg');
  symlinkSync(join(folder, 'a.jpg'), join(folder, 'sub/link.jpg'));
  const { sources, empty } = await find([
    join(folder, 'a.jpg'),
    folder,
    join(folder, 'sub'),
    `${folder}/*.jpg`,
  ]);
  assert.deepEqual(
    sources.map(({ relative }) => relative),
    ['a.jpg', 'sub/b.jpg'],
  );
  assert.deepEqual(empty, []);
});

test('loops of links end', async () => {
  const folder = folderOf('sub/a.jpg');
  symlinkSync('..', join(folder, 'sub/up'));
  symlinkSync('self', join(folder, 'self'));
  const { sources, faults } = await find([folder]);
  assert.equal(sources.length, 1);
  assert.deepEqual(faults, []);
});

test('links inside a folder are followed only where the rules say so', async () => {
  const folder = folderOf('in/a.jpg', 'elsewhere/b.jpg');
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'in/linked'));
  symlinkSync(join(folder, 'elsewhere/b.jpg'), join(folder, 'in/c.jpg'));
  assert.equal((await find([join(folder, 'in')])).sources.length, 2);
  assert.equal((await find([join(folder, 'in')], false)).sources.length, 1);
});

test('folders of our own results are not searched', async () => {
  const folder = folderOf('a.jpg', 'out/a.jpg');
  assert.equal((await find([folder], true, [join(folder, 'out')])).sources.length, 1);
});

test('what cannot be read is named and the others are found', async () => {
  const folder = folderOf('a.jpg', 'b/c.jpg');
  symlinkSync('nowhere', join(folder, 'dangling.png'));
  symlinkSync('nowhere', join(folder, 'dangling.txt'));
  const { sources, faults } = await find([
    join(folder, 'missing.jpg'),
    '/dev/null',
    join(folder, 'none*.gif'),
    folder,
  ]);
  assert.equal(sources.length, 2);
  assert.deepEqual(
    faults.map(({ path, detail }) => `${path.replace(`${folder}/`, '')}: ${detail}`),
    [
      'missing.jpg: no such file or folder',
      '/dev/null: is neither a file nor a folder',
      'none*.gif: matches nothing',
      'dangling.png: no such file or folder',
    ],
  );
});

test('an aborted search finds no more', async () => {
  const folder = folderOf('a.jpg');
  const rules = { followLinks: true, skipFolders: [] };
  const { sources, faults } = await findSources([folder, `${folder}/*`], rules, AbortSignal.abort());
  assert.deepEqual([sources, faults], [[], []]);
});

test('a folder without images is told apart from one that is missing', async () => {
  const folder = folderOf('readme.txt');
  const { empty, faults } = await find([folder]);
  assert.deepEqual([empty, faults], [[folder], []]);
});
