import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flat, photo, screenshot } from '../../test/images/pixels.ts';
import { flatShare } from './flatness.ts';

test('a screenshot is flat, a photograph is not', () => {
  assert.ok(flatShare(screenshot(400, 300)) > 0.6);
  assert.ok(flatShare(photo(400, 300)) < 0.1);
});

test('one colour is flat all over, in the narrowest image too, and transparency counts as colour', () => {
  assert.equal(flatShare(flat(20, 20, [1, 2, 3])), 1);
  assert.equal(flatShare(flat(1, 20, [1, 2, 3])), 1);
  const pixels = flat(2, 1, [1, 2, 3, 255]);
  pixels.data[7] = 0;
  assert.equal(flatShare(pixels), 0);
});
