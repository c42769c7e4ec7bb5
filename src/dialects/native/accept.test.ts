import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listedFormats, prefersImage } from './accept.ts';

const BROWSER = 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';

describe('what an Accept header wants', () => {
  it('is the image when an image type comes before JSON and before anything', () => {
    for (const accept of [
      'image/*',
      'image/webp',
      BROWSER,
      'image/png, application/json',
      'application/json;q=0.5,IMAGE/PNG',
    ])
      assert.equal(prefersImage(accept), true, accept);
  });

  it('is JSON when that or anything comes first, and when nothing is said', () => {
    for (const accept of [
      undefined,
      '',
      '*/*',
      'application/json',
      'application/json, image/*',
      '*/*, image/*',
      'image/*;q=0',
      'image/*;q=0.1,*/*',
      'text/html',
    ])
      assert.equal(prefersImage(accept), false, accept);
  });

  it('limits the formats only when it lists them without a wildcard', () => {
    assert.deepEqual(listedFormats('image/webp, image/jpeg;q=0.5'), ['jpeg', 'webp']);
    assert.deepEqual(listedFormats('image/webp, image/avif;q=0'), ['webp']);
    assert.deepEqual(listedFormats('image/bmp'), []);
    assert.deepEqual(listedFormats(BROWSER), []);
    assert.deepEqual(listedFormats(undefined), []);
  });
});
