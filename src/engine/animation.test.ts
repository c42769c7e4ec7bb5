import assert from 'node:assert/strict';
import { test } from 'node:test';
import { animatedGif, animatedPng, animatedWebp, gifFile } from '../../test/images/files.ts';
import { timesOf } from '../../test/images/pacing.ts';
import { logo, photo, screenshot } from '../../test/images/pixels.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions } from './contract.ts';
import { compare } from './judge.ts';
import { optimize } from './optimize.ts';

const FRAMES = [1, 2, 3, 4].map((seed) => screenshot(160, 120, seed));
const PHOTOS = [1, 2, 3].map((seed) => photo(160, 120, seed));

async function only(bytes: Uint8Array, over: Partial<OptimizeOptions>) {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, ...over });
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  return outcome.outputs[0]!;
}

test('an animation keeps every frame, its delays and how often it plays, exactly, in each format that moves', async () => {
  const source = await animatedGif(FRAMES);
  for (const format of ['gif', 'png', 'webp'] as const) {
    const output = await only(source, { targets: [format], fidelity: 'lossless', gate: 'any' });
    assert.deepEqual([output.format, output.frames], [format, 4]);
    const { score, frames } = await compare(source, output.data, { limits: DEFAULT_LIMITS });
    assert.deepEqual([score, frames], [100, 4]);
    assert.deepEqual(await timesOf(output.data), await timesOf(source));
  }
});

test('every frame of a lossy animation passes the floor', async () => {
  for (const source of [await animatedPng(PHOTOS), await animatedWebp(PHOTOS)]) {
    const { data, score, worstTile, frames } = await only(source, {
      targets: ['webp'],
      floor: 80,
      gate: 'any',
    });
    const found = await compare(source, data, { limits: DEFAULT_LIMITS });
    assert.deepEqual([found.score, found.worstTile, found.frames], [score, worstTile, frames]);
    assert.ok(Math.min(score, worstTile.score) >= 80);
  }
});

test('a format that holds no animation is declined, unless the first frame is asked for', async () => {
  const source = await animatedGif(FRAMES);
  const outcome = await optimize(source, { ...DEFAULT_OPTIONS, targets: ['jpeg', 'avif'] });
  assert.ok(outcome.status === 'declined' && outcome.reason === 'would-lose-animation');
  const output = await only(source, { targets: ['jpeg'], frames: 'first', gate: 'any' });
  assert.deepEqual([output.format, output.frames], ['jpeg', 1]);
});

test('an animation of too many frames is refused before any is decoded', async () => {
  const limits = { ...DEFAULT_LIMITS, maxFrames: 3 };
  const outcome = await optimize(await animatedGif(FRAMES), { ...DEFAULT_OPTIONS, limits });
  assert.ok(outcome.status === 'declined' && outcome.reason === 'too-large');
});

test('a GIF is resized, moving or not, in as many colours as it can have and without half transparency', async () => {
  const size = { width: 50, height: 40, fit: 'fill' } as const;
  const badges = [logo(160, 120), logo(160, 121)].map(({ data, ...rest }) => ({
    ...rest,
    height: 120,
    data: data.slice(0, 160 * 120 * 4),
  }));
  const still = await gifFile(badges[0]!);
  for (const [source, count] of [
    [await animatedGif(PHOTOS), 3],
    [await animatedGif(badges), 2],
    [still, 1],
  ] as const) {
    const output = await only(source, { resize: size, gate: 'any' });
    assert.deepEqual([output.format, output.frames, output.width, output.height], ['gif', count, 50, 40]);
    const { score } = await compare(source, output.data, {
      limits: DEFAULT_LIMITS,
      transforms: { resize: size },
    });
    assert.equal(score, output.score);
  }
  const turned = await optimize(await animatedGif(PHOTOS), {
    ...DEFAULT_OPTIONS,
    fidelity: 'lossless',
    targets: ['jpeg'],
    resize: size,
  });
  assert.ok(turned.status === 'declined' && turned.reason === 'would-lose-animation');
});
