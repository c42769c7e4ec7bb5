import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomNumbers } from '../../../../test/images/pixels.ts';
import { joinSubBlocks } from './blocks.ts';
import { inFullBlocks } from './code-writer.ts';
import { chooseIndices } from './lzw-choose.ts';
import { decodeLzw } from './lzw-decode.ts';
import { packIndices } from './lzw-pack.ts';

const PIXELS = 60_000;

/** Runs of a few colours, as drawings have them, and now and then a stretch of noise. */
function drawnIndices(seed: number): Uint8Array {
  const random = randomNumbers(seed);
  const indices = new Uint8Array(PIXELS);
  for (let at = 0; at < PIXELS; ) {
    const isNoise = random() < 0.1;
    const [colour, end] = [Math.floor(random() * 16), at + 1 + Math.floor(random() * 40)];
    for (; at < Math.min(end, PIXELS); at++) indices[at] = isNoise ? Math.floor(random() * 16) : colour;
  }
  return indices;
}

function unpack(data: Uint8Array, count: number) {
  return decodeLzw(joinSubBlocks(data, 1), data[0]!, count);
}

describe('LZW', () => {
  it('gives the very indices back, however few and whatever their bits', () => {
    for (const codeSize of [2, 4, 7, 8]) {
      const indices = drawnIndices(codeSize).map((index) => index % (1 << codeSize));
      for (const count of [1, 2, 3, 700, 5000, PIXELS]) {
        const some = indices.slice(0, count);
        assert.deepEqual(unpack(packIndices(some, codeSize), count).indices, some);
      }
      const one = new Uint8Array(PIXELS);
      assert.deepEqual(unpack(packIndices(one, codeSize), PIXELS).indices, one);
    }
  });

  it('is never larger for being told of places that are no use', () => {
    const indices = drawnIndices(1);
    const hints = [0, 1, 500, 59_999, 60_000, 70_000];
    const packed = packIndices(indices, 4, hints);
    assert.deepEqual(unpack(packed, PIXELS).indices, indices);
    assert.ok(packed.length <= packIndices(indices, 4).length);
  });

  it('packs what a tolerant encoder wrote with the dictionaries that it had', () => {
    const random = randomNumbers(3);
    const levels = drawnIndices(3).map((index) => index * 16 + Math.floor(random() * 16));
    const wanted = Int16Array.from(levels);
    const distances = Uint32Array.from({ length: 65_536 }, (_, at) => ((at >> 8) - (at & 255)) ** 2);
    const colours = Uint8Array.from({ length: 768 }, (_, at) => Math.floor(at / 3));
    const near = { colours, distances, most: 81 };
    const task = { wanted, free: new Uint8Array(PIXELS), transparent: -1, codeSize: 8, near };
    for (const clearing of ['eager', 'patient'] as const) {
      const { indices, clears } = chooseIndices(task, clearing);
      assert.ok(indices.every((index, at) => Math.abs(index - levels[at]!) <= 9));
      const packed = packIndices(indices, 8, clears);
      assert.ok(packed.length < packIndices(indices, 8).length);
      const { indices: read, clears: found } = unpack(packed, PIXELS);
      assert.deepEqual(read, indices);
      assert.equal(found[0], 0);
    }
  });

  it('is the same in the fewest blocks', () => {
    const codes = joinSubBlocks(packIndices(drawnIndices(2), 4), 1);
    const scattered = inFullBlocks(4, codes);
    assert.deepEqual(joinSubBlocks(scattered, 1), codes);
    assert.equal(scattered.length, codes.length + Math.ceil(codes.length / 255) + 2);
  });
});
