import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatChange, formatScore } from './format.ts';

test('sizes have three digits and a decimal unit', () => {
  const shown = [0, 999, 1000, 9_994, 9_996, 99_960, 345_678, 999_999, 1_210_000, 5e12].map(formatBytes);
  assert.deepEqual(shown, [
    ...['0 B', '999 B', '1.00 kB', '9.99 kB', '10.0 kB', '100 kB'],
    ...['346 kB', '1.00 MB', '1.21 MB', '5.00 TB'],
  ]);
});

test('a change is shown in percent of what was', () => {
  assert.deepEqual([formatChange(200, 50), formatChange(100, 110)], ['-75.0 %', '+10.0 %']);
});

test('a score is never shown higher than it is', () => {
  assert.deepEqual([84.999, 85, 100, -3.501].map(formatScore), ['84.99', '85.00', '100.00', '-3.51']);
});
