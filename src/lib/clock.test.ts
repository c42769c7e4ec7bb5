import { test } from 'node:test';
import { sleep } from './clock.ts';

test('a sleep ends when its signal aborts, and does not begin under an aborted one', async () => {
  const controller = new AbortController();
  const woken = sleep(3_600_000, controller.signal);
  controller.abort();
  await woken;
  await sleep(3_600_000, controller.signal);
});
