import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { oneLine, sentence } from './sentence.ts';

test('a system error becomes plain words, with its path where that is asked for', async () => {
  const error = await readFile('/no/such/file').catch((thrown) => thrown);
  assert.equal(sentence(error), 'no such file or folder');
  assert.equal(sentence(error, true), '/no/such/file: no such file or folder');
});

test('other errors keep their message, on one line', () => {
  assert.equal(sentence(new Error('First.\n  Second.')), 'First. Second.');
  assert.equal(sentence('thrown text'), 'thrown text');
});

test('control characters never reach the terminal', () => {
  assert.equal(oneLine('a\u001b[2Jb\u0007'), 'a\\x1b[2Jb\\x07');
});
