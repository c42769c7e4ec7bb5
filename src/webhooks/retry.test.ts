import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextDelayMs, readRetryAfter } from './retry.ts';

const HOUR_MS = 3_600_000;
const failed = { attempts: 1, ageMs: 0, retryAfterMs: 0 };
const most = () => 1;

test('the ceiling doubles with each attempt up to two hours', () => {
  const delays = [1, 2, 3, 9, 10, 11, 12, 5000].map((attempts) => nextDelayMs({ ...failed, attempts }, most));
  assert.deepEqual(delays, [10_000, 20_000, 40_000, 2_560_000, 5_120_000, 7_200_000, 7_200_000, 7_200_000]);
});

test('the delay is anything from nothing to the ceiling', () => {
  assert.equal(
    nextDelayMs(failed, () => 0),
    0,
  );
  assert.equal(
    nextDelayMs(failed, () => 0.25),
    2_500,
  );
});

test('what the receiver asks for is the least', () => {
  assert.equal(nextDelayMs({ ...failed, retryAfterMs: 60_000 }, most), 60_000);
  assert.equal(nextDelayMs({ ...failed, retryAfterMs: 5_000 }, most), 10_000);
});

test('the last attempt comes when 24 hours are over, and none after it', () => {
  const late = { attempts: 20, ageMs: 23 * HOUR_MS, retryAfterMs: 0 };
  assert.equal(nextDelayMs(late, most), HOUR_MS);
  assert.equal(nextDelayMs({ ...late, retryAfterMs: 100 * HOUR_MS }, most), HOUR_MS);
  assert.equal(nextDelayMs({ ...late, ageMs: 24 * HOUR_MS }, most), null);
});

test('a receiver that always fails is tried 22 times with full delays and given up after 24 hours', () => {
  let [ageMs, attempts] = [0, 0];
  for (;;) {
    attempts += 1;
    const delayMs = nextDelayMs({ attempts, ageMs, retryAfterMs: 0 }, most);
    if (delayMs === null) break;
    ageMs += delayMs;
  }
  assert.equal(ageMs, 24 * HOUR_MS);
  assert.equal(attempts, 22);
});

test('Retry-After is read as seconds or as a date, and anything else says nothing', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z');
  assert.equal(readRetryAfter('120', nowMs), 120_000);
  assert.equal(readRetryAfter('Thu, 01 Jan 2026 00:01:00 GMT', nowMs), 60_000);
  assert.equal(readRetryAfter('Wed, 31 Dec 2025 00:01:00 GMT', nowMs), 0);
  for (const nothing of ['soon', '-5', '', undefined]) assert.equal(readRetryAfter(nothing, nowMs), 0);
});
