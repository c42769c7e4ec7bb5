import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mostJnd } from './gate.ts';

test('at usual floors one JND may ship, at low ones what they stand for', () => {
  assert.equal(mostJnd(85), 1);
  assert.equal(mostJnd(95), 1);
  assert.ok(mostJnd(60) > mostJnd(70) && mostJnd(70) > 1);
});
