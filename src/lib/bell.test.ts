import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBell } from './bell.ts';

test('a ring wakes the one who waits', async () => {
  const bell = createBell();
  const waiting = bell.wait(60_000);
  bell.ring();
  await waiting;
});

test('a ring that nobody heard is kept, once', async () => {
  const bell = createBell();
  bell.ring();
  bell.ring();
  await bell.wait(60_000);
  let woken = false;
  const waiting = bell.wait(60_000).then(() => {
    woken = true;
  });
  await new Promise(setImmediate);
  assert.equal(woken, false);
  bell.ring();
  await waiting;
});

test('without a ring the waiting ends by itself', async () => {
  await createBell().wait(1);
});
