import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gifAnimation, overlapping } from '../../../test/images/animated-gif.ts';
import { animatedWebp, gifFile } from '../../../test/images/files.ts';
import { flat } from '../../../test/images/pixels.ts';
import type { Delay } from '../codecs/animation.ts';
import { animationChunks, readApngFrames } from '../codecs/png/animation.ts';
import { readChunks, writeChunks } from '../codecs/png/chunks.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions } from '../contract.ts';
import { inspectFrames } from '../inspect.ts';
import { compare } from '../judge.ts';
import { optimize } from '../optimize.ts';
import { paced } from './pace.ts';
import { openAnimation, type Shown } from './play.ts';

const SHAPE = overlapping([1]);
const [FIRST, ...OTHERS] = SHAPE.frames as [(typeof SHAPE.frames)[number], ...typeof SHAPE.frames];
const SOURCE = gifAnimation(SHAPE);
const COLOURS = [0, 40, 80, 120, 160, 200, 240].map((level) => flat(32, 24, [level, 255 - level, 90]));

async function differenceOf(reference: Uint8Array, candidate: Uint8Array): Promise<string | null> {
  const { score, pace } = await compare(reference, candidate, { limits: DEFAULT_LIMITS });
  assert.equal(score, 100);
  return pace?.difference ?? null;
}

async function only(bytes: Uint8Array, over: Partial<OptimizeOptions>): Promise<Uint8Array> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, gate: 'any', ...over });
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  return outcome.outputs[0]!.data;
}

async function delaysOf(bytes: Uint8Array): Promise<Delay[]> {
  const delays: Delay[] = [];
  const { patches } = openAnimation(await inspectFrames(bytes, DEFAULT_LIMITS));
  for await (const { delay } of patches()) delays.push(delay);
  return delays;
}

/** An animated PNG whose frames all stand for the same fraction of a second. */
async function steadyPng(delay: Delay): Promise<Uint8Array> {
  const png = await only(await animatedWebp(COLOURS), { targets: ['png'], fidelity: 'lossless' });
  const chunks = readChunks(png);
  const frames = readApngFrames(chunks).map((frame) => ({
    ...frame,
    delay,
    data: Buffer.concat(frame.data),
  }));
  const kept = chunks.filter(({ type }) => ['IHDR', 'PLTE', 'tRNS'].includes(type));
  const end = { type: 'IEND', data: new Uint8Array() };
  return writeChunks([...kept, ...animationChunks(0, frames), end]);
}

describe('an animation beside the one that it was made of', () => {
  it('moves as that does when it is the same', async () => {
    const { pace } = await compare(SOURCE, SOURCE, { limits: DEFAULT_LIMITS });
    assert.deepEqual(pace, { seconds: 0.2, plays: 0, difference: null });
  });

  it('is found out where a frame stands longer or shorter, be it by the least that GIF can tell', async () => {
    for (const at of SHAPE.frames.keys()) {
      for (const change of [-1, 1, 40]) {
        const frames = SHAPE.frames.map((frame, index) =>
          index === at ? { ...frame, delay: Math.max(0, frame.delay! + change) } : frame,
        );
        const difference = await differenceOf(SOURCE, gifAnimation({ ...SHAPE, frames }));
        const [was, is] = [SHAPE.frames[at]!.delay! / 100, frames[at]!.delay! / 100];
        assert.equal(difference, `Frame ${at + 1} stands for ${is} s instead of ${was} s`);
      }
    }
  });

  it('is found out where two frames have changed their times', async () => {
    const frames = SHAPE.frames.map((frame, at, all) => ({ ...frame, delay: all.at(-1 - at)!.delay! }));
    assert.match(
      (await differenceOf(SOURCE, gifAnimation({ ...SHAPE, frames })))!,
      /^Frame 1 stands for 0\.06/,
    );
  });

  it('is found out where it plays more or less often', async () => {
    const often = (repeats: number | undefined) => gifAnimation({ ...SHAPE, repeats });
    assert.equal(await differenceOf(SOURCE, often(2)), 'It plays 3 times instead of for ever');
    assert.equal(await differenceOf(SOURCE, often(undefined)), 'It plays once instead of for ever');
    assert.equal(await differenceOf(often(4), often(0)), 'It plays for ever instead of 5 times');
    assert.equal(await differenceOf(often(4), often(4)), null);
  });

  it('is found out where a frame is missing, wherever that is', async () => {
    for (const at of SHAPE.frames.keys()) {
      const frames = SHAPE.frames.filter((_, index) => index !== at);
      await assert.rejects(
        compare(SOURCE, gifAnimation({ ...SHAPE, frames }), { limits: DEFAULT_LIMITS }),
        /differ in their number of frames: 5 and 4|differ in size/,
      );
    }
  });

  it('may show as one what the other shows in several frames that look the same, for as long', async () => {
    const held = [FIRST, { ...FIRST, delay: 7 }, { ...FIRST, delay: 5 }, ...OTHERS];
    const repeating = gifAnimation({ ...SHAPE, frames: held });
    const merged = (delay: number) => gifAnimation({ ...SHAPE, frames: [{ ...FIRST, delay }, ...OTHERS] });
    assert.equal(await differenceOf(repeating, merged(14)), null);
    assert.equal(await differenceOf(merged(14), repeating), null);
    assert.equal(await differenceOf(repeating, merged(2)), 'Frame 1 stands for 0.02 s instead of 0.14 s');
  });

  it('may be a still image where all frames look the same', async () => {
    const same = gifAnimation({ ...SHAPE, frames: [FIRST, FIRST] });
    assert.equal(await differenceOf(same, gifAnimation({ ...SHAPE, frames: [FIRST] })), null);
  });

  it('has no pace where nothing moves', async () => {
    const still = await gifFile(COLOURS[0]!);
    assert.equal((await compare(still, still, { limits: DEFAULT_LIMITS })).pace, null);
  });
});

