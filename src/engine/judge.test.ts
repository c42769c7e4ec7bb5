import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blurred } from '../../test/images/damage.ts';
import { animatedGif, animatedPng, animatedWebp, webpFile } from '../../test/images/files.ts';
import { flat, photo } from '../../test/images/pixels.ts';
import { DEFAULT_LIMITS, Decline } from './contract.ts';
import { gatedScore } from './gate.ts';
import { compare } from './judge.ts';

const OPTIONS = { limits: DEFAULT_LIMITS };
const FRAMES = [1, 2, 3, 4].map((seed) => photo(160, 120, seed));

/** The frames, one of them out of focus. */
const withFault = (at: number) => FRAMES.map((frame, index) => (index === at ? blurred(frame, 2) : frame));

test('every frame of an animation is judged, and the worst one counts, wherever it is', async () => {
  const reference = await animatedWebp(FRAMES);
  const sound = await compare(reference, reference, OPTIONS);
  assert.equal(sound.frames, 4);
  assert.equal(gatedScore(sound), 100);
  for (const at of FRAMES.keys()) {
    const found = await compare(reference, await animatedWebp(withFault(at)), OPTIONS);
    assert.equal(found.worstFrame, at + 1);
    assert.ok(gatedScore(found) < 60, `frame ${at + 1}: ${gatedScore(found)}`);
    assert.ok(found.visibility.jnd > sound.visibility.jnd);
    assert.deepEqual([found.width, found.height], [160, 120]);
  }
});

test('an animation may be compared with one of another format', async () => {
  const colours = [
    [200, 30, 30],
    [30, 200, 30],
    [30, 30, 200],
  ].map((colour) => flat(64, 48, colour));
  const { frames, score } = await compare(await animatedGif(colours), await animatedWebp(colours), OPTIONS);
  assert.equal(frames, 3);
  assert.ok(score > 85, `${score}`);
});

test('animations of different length, or one and a still image, are not comparable', async () => {
  const four = await animatedWebp(FRAMES);
  for (const other of [await animatedWebp(FRAMES.slice(0, 3)), await webpFile(FRAMES[0]!)]) {
    await assert.rejects(compare(four, other, OPTIONS), (error: unknown) => {
      assert.ok(error instanceof Decline && error.reason === 'unsupported');
      return /number of frames: 4 and [31]/.test(error.message);
    });
  }
});

test('the frames of an animated PNG are judged too, and too many frames are refused', async () => {
  const png = await animatedPng(FRAMES);
  assert.equal((await compare(png, png, OPTIONS)).frames, 4);
  const limits = { ...OPTIONS.limits, maxFrames: 3 };
  await assert.rejects(compare(png, png, { ...OPTIONS, limits }), /4 frames/);
});

test('a still image is one frame', async () => {
  const file = await webpFile(FRAMES[0]!);
  const { frames, worstFrame } = await compare(file, file, OPTIONS);
  assert.deepEqual([frames, worstFrame], [1, 1]);
});
