import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leastSquares } from './least-squares.ts';

test('a curve through exact points is found', () => {
  const xs = [0, 1, 2, 3, 4, 5];
  const point = leastSquares([1, 0], ([a, b]) => ({
    values: xs.map((x) => a! * Math.exp(b! * x) - 3 * Math.exp(-0.7 * x)),
    jacobian: xs.map((x) => [Math.exp(b! * x), a! * x * Math.exp(b! * x)]),
  }));
  assert.ok(Math.abs(point[0]! - 3) < 1e-6 && Math.abs(point[1]! + 0.7) < 1e-6, `${point}`);
});

test('a parameter that nothing depends on is left alone', () => {
  const point = leastSquares([5, 2], ([a]) => ({ values: [a! - 1], jacobian: [[1, 0]] }));
  assert.ok(Math.abs(point[0]! - 1) < 1e-9);
  assert.equal(point[1], 2);
});