describe('what the engine makes of an animation', () => {
  it('moves as the source does, in each format that moves, exact or not', async () => {
    const sources = {
      gif: SOURCE,
      webp: await animatedWebp(COLOURS, { delay: 33, loop: 3 }),
      png: await steadyPng({ numerator: 1, denominator: 30 }),
    };
    for (const [name, source] of Object.entries(sources)) {
      for (const target of ['gif', 'webp', 'png'] as const) {
        for (const fidelity of ['lossless', 'lossy'] as const) {
          const data = await only(source, { targets: [target], fidelity });
          const { pace } = await compare(source, data, { limits: DEFAULT_LIMITS });
          assert.equal(pace!.difference, null, `${name} to ${target}, ${fidelity}`);
        }
      }
    }
  });

  it('does not drift where its format counts in coarser units', async () => {
    const source = await animatedWebp(COLOURS, { delay: 33 });
    const told = await delaysOf(await only(source, { targets: ['gif'] }));
    assert.deepEqual(
      told.map(({ numerator }) => numerator),
      [3, 4, 3, 3, 3, 4, 3],
    );
  });

  it('is no GIF where that is too slow', async () => {
    const source = await steadyPng({ numerator: 1, denominator: 60 });
    const outcome = await optimize(source, { ...DEFAULT_OPTIONS, gate: 'any', targets: ['gif'] });
    assert.ok(outcome.status === 'declined' && outcome.reason === 'unsupported', JSON.stringify(outcome));
    assert.equal((await delaysOf(await only(source, { targets: ['webp'] }))).length, COLOURS.length);
  });
});

describe('delays in whole units of a format', () => {
  async function told(format: 'gif' | 'webp', ...delays: Delay[]): Promise<number[]> {
    const numbers: number[] = [];
    async function* frames(): AsyncGenerator<Shown> {
      for (const delay of delays) yield { pixels: COLOURS[0]!, delay };
    }
    for await (const { delay } of paced(frames(), format)) numbers.push(delay.numerator);
    return numbers;
  }
  const milliseconds = (numerator: number): Delay => ({ numerator, denominator: 1000 });

  it('never become so short that browsers would show them ten times as long, nor stop being so', async () => {
    assert.deepEqual(await told('gif', milliseconds(12), milliseconds(100)), [2, 9]);
    assert.deepEqual(await told('gif', milliseconds(8), milliseconds(8), milliseconds(10)), [1, 1, 1]);
    assert.deepEqual(await told('webp', { numerator: 104, denominator: 10_000 }), [11]);
    assert.deepEqual(await told('gif', milliseconds(0), milliseconds(0)), [0, 0]);
  });
});
