import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENTRIES, whiten } from './whitener.ts';

/** Vectors of `ENTRIES` numbers, the same each time. */
function vectors(count: number, entry: (index: number, vector: number) => number): number[][] {
  return Array.from({ length: count }, (_, vector) =>
    Array.from({ length: ENTRIES }, (_, index) => entry(index, vector)),
  );
}

function sumsOf(all: number[][]): Float64Array {
  const sums = new Float64Array(ENTRIES * ENTRIES);
  for (const u of all) {
    for (let i = 0; i < ENTRIES; i++) {
      for (let j = i; j < ENTRIES; j++) sums[i * ENTRIES + j]! += u[i]! * u[j]!;
    }
  }
  return sums;
}

function lengthSquared(matrix: number[][], u: number[]): number {
  return matrix.reduce((sum, row) => sum + row.reduce((dot, factor, i) => dot + factor * u[i]!, 0) ** 2, 0);
}

const scattered = vectors(500, (index, vector) => Math.sin(1 + index * 12.9 + vector * (78.2 + index)) * 9);

test('whitened vectors have a mean squared length of 1 / sigma^4', () => {
  const { matrix, eigenvalues } = whiten(sumsOf(scattered), ENTRIES, scattered.length)!;
  const mean = scattered.reduce((sum, u) => sum + lengthSquared(matrix, u), 0) / scattered.length;
  assert.ok(Math.abs(mean * 0.4 ** 2 - 1) < 1e-9, `${mean}`);
  assert.equal(eigenvalues.length, ENTRIES);
  matrix.forEach((row, i) => {
    assert.ok(row.slice(0, i).every((factor) => factor === 0));
  });
});

test('the eigenvalues add up to the trace and are as large as a diagonal matrix says', () => {
  const sums = new Float64Array(ENTRIES * ENTRIES);
  for (let i = 0; i < ENTRIES; i++) sums[i * ENTRIES + i] = 30 * (i + 1);
  const { eigenvalues } = whiten(sums, ENTRIES, 10)!;
  assert.deepEqual(
    eigenvalues.toSorted((a, b) => a - b),
    [3, 6, 9, 12, 15, 18, 21, 24, 27, 30],
  );
  const { eigenvalues: mixed } = whiten(sumsOf(scattered), ENTRIES, scattered.length)!;
  const trace = scattered.reduce((sum, u) => sum + u.reduce((total, part) => total + part ** 2, 0), 0) / 500;
  const total = mixed.reduce((sum, value) => sum + value, 0);
  assert.ok(Math.abs(total - trace) < 1e-9 * trace);
});

test('a direction that no vector takes is left out, not divided by', () => {
  const flat = scattered.map((u) => u.map((_, index) => u[index % 4]!));
  const { matrix, eigenvalues } = whiten(sumsOf(flat), ENTRIES, flat.length)!;
  assert.equal(eigenvalues.filter((value) => value > 0).length, 4);
  const mean = flat.reduce((sum, u) => sum + lengthSquared(matrix, u), 0) / flat.length;
  assert.ok(Math.abs(mean * 0.4 ** 2 - 4 / ENTRIES) < 1e-6, `${mean}`);
});

test('a blank band has no whitener', () => {
  assert.equal(whiten(new Float64Array(ENTRIES * ENTRIES), ENTRIES, 100), null);
});
