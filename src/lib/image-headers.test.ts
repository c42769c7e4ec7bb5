import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { imageHeaders } from './image-headers.ts';

test('an image of pixels is announced by its format alone', () => {
  assert.deepEqual(imageHeaders('webp', Buffer.of(0x1f, 0x8b)), { 'content-type': 'image/webp' });
});

test('a drawing is announced as one, and nothing in it runs in this origin', () => {
  const headers = imageHeaders('svg', Buffer.from('<svg/>'));
  assert.equal(headers['content-type'], 'image/svg+xml');
  assert.match(headers['content-security-policy']!, /^sandbox; default-src 'none'/);
  assert.equal(headers['content-encoding'], undefined);
});

test('a packed drawing says that it is packed', () => {
  assert.equal(imageHeaders('svg', gzipSync('<svg/>'))['content-encoding'], 'gzip');
});
