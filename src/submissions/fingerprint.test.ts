import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_OPTIONS, type OptimizeOptions } from '../engine/contract.ts';
import { fingerprint } from './fingerprint.ts';

const SHA = 'a'.repeat(64);
const print = (options: Partial<OptimizeOptions> = {}, sha = SHA, engine = 'e1', key = 'k1', charge = true) =>
  fingerprint(sha, { ...DEFAULT_OPTIONS, ...options }, engine, key, charge).toString('hex');

test('the same work has the same fingerprint, whatever order it was written down in', () => {
  const reversed = Object.fromEntries(Object.entries(DEFAULT_OPTIONS).reverse()) as OptimizeOptions;
  assert.equal(print(reversed), print());
  assert.equal(print({ accept: ['avif', 'webp'] }), print({ accept: ['webp', 'avif'] }));
  assert.equal(print({ resize: undefined }), print());
  assert.equal(print({ fidelity: 'lossless', floor: 60 }), print({ fidelity: 'lossless', floor: 90 }));
});

test('whatever can change the answer changes the fingerprint', () => {
  const all = [
    print(),
    print({}, 'b'.repeat(64)),
    print({}, SHA, 'e2'),
    print({}, SHA, 'e1', 'k2'),
    print({}, SHA, 'e1', 'k1', false),
    print({ floor: 86 }),
    print({ fidelity: 'glossy' }),
    print({ metadata: 'all' }),
    print({ gate: 'any' }),
    print({ quality: 80 }),
    print({ targets: ['webp', 'avif'] }),
    print({ targets: ['avif', 'webp'] }),
    print({ resize: { width: 10, fit: 'inside' } }),
    print({ resize: { height: 10, fit: 'inside' } }),
    print({ limits: { ...DEFAULT_OPTIONS.limits, maxPixels: 5 } }),
  ];
  assert.equal(new Set(all).size, all.length);
});
