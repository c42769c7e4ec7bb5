import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep, within } from './clock.ts';

test('a sleep ends when its signal aborts, and does not begin under an aborted one', async () => {
  const controller = new AbortController();
  const woken = sleep(3_600_000, controller.signal);
  controller.abort();
  await woken;
  await sleep(3_600_000, controller.signal);
});

test('a wait for a promise ends with it, well or badly, or when its time is up', async () => {
  assert.equal(await within(3_600_000, Promise.resolve('here')), 'here');
  await assert.rejects(within(3_600_000, Promise.reject(new Error('lost'))), /lost/);
  assert.equal(await within(1, new Promise(() => {})), undefined);
});
