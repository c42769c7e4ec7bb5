import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_OPTIONS, type OptimizeOptions } from '../engine/contract.ts';
import { fingerprint, type Work } from './fingerprint.ts';

const SHA = 'a'.repeat(64);
const TERMS = { charge: true, freeUpTo: null, keepSource: false };
const print = (options: Partial<OptimizeOptions> = {}, other: Partial<Work> = {}) =>
  fingerprint({
    source: SHA,
    options: { ...DEFAULT_OPTIONS, ...options },
    engineVersion: 'e1',
    keyId: 'k1',
    terms: TERMS,
    ...other,
  }).toString('hex');

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
    print({}, { source: 'b'.repeat(64) }),
    print({}, { engineVersion: 'e2' }),
    print({}, { keyId: 'k2' }),
    print({}, { terms: { ...TERMS, charge: false } }),
    print({}, { terms: { ...TERMS, freeUpTo: 0.05 } }),
    print({}, { terms: { ...TERMS, keepSource: true } }),
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
