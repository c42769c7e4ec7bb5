import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pngFile } from '../../test/images/files.ts';
import { gradient, noise, photo } from '../../test/images/pixels.ts';
import { CODECS } from './codecs/codecs.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type Pixels } from './contract.ts';
import { gatedScore } from './gate.ts';
import { inspect } from './inspect.ts';
import { type Judged, smallestLossy } from './lossy.ts';
import { prepare, release, type Subject } from './subject.ts';

async function withSubject<Result>(
  pixels: Pixels,
  floor: number,
  use: (subject: Subject) => Promise<Result>,
): Promise<Result> {
  const source = await inspect(await pngFile(pixels), DEFAULT_LIMITS);
  const subject = await prepare(source, { ...DEFAULT_OPTIONS, floor });
  try {
    return await use(subject);
  } finally {
    release(subject);
  }
}

async function smallestJpeg(subject: Subject): Promise<Judged> {
  const found = await smallestLossy(CODECS.jpeg, subject, Number.POSITIVE_INFINITY);
  assert.ok('data' in found, JSON.stringify(found));
  return found;
}

/** A soft gradient under fine grain, which JPEG smooths away and the score forgives. */
function grainy(): Pixels {
  const grain = noise(384, 256);
  const soft = gradient(384, 256);
  const data = soft.data.map((level, at) => Math.round(level * 0.9 + grain.data[at - (at % 3)]! * 0.02));
  return { ...soft, data };
}

test('what reaches the floor and would be seen all the same ships finer', async () => {
  await withSubject(grainy(), 85, async (subject) => {
    const coarse = await CODECS.jpeg.lossy.encode(subject.pixels, 83, 'search');
    const judgement = await subject.judge.judge(coarse);
    assert.ok(gatedScore(judgement) >= 85, `the score alone would let it pass: ${gatedScore(judgement)}`);
    assert.ok((await subject.judge.visibility(coarse, judgement.score)).jnd > 1);
    const shipped = await smallestJpeg(subject);
    assert.ok((await subject.judge.visibility(shipped.data, shipped.score)).jnd <= 1);
  });
});

test('a low floor lets through what it stands for', async () => {
  await withSubject(grainy(), 60, async (subject) => {
    const shipped = await smallestJpeg(subject);
    assert.ok((await subject.judge.visibility(shipped.data, shipped.score)).jnd > 1);
  });
});

test('of two encoders the smaller result ships, at every floor', async () => {
  for (const floor of [70, 92]) {
    await withSubject(photo(640, 480), floor, async (subject) => {
      const shipped = await smallestJpeg(subject);
      for (const encoder of [CODECS.jpeg.lossy, ...CODECS.jpeg.variants]) {
        const finer = await encoder.encode(subject.pixels, Math.min(100, shipped.quality! + 3), 'final');
        const passes = gatedScore(await subject.judge.judge(finer)) >= floor;
        assert.ok(!passes || shipped.data.length < finer.length, `${encoder.variant} at ${floor}`);
      }
    });
  }
});
