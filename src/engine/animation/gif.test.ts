import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import {
  EIGHT_COLOURS,
  type GifShape,
  gifAnimation,
  overlapping,
  shownFrames,
} from '../../../test/images/animated-gif.ts';
import { timesOf } from '../../../test/images/pacing.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions } from '../contract.ts';
import { inspectFrames } from '../inspect.ts';
import { optimize } from '../optimize.ts';
import { openAnimation, play } from './play.ts';

const FORMATS = ['gif', 'png', 'webp'] as const;

async function played(bytes: Uint8Array): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  for await (const { pixels } of play(await inspectFrames(bytes, DEFAULT_LIMITS), {}))
    frames.push(Buffer.from(pixels.data));
  return frames;
}

/** As libvips shows it, which has a decoder of its own. */
async function shownByOthers(bytes: Uint8Array): Promise<Buffer[]> {
  const { data, info } = await sharp(bytes, { animated: true })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const size = info.width * (info.pageHeight ?? info.height) * 4;
  const frames = Array.from({ length: data.length / size }, (_, at) =>
    data.subarray(at * size, (at + 1) * size),
  );
  for (const frame of frames)
    for (let at = 3; at < size; at += 4) if (frame[at] === 0) frame.fill(0, at - 3, at);
  return frames;
}

async function exactly(bytes: Uint8Array, over: Partial<OptimizeOptions>): Promise<Uint8Array> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, fidelity: 'lossless', gate: 'any', ...over });
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  assert.equal(outcome.outputs[0]!.quality, null);
  return outcome.outputs[0]!.data;
}

describe('what a GIF shows', () => {
  for (const interlaced of [false, true]) {
    it(`is what it says, ${interlaced ? 'interlaced' : 'row by row'}, however its frames end`, async () => {
      for (const disposals of [[0], [1], [2], [3], [1, 3, 2], [3, 2, 3, 1], [2, 1, 3]]) {
        const shape = overlapping(disposals, interlaced);
        const source = gifAnimation(shape);
        assert.deepEqual(await played(source), shownFrames(shape), `${disposals}`);
      }
    });

    it(`is kept by results in every format, ${interlaced ? 'interlaced' : 'row by row'}`, async () => {
      for (const disposals of [[1], [2], [3], [1, 3, 2]]) {
        const shape = overlapping(disposals, interlaced);
        for (const format of FORMATS) {
          const result = await exactly(gifAnimation(shape), { targets: [format] });
          assert.deepEqual(await played(result), shownFrames(shape), `${disposals} ${format}`);
        }
      }
    });
  }

  it('is in results what other decoders show, too', async () => {
    for (const disposals of [[1], [2], [3], [1, 3, 2]]) {
      const shape = overlapping(disposals);
      for (const format of ['gif', 'webp'] as const) {
        const result = await exactly(gifAnimation(shape), { targets: [format] });
        assert.deepEqual(await shownByOthers(result), shownFrames(shape), `${disposals} ${format}`);
      }
    }
  });
});

describe('how a GIF moves', () => {
  const shape = overlapping([1]);

  it('is kept: for ever, so many times or once', async () => {
    for (const [repeats, plays] of [
      [0, 0],
      [1, 2],
      [7, 8],
      [0xffff, 0x10000],
      [undefined, 1],
    ] as const) {
      const { repeats: _, ...once } = shape;
      const source = gifAnimation(repeats === undefined ? once : { ...once, repeats });
      assert.equal((await timesOf(source)).plays, plays);
      for (const format of FORMATS) {
        const result = await exactly(source, { targets: [format] });
        // A WebP counts to 65,535.
        const wanted = format === 'webp' ? Math.min(plays, 0xffff) : plays;
        assert.equal((await timesOf(result)).plays, wanted, `${repeats} ${format}`);
      }
    }
  });

  it('is kept to the hundredth of a second, delays of 0 and 1 and the longest included', async () => {
    for (const delays of [[0, 1, 0, 1, 0], [1], [0xffff, 0], [0]]) {
      const frames = shape.frames.map((frame, at) => ({ ...frame, delay: delays[at % delays.length]! }));
      const source = gifAnimation({ ...shape, frames });
      const seconds = frames.map(({ delay }) => delay / 100);
      for (const format of FORMATS)
        assert.deepEqual((await timesOf(await exactly(source, { targets: [format] }))).seconds, seconds);
    }
  });

  it('is kept where frames change nothing', async () => {
    const still = { ...shape.frames[0]!, indices: shape.frames[0]!.indices.map(() => 1) };
    const nothing = { ...still, indices: still.indices.map(() => EIGHT_COLOURS.length - 1) };
    const source = gifAnimation({ ...shape, frames: [still, nothing, still, nothing] });
    for (const format of FORMATS) {
      const result = await exactly(source, { targets: [format] });
      assert.equal((await played(result)).length, 4, format);
      assert.deepEqual((await timesOf(result)).seconds, (await timesOf(source)).seconds);
    }
  });
});

describe('how a result is drawn', () => {
  const solid = (width: number, height: number, index: number) =>
    new Array<number>(width * height).fill(index);
  const disposalsIn = async (bytes: Uint8Array) => {
    const disposals: string[] = [];
    for await (const { dispose } of openAnimation(await inspectFrames(bytes, DEFAULT_LIMITS)).patches())
      disposals.push(dispose);
    return disposals;
  };
  const room = { width: 40, height: 30, colours: EIGHT_COLOURS, repeats: 0 };

  it('clears what is to be transparent next', async () => {
    const back = { x: 0, y: 0, width: 40, height: 30, indices: solid(40, 30, 1), disposal: 1 };
    const holes = [0, 10, 20].map((x) => ({
      ...{ x, y: 5, width: 10, height: 10, indices: solid(10, 10, 2) },
      disposal: 2,
    }));
    const source: GifShape = { ...room, frames: [back, ...holes] };
    const result = await exactly(gifAnimation(source), {});
    assert.deepEqual(await played(result), shownFrames(source));
    assert.ok((await disposalsIn(result)).includes('clear'));
  });

  it('restores what a frame covered for a moment', async () => {
    const back = { x: 0, y: 0, width: 40, height: 30, disposal: 1 };
    const scenery = Array.from({ length: 1200 }, (_, at) => (at * at * 7 + at) % 7);
    const flash = { x: 4, y: 4, width: 30, height: 20, indices: solid(30, 20, 3), disposal: 3 };
    const dot = { x: 1, y: 1, width: 2, height: 2, indices: solid(2, 2, 5), disposal: 1 };
    const source: GifShape = { ...room, frames: [{ ...back, indices: scenery }, flash, dot, flash, dot] };
    const result = await exactly(gifAnimation(source), {});
    assert.deepEqual(await played(result), shownFrames(source));
    assert.ok((await disposalsIn(result)).includes('restore'));
  });
});
