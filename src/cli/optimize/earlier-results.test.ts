import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PixelFormat, Target } from '../../engine/contract.ts';
import { setResultsApart } from './earlier-results.ts';
import type { Source } from './sources.ts';

const sources = (...names: string[]): Source[] =>
  names.map((name) => ({ path: name, relative: name, absolutePath: `/p/${name}`, realPath: `/p/${name}` }));

function resultsAmong(
  names: string[],
  targets: Target[],
  accept: PixelFormat[] = ['jpeg', 'png', 'webp', 'avif'],
) {
  return setResultsApart(sources(...names), { kind: 'beside' }, { targets, accept }).results.map(
    ({ file }) => file,
  );
}

test('a marked result is set apart when its original is there', () => {
  assert.deepEqual(resultsAmong(['photo.jpg', 'photo.optimized.jpg'], ['same']), ['photo.optimized.jpg']);
  assert.deepEqual(resultsAmong(['photo.jpg', 'photo.jpg.optimized.webp'], ['webp']), [
    'photo.jpg.optimized.webp',
  ]);
});

test('of several that it could be the result of, the one of its own format is named', () => {
  const { results } = setResultsApart(
    sources('photo.avif', 'photo.jpg', 'photo.optimized.jpg'),
    { kind: 'beside' },
    { targets: ['same'], accept: ['jpeg'] },
  );
  assert.deepEqual(results, [{ file: 'photo.optimized.jpg', original: 'photo.jpg' }]);
});

test('a marked file without its original is an original', () => {
  assert.deepEqual(resultsAmong(['photo.optimized.jpg', 'other.jpg'], ['same']), []);
});

test('a file of a newer format beside an older one is its result in a run that writes that format', () => {
  assert.deepEqual(resultsAmong(['photo.jpg', 'photo.webp'], ['webp']), ['photo.webp']);
  assert.deepEqual(resultsAmong(['photo.jpg', 'photo.jpg.webp'], ['webp']), ['photo.jpg.webp']);
  assert.deepEqual(resultsAmong(['photo.jpg', 'photo.avif'], ['auto']), ['photo.avif']);
  assert.deepEqual(resultsAmong(['photo.jpg', 'photo.avif'], ['auto'], ['webp']), []);
  assert.deepEqual(resultsAmong(['photo.jpg', 'photo.webp'], ['same']), []);
});

test('JPEG and PNG of one name are both originals', () => {
  assert.deepEqual(resultsAmong(['photo.jpg', 'photo.png'], ['auto']), []);
});

test('what a TIFF is converted to when the format should stay the same is its result', () => {
  assert.deepEqual(resultsAmong(['scan.tif', 'scan.png'], ['same']), ['scan.png']);
});

test('under an output folder only marked results are set apart', () => {
  const { results } = setResultsApart(
    sources('photo.jpg', 'photo.webp', 'photo.optimized.jpg'),
    { kind: 'out', folder: '/out' },
    { targets: ['webp'], accept: ['webp'] },
  );
  assert.deepEqual(results, [{ file: 'photo.optimized.jpg', original: 'photo.jpg' }]);
});
