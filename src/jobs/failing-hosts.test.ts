import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFailingHosts } from './failing-hosts.ts';

function hosts() {
  const clock = { ms: 0 };
  const failing = createFailingHosts(() => clock.ms);
  const fail = (times: number, host = 'a.example') => {
    for (let at = 0; at < times; at += 1) failing.note('key', host, false);
  };
  return { ...failing, fail, clock };
}

test('a host is left alone after ten failures in a row, for a minute, by the key that saw them', () => {
  const { isFailing, fail, clock } = hosts();
  fail(9);
  assert.ok(!isFailing('key', 'a.example'));
  fail(1);
  assert.ok(isFailing('key', 'a.example'));
  assert.ok(!isFailing('other', 'a.example'));
  assert.ok(!isFailing('key', 'b.example'));
  clock.ms = 59_999;
  assert.ok(isFailing('key', 'a.example'));
  clock.ms = 60_000;
  assert.ok(!isFailing('key', 'a.example'));
  fail(1);
  assert.ok(!isFailing('key', 'a.example'));
});

test('one good answer ends a streak, and so does a minute without a failure', () => {
  const { isFailing, note, fail, clock } = hosts();
  fail(9);
  note('key', 'a.example', true);
  fail(9);
  clock.ms = 60_000;
  fail(9);
  assert.ok(!isFailing('key', 'a.example'));
});
