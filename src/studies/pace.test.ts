import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../lib/problem.ts';
import { createPace } from './pace.ts';

function clocked() {
  const clock = { ms: 0 };
  const pace = createPace({ burst: 5, perSecond: 2 }, () => clock.ms);
  const passes = (who: string) => {
    try {
      pace.check(who);
      return true;
    } catch (error) {
      assert.ok(error instanceof Problem && error.code === 'overloaded');
      return false;
    }
  };
  return { clock, passes };
}

test('so many pass at once and no more, and as many a second later as time has earned', () => {
  const { clock, passes } = clocked();
  assert.deepEqual(
    Array.from({ length: 7 }, () => passes('ada')),
    [true, true, true, true, true, false, false],
  );
  clock.ms = 1000;
  assert.deepEqual(
    Array.from({ length: 3 }, () => passes('ada')),
    [true, true, false],
  );
  clock.ms = 60_000;
  assert.equal(Array.from({ length: 9 }, () => passes('ada')).filter(Boolean).length, 5);
});

test("one who is too fast is in nobody else's way", () => {
  const { passes } = clocked();
  while (passes('ada'));
  assert.ok(passes('ben'));
});

test('however many come, those at rest are forgotten and those at work are not', () => {
  const { clock, passes } = clocked();
  while (passes('ada'));
  for (let stranger = 0; stranger < 20_000; stranger++) passes(String(stranger));
  assert.equal(passes('ada'), false);
  clock.ms = 10_000;
  assert.ok(passes('ada'));
});
