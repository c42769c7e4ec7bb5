import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../lib/problem.ts';
import { readAnswer, readDisplay } from './told.ts';

const DISPLAY = { devicePixelRatio: 1.25, screenWidth: 1, screenHeight: 2, windowWidth: 3, windowHeight: 4 };

function faultOf(read: () => unknown): string | undefined {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof Problem && error.code === 'invalid-parameter');
    return error.parameter ?? 'the whole';
  }
  return undefined;
}

test('what is well told is taken, and what else is there is not', () => {
  assert.deepEqual(readDisplay({ ...DISPLAY, userAgent: 'x' }), DISPLAY);
  assert.deepEqual(readAnswer({ answer: 'same', part: null, tookMs: 12.6, name: 'Ada' }), {
    answer: 'same',
    part: null,
    tookMs: 13,
  });
  assert.deepEqual(readAnswer({ answer: 'same', tookMs: 1 }).part, null);
  assert.equal(readAnswer({ answer: 'different', part: 0, tookMs: 1 }).part, 0);
});

test('everything else is refused by the name of the member at fault', () => {
  for (const told of [null, 'x', 3, [], undefined])
    assert.equal(
      faultOf(() => readAnswer(told)),
      'the whole',
    );
  const answers: [unknown, string][] = [
    [{ answer: 'different', tookMs: 1 }, 'part'],
    [{ answer: 'different', part: 9, tookMs: 1 }, 'part'],
    [{ answer: 'different', part: 1.5, tookMs: 1 }, 'part'],
    [{ answer: 'same', part: 2, tookMs: 1 }, 'part'],
    [{ answer: 'perhaps', part: 2, tookMs: 1 }, 'answer'],
    [{ answer: 'same', tookMs: -1 }, 'tookMs'],
    [{ answer: 'same', tookMs: '3' }, 'tookMs'],
    [{ answer: 'same', tookMs: 1e12 }, 'tookMs'],
    [{ answer: 'same' }, 'tookMs'],
  ];
  for (const [told, parameter] of answers)
    assert.equal(
      faultOf(() => readAnswer(told)),
      parameter,
      JSON.stringify(told),
    );
  for (const name of Object.keys(DISPLAY))
    assert.equal(
      faultOf(() => readDisplay({ ...DISPLAY, [name]: Number.POSITIVE_INFINITY })),
      name,
    );
});
