import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EIGHT_COLOURS, gifAnimation, overlapping } from '../../../test/images/animated-gif.ts';
import { animatedPng, animatedWebp, pngFile } from '../../../test/images/files.ts';
import { mutants } from '../../../test/images/fuzz.ts';
import { photo } from '../../../test/images/pixels.ts';
import { NOTHING_EMBEDDED } from '../codecs/header.ts';
import { animationChunks } from '../codecs/png/animation.ts';
import { findChunk, readChunks, writeChunks } from '../codecs/png/chunks.ts';
import { writeAnimatedWebp } from '../codecs/webp/animation.ts';
import { findRiffChunk, readRiffChunks } from '../codecs/webp/chunks.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions, REASONS } from '../contract.ts';
import { compare } from '../judge.ts';
import { optimize } from '../optimize.ts';

const FRAMES = [1, 2, 3].map((seed) => photo(24, 20, seed));

async function reasonOf(bytes: Uint8Array, over: Partial<OptimizeOptions> = {}): Promise<string> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, ...over });
  return outcome.status === 'done' ? 'done' : outcome.reason;
}

/** The same PNG with another chunk of a type's first bytes. */
async function pngSaying(type: string, change: (data: Buffer) => Uint8Array): Promise<Uint8Array> {
  let isChanged = false;
  const chunks = readChunks(await animatedPng(FRAMES)).map((chunk) => {
    if (chunk.type !== type || isChanged) return chunk;
    isChanged = true;
    return { type, data: change(Buffer.from(chunk.data)) };
  });
  return writeChunks(chunks);
}

const DOT = { x: 0, y: 0, width: 1, height: 1, indices: [1] };

/** A dot that is drawn again and again. */
async function longPng(count: number): Promise<Uint8Array> {
  const chunks = readChunks(await pngFile(photo(1, 1)));
  const data = findChunk(chunks, 'IDAT')!;
  const patch = { x: 0, y: 0, width: 1, height: 1, dispose: 'keep', blend: 'replace' } as const;
  const delay = { numerator: 1, denominator: 10 };
  const frames = animationChunks(0, new Array(count).fill({ ...patch, delay, data }));
  return writeChunks([chunks[0]!, ...frames, chunks.at(-1)!]);
}

async function longWebp(count: number): Promise<Uint8Array> {
  const frame = findRiffChunk(readRiffChunks(await animatedWebp(FRAMES)), 'ANMF')!;
  const frames = new Array(count).fill({ type: 'ANMF', data: frame });
  return writeAnimatedWebp({ width: 24, height: 20, plays: 0 }, frames, NOTHING_EMBEDDED);
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
    const chunks = readChunks(await animatedPng(FRAMES));
    for (const missing of [['acTL'], ['fcTL', 'fdAT']]) {
      const still = writeChunks(chunks.filter(({ type }) => !missing.includes(type)));
      assert.notEqual(await reasonOf(still, { targets: ['png'], gate: 'any' }), 'corrupt', `${missing}`);
    }
  });
});

describe('an animated PNG whose parts do not follow each other', () => {
  /** `IHDR acTL fcTL IDAT fcTL fdAT fcTL fdAT IEND` in another order, or not all of it, or some of it twice. */
  async function inOrder(...places: number[]): Promise<string> {
    const chunks = readChunks(await animatedPng(FRAMES));
    assert.equal(chunks.length, 9);
    return await reasonOf(writeChunks(places.map((place) => chunks[place]!)), { gate: 'any' });
  }

  it('is read where they do', async () => {
    assert.notEqual(await inOrder(0, 1, 2, 3, 4, 5, 6, 7, 8), 'corrupt');
  });

  it('by their numbers is damaged', async () => {
    for (const places of [
      [0, 1, 2, 3, 6, 7, 4, 5, 8],
      [0, 1, 2, 3, 4, 5, 4, 5, 8],
      [0, 1, 2, 3, 4, 4, 5, 8],
      [0, 1, 2, 3, 5, 4, 6, 7, 8],
      [0, 1, 4, 3, 6, 7, 2, 5, 8],
    ])
      assert.equal(await inOrder(...places), 'corrupt', `${places}`);
  });

  it('with the image among or behind the frames, in pieces or twice, is damaged', async () => {
    for (const places of [
      [0, 1, 2, 4, 3, 5, 6, 7, 8],
      [0, 1, 2, 4, 5, 3, 6, 7, 8],
      [0, 1, 2, 3, 4, 5, 3, 6, 7, 8],
      [0, 1, 2, 3, 4, 5, 6, 7, 3, 8],
    ])
      assert.equal(await inOrder(...places), 'corrupt', `${places}`);
  });

  it('or that says twice how it plays is damaged', async () => {
    assert.equal(await inOrder(0, 1, 1, 2, 3, 4, 5, 6, 7, 8), 'corrupt');
  });

  it('or whose data have no number is damaged', async () => {
    for (const length of [0, 1, 3])
      assert.equal(await reasonOf(await pngSaying('fdAT', (data) => data.subarray(0, length))), 'corrupt');
  });

  it('or whose image is larger than the first frame is damaged', async () => {
    assert.equal(await reasonOf(await pngSaying('fcTL', withNumber(4, 23))), 'corrupt');
    assert.equal(await reasonOf(await pngSaying('fcTL', withNumber(8, 19))), 'corrupt');
  });
});

describe('a frame that cannot be drawn', () => {
  it('for it has no pixels makes a GIF a damaged one', async () => {
    const frames = [DOT, { ...DOT, width: 0, indices: [] }];
    const file = gifAnimation({ width: 2, height: 2, colours: EIGHT_COLOURS, frames });
    assert.equal(await reasonOf(file), 'corrupt');
  });

  it('beyond the canvas makes an animated WebP a damaged one', async () => {
    const webp = Buffer.from(await animatedWebp(FRAMES));
    const frame = webp.indexOf('ANMF') + 8;
    for (const side of [0, 3]) {
      const outside = Buffer.from(webp);
      outside.writeUIntLE(1000, frame + side, 3);
      assert.equal(await reasonOf(outside), 'corrupt', `${side}`);
    }
  });
});

describe('an animation that is too much', () => {
  const long = (count: number) =>
    gifAnimation({ width: 1, height: 1, colours: EIGHT_COLOURS, frames: new Array(count).fill(DOT) });

  it('of 10,000 frames is refused with a sentence that counts them', async () => {
    for (const [format, bytes] of Object.entries({
      gif: long(10_000),
      png: await longPng(10_000),
      webp: await longWebp(10_000),
    })) {
      const outcome = await optimize(bytes, DEFAULT_OPTIONS);
      assert.ok(outcome.status === 'declined' && outcome.reason === 'too-large', format);
      assert.match(outcome.detail, /10000 frames .* at most 5000/);
    }
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
