import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { writeAtomically } from '../atomic-write.ts';
import { backUp, canBackUp } from './backup.ts';
import { createKeeper } from './keep.ts';
import type { Source } from './sources.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'keeneye-keep-')));
after(() => rmSync(root, { recursive: true }));

let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(root, String(++count));
  mkdirSync(folder);
});

const at = (name: string) => join(folder, name);
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (name: string) => readFileSync(at(name), 'utf8');
const OPTIONS = { mode: 0o644, replacesSource: false };

function original(name: string): Source {
  writeFileSync(at(name), `original ${name}`);
  return { path: name, relative: name, absolutePath: at(name), realPath: at(name) };
}

test('a file is written whole, with its mode, in a folder that is made for it, and nothing else stays', async () => {
  await writeAtomically(at('deep/er/a.jpg'), bytes('hello'), { mode: 0o640, replace: true });
  assert.equal(text('deep/er/a.jpg'), 'hello');
  assert.equal(statSync(at('deep/er/a.jpg')).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(at('deep/er')), ['a.jpg']);
});

test('a taken name is refused unless it may be replaced, and keeps what it had', async () => {
  writeFileSync(at('a.jpg'), 'mine');
  const write = (replace: boolean) => writeAtomically(at('a.jpg'), bytes('new'), { mode: 0o644, replace });
  await assert.rejects(write(false), { code: 'EEXIST' });
  assert.equal(text('a.jpg'), 'mine');
  await write(true);
  assert.equal(text('a.jpg'), 'new');
  assert.deepEqual(readdirSync(folder), ['a.jpg']);
});

test('the first free place is taken', async () => {
  const source = original('a.png');
  writeFileSync(at('a.webp'), 'mine');
  const places = [
    { path: at('a.webp'), replace: false },
    { path: at('a.optimized.webp'), replace: true },
  ];
  const path = await createKeeper([source], false).keep(source, places, bytes('new'), OPTIONS);
  assert.equal(path, at('a.optimized.webp'));
  assert.equal(text('a.webp'), 'mine');
});

test('a name that holds the very same bytes already is as good as written', async () => {
  const source = original('a.png');
  writeFileSync(at('a.webp'), 'new');
  const places = [{ path: at('a.webp'), replace: false }];
  assert.equal(await createKeeper([source], false).keep(source, places, bytes('new'), OPTIONS), at('a.webp'));
});

test('no original of the run is overwritten, not even by its own result', async () => {
  const [a, b] = [original('a.jpg'), original('b.jpg')];
  const keeper = createKeeper([a, b], false);
  const onto = (name: string) => keeper.keep(a, [{ path: at(name), replace: true }], bytes('new'), OPTIONS);
  await assert.rejects(onto('b.jpg'), /b\.jpg is an original/);
  await assert.rejects(onto('a.jpg'), /a\.jpg is an original/);
  assert.equal(text('b.jpg'), 'original b.jpg');
});

test('the output of another source is not overwritten', async () => {
  const [a, b] = [original('a.jpg'), original('b.jpg')];
  const keeper = createKeeper([a, b], false);
  const place = [{ path: at('out.jpg'), replace: true }];
  await keeper.keep(a, place, bytes('of a'), OPTIONS);
  await assert.rejects(keeper.keep(b, place, bytes('of b'), OPTIONS), /is the output of a\.jpg/);
  assert.equal(text('out.jpg'), 'of a');
});

test('a dry run finds the same names and writes nothing', async () => {
  const source = original('a.jpg');
  const places = [{ path: at('new/a.jpg'), replace: true }];
  assert.equal(
    await createKeeper([source], true).keep(source, places, bytes('new'), OPTIONS),
    at('new/a.jpg'),
  );
  assert.deepEqual(readdirSync(folder), ['a.jpg']);
});

test('a backup is made once and never replaced', async () => {
  const source = original('a.jpg');
  const mine = readFileSync(source.realPath);
  assert.equal(await canBackUp(source.realPath, mine, at('kept/a.jpg')), true);
  assert.equal(await backUp(source.realPath, mine, at('kept/a.jpg'), 0o644), true);
  assert.equal(text('kept/a.jpg'), 'original a.jpg');
  assert.equal(await backUp(source.realPath, mine, at('kept/a.jpg'), 0o644), false);
  assert.equal(
    await canBackUp(source.realPath, mine, at('kept/a.jpg')),
    true,
    'a run that was cut short goes on',
  );
  assert.equal(await canBackUp(source.realPath, bytes('another'), at('kept/a.jpg')), false);
});

test('an image is never its own backup', async () => {
  const source = original('a.jpg');
  await assert.rejects(
    canBackUp(source.realPath, readFileSync(source.realPath), source.realPath),
    /the image itself/,
  );
  assert.ok(existsSync(source.realPath));
});
