import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Destination, planPlacement } from './placement.ts';
import type { Source } from './sources.ts';

const OUT: Destination = { kind: 'out', folder: '/out' };
const BESIDE: Destination = { kind: 'beside' };
const IN_PLACE: Destination = { kind: 'in-place', backupFolder: null };

function source(path: string, relative = path.split('/').at(-1)!): Source {
  return { path, relative, absolutePath: path, realPath: path };
}

function paths(
  destination: Destination,
  all: Source[],
  from: 'jpeg' | 'png' | 'tiff',
  to: 'jpeg' | 'png' | 'webp',
) {
  return planPlacement(all, destination)
    .places(all[0]!, from, to)
    .map(({ path, replace }) => (replace ? path : `${path} if free`));
}

test('a result of the same format lies beside its original under a marked name', () => {
  assert.deepEqual(paths(BESIDE, [source('/p/photo.jpg')], 'jpeg', 'jpeg'), ['/p/photo.optimized.jpg']);
});

test('a result of another format takes the plain name when that is free', () => {
  assert.deepEqual(paths(BESIDE, [source('/p/photo.jpg')], 'jpeg', 'webp'), [
    '/p/photo.webp if free',
    '/p/photo.optimized.webp',
  ]);
});

test('the spelling of an extension is kept while it fits the format', () => {
  assert.deepEqual(paths(OUT, [source('/p/photo.JPEG')], 'jpeg', 'jpeg'), ['/out/photo.JPEG']);
  assert.deepEqual(paths(OUT, [source('/p/photo.JPEG')], 'jpeg', 'png'), ['/out/photo.png']);
  assert.deepEqual(paths(OUT, [source('/p/photo')], 'jpeg', 'jpeg'), ['/out/photo.jpg']);
});

test('a file whose extension lies is named truly in an output folder and keeps its name in place', () => {
  assert.deepEqual(paths(OUT, [source('/p/photo.jpg')], 'png', 'png'), ['/out/photo.png']);
  assert.deepEqual(paths(IN_PLACE, [source('/p/photo.jpg')], 'png', 'png'), ['/p/photo.jpg']);
});

test('beside its original, the result of a file whose extension lies is marked as one of the same format', () => {
  assert.deepEqual(paths(BESIDE, [source('/p/photo.jpg')], 'png', 'png'), ['/p/photo.optimized.png']);
});

test('folders are kept below the output folder', () => {
  assert.deepEqual(paths(OUT, [source('/p/a/b.png', 'a/b.png')], 'png', 'png'), ['/out/a/b.png']);
});

test('sources that differ only in their extension keep it when the format changes', () => {
  const both = [source('/p/photo.jpg'), source('/p/photo.PNG')];
  assert.deepEqual(paths(OUT, both, 'jpeg', 'webp'), ['/out/photo.jpg.webp']);
  assert.deepEqual(paths(OUT, both.toReversed(), 'png', 'webp'), ['/out/photo.PNG.webp']);
  assert.deepEqual(paths(OUT, both, 'jpeg', 'jpeg'), ['/out/photo.jpg']);
});

test('sources that would get the very same name conflict, all but the first', () => {
  const both = [source('/p/a/photo.jpg'), source('/p/b/photo.jpg')];
  const placement = planPlacement(both, OUT);
  assert.equal(placement.conflict(both[0]!), null);
  assert.match(placement.conflict(both[1]!)!, /same name as \/p\/a\/photo\.jpg/);
});

test("an output folder that is the original's own counts as beside it", () => {
  const destination: Destination = { kind: 'out', folder: '/p' };
  assert.deepEqual(paths(destination, [source('/p/photo.jpg')], 'jpeg', 'jpeg'), ['/p/photo.optimized.jpg']);
});

test('in place, another format gets a new name only when that is free', () => {
  assert.deepEqual(paths(IN_PLACE, [source('/p/scan.tif')], 'tiff', 'png'), ['/p/scan.png if free']);
});

test('backups lie beside the original, or in their folder as the originals lie in theirs', () => {
  const original = source('/p/a/photo.jpg', 'a/photo.jpg');
  const backups = (destination: Destination) => planPlacement([original], destination).backup(original);
  assert.equal(backups(IN_PLACE), '/p/a/photo.jpg.orig');
  assert.equal(backups({ kind: 'in-place', backupFolder: '/kept' }), '/kept/a/photo.jpg');
  assert.equal(backups(OUT), null);
});
