import assert from 'node:assert/strict';
import { test } from 'node:test';
import { residentBytes } from './resident-memory.ts';

test('what a process holds is told in bytes', { skip: process.platform !== 'linux' }, () => {
  const told = residentBytes(process.pid) / process.memoryUsage.rss();
  assert.ok(told > 0.5 && told < 2, String(told));
});

test('a process that is not there holds nothing', () => {
  assert.equal(residentBytes(undefined), 0);
  assert.equal(residentBytes(2 ** 22 + 1), 0);
});
