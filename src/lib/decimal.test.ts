import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDecimal } from './decimal.ts';

test('plain decimal notation is read', () => {
  for (const [text, value] of [
    ['0', 0],
    ['85', 85],
    ['085', 85],
    ['72.5', 72.5],
    ['-1000', -1000],
  ] as const)
    assert.equal(readDecimal(text), value);
  assert.equal(readDecimal('9'.repeat(400)), Number.POSITIVE_INFINITY);
});

test('everything else that JavaScript would read is no number', () => {
  for (const text of [
    '',
    ' ',
    ' 85',
    '85 ',
    '85\n',
    '+85',
    '85abc',
    '1e2',
    '0x50',
    '0b1',
    '.5',
    '85.',
    '1_0',
  ])
    assert.ok(Number.isNaN(readDecimal(text)), JSON.stringify(text));
  for (const text of ['NaN', 'Infinity', '-', '--1', '8,5', '８５'])
    assert.ok(Number.isNaN(readDecimal(text)), text);
});
