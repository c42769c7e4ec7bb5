import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomNumbers } from '../../../../test/images/pixels.ts';
import { decodeLzw } from './lzw-decode.ts';
import { type Clearing, encodeLzw, type Parsing } from './lzw-encode.ts';

const PIXELS = 60_000;

/** Runs of a few colours, as drawings have them, and now and then a stretch of noise. */
function drawnIndices(seed: number): Int16Array {
  const random = randomNumbers(seed);
  const indices = new Int16Array(PIXELS);
  for (let at = 0; at < PIXELS; ) {
    const isNoise = random() < 0.1;
    const [colour, end] = [Math.floor(random() * 16), at + 1 + Math.floor(random() * 40)];
    for (; at < Math.min(end, PIXELS); at++) indices[at] = isNoise ? Math.floor(random() * 16) : colour;
  }
  return indices;
}

function encode(wanted: Int16Array, clearing: Clearing, parsing: Parsing): Uint8Array {
  const free = new Uint8Array(wanted.length);
  return encodeLzw({ wanted, free, transparent: -1, codeSize: 4, near: null }, clearing, parsing).data;
}

/** The codes of sub-blocks, each of which begins with its length. */
function withoutBlocks(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 1; data[at]! > 0; at += data[at]! + 1) parts.push(data.subarray(at + 1, at + 1 + data[at]!));
  return Buffer.concat(parts);
}

test('every way of coding gives the very indices back', () => {
  for (const seed of [1, 2, 3]) {
    const wanted = drawnIndices(seed);
    for (const parsing of ['greedy', 'far-sighted'] as const) {
      for (const clearing of ['eager', 'patient'] as const) {
        const data = encode(wanted, clearing, parsing);
        assert.deepEqual(Int16Array.from(decodeLzw(withoutBlocks(data), data[0]!, PIXELS)), wanted);
      }
    }
  }
});
