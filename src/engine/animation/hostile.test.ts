import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EIGHT_COLOURS, gifAnimation, overlapping } from '../../../test/images/animated-gif.ts';
import { animatedPng, animatedWebp } from '../../../test/images/files.ts';
import { mutants } from '../../../test/images/fuzz.ts';
import { screenshot } from '../../../test/images/pixels.ts';
import { readChunks, writeChunks } from '../codecs/png/chunks.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions, REASONS } from '../contract.ts';
import { compare } from '../judge.ts';
import { optimize } from '../optimize.ts';

const FRAMES = [1, 2, 3].map((seed) => screenshot(24, 20, seed));

async function reasonOf(bytes: Uint8Array, over: Partial<OptimizeOptions> = {}): Promise<string> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, ...over });
  return outcome.status === 'done' ? 'done' : outcome.reason;
}

/** The same PNG with another chunk of a type's first bytes. */
async function pngSaying(type: string, change: (data: Buffer) => Uint8Array | null): Promise<Uint8Array> {
  let isChanged = false;
  const chunks = readChunks(await animatedPng(FRAMES)).flatMap((chunk) => {
    if (chunk.type !== type || isChanged) return [chunk];
    isChanged = true;
    const data = change(Buffer.from(chunk.data));
    return data ? [{ type, data }] : [];
  });
  return writeChunks(chunks);
}

function withNumber(at: number, value: number): (data: Buffer) => Buffer {
  return (data) => {
    data.writeUInt32BE(value, at);
    return data;
  };
}

describe('an animated PNG that lies', () => {
  it('of how many frames it has is damaged', async () => {
    for (const said of [0, 1, 2, 4, 0x7fffffff, 0xffffffff])
      assert.equal(await reasonOf(await pngSaying('acTL', withNumber(0, said))), 'corrupt', `${said}`);
  });

  it('of where its frames lie is damaged', async () => {
    for (const [at, value] of [
      [4, 0],
      [4, 25],
      [8, 0xffffffff],
      [12, 1],
      [16, 0x80000000],
    ] as const)
      assert.equal(await reasonOf(await pngSaying('fcTL', withNumber(at, value))), 'corrupt', `${at}`);
  });

  it('of the length of what says so is damaged', async () => {
    for (const type of ['acTL', 'fcTL'])
      for (const length of [0, 3, 4, 7])
        assert.equal(await reasonOf(await pngSaying(type, (data) => data.subarray(0, length))), 'corrupt');
  });

  it('and has no frames is the still image that it shows', async () => {
    const still = await pngSaying('acTL', () => null);
    assert.notEqual(await reasonOf(still, { targets: ['png'], gate: 'any' }), 'corrupt');
  });
});

describe('an animation that is too much', () => {
  const dot = { x: 0, y: 0, width: 1, height: 1, indices: [1] };
  const long = (count: number) =>
    gifAnimation({ width: 1, height: 1, colours: EIGHT_COLOURS, frames: new Array(count).fill(dot) });

  it('of 10,000 frames is refused with a sentence that counts them', async () => {
    const outcome = await optimize(long(10_000), DEFAULT_OPTIONS);
    assert.ok(outcome.status === 'declined' && outcome.reason === 'too-large');
    assert.match(outcome.detail, /10000 frames .* at most 5000/);
  });

  it('is refused by the pixels of all its frames together, too', async () => {
    const limits = { ...DEFAULT_LIMITS, maxFramePixels: 499 };
    assert.equal(await reasonOf(long(500), { limits }), 'too-large');
  });

  it('of many frames keeps them all', async () => {
    const outcome = await optimize(long(300), { ...DEFAULT_OPTIONS, fidelity: 'lossless', gate: 'any' });
    assert.equal(outcome.status, 'done');
    assert.equal(outcome.outputs[0]!.frames, 300);
  });
});

describe('a damaged animation', () => {
  const files = {
    gif: async () => gifAnimation(overlapping([1, 3, 2], true)),
    png: () => animatedPng(FRAMES),
    webp: () => animatedWebp(FRAMES),
  };
  for (const [format, make] of Object.entries(files)) {
    for (const fidelity of ['lossless', 'lossy'] as const) {
      it(`is made smaller as it shows, or refused for a reason: ${format}, ${fidelity}`, async () => {
        for (const mutant of mutants(await make(), 17, 36)) {
          const outcome = await optimize(mutant, { ...DEFAULT_OPTIONS, fidelity });
          if (outcome.status === 'declined') {
            assert.ok(REASONS.includes(outcome.reason));
            continue;
          }
          const [{ data, score } = { data: mutant, score: -1 }] = outcome.outputs;
          assert.equal((await compare(mutant, data, { limits: DEFAULT_LIMITS })).score, score);
        }
      });
    }
  }
});
