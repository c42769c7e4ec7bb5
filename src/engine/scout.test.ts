import assert from 'node:assert/strict';
import { test } from 'node:test';
import { photo } from '../../test/images/pixels.ts';
import { CODECS } from './codecs/codecs.ts';
import { NOTHING_EMBEDDED } from './codecs/header.ts';
import { DEFAULT_LIMITS, PIXEL_FORMATS } from './contract.ts';
import { gatedScore } from './gate.ts';
import { createJudge } from './judge.ts';
import { learnedOf } from './learned.ts';
import { createScout } from './scout.ts';

const PHOTO = photo(768, 512);
const scoutOf = (pixels = PHOTO) =>
  createScout({ pixels, reference: pixels, embedded: NOTHING_EMBEDDED, limits: DEFAULT_LIMITS });

test('a glimpse of any encoder that knows samples comes near to the whole image', async () => {
  const scout = scoutOf();
  const judge = createJudge(PHOTO, DEFAULT_LIMITS);
  const looked: string[] = [];
  for (const format of PIXEL_FORMATS) {
    for (const encoder of [CODECS[format].lossy, ...CODECS[format].variants]) {
      if (!learnedOf(format, encoder).sample) continue;
      looked.push(`${format} ${encoder.variant}`);
      const seen = await scout.glimpse(format, encoder)!(85);
      const data = await encoder.encode(PHOTO, 85, 'search');
      const score = gatedScore(await judge.judge(data));
      assert.ok(Math.abs(seen.score - score) < 5, `${format}: ${seen.score} for ${score}`);
      assert.ok(
        Math.abs(Math.log(seen.bytes / data.length)) < 0.3,
        `${format}: ${seen.bytes} for ${data.length}`,
      );
    }
  }
  assert.deepEqual(looked, ['jpeg 4:2:0', 'jpeg 4:4:4', 'webp 4:2:0', 'avif 4:4:4']);
  judge.release();
  scout.release();
});

test('a quality is glimpsed at once only', async () => {
  const scout = scoutOf();
  let encodes = 0;
  const { jpeg } = CODECS;
  const counted: typeof jpeg.lossy = {
    ...jpeg.lossy,
    encode: (...all) => {
      encodes += 1;
      return jpeg.lossy.encode(...all);
    },
  };
  const glimpse = scout.glimpse('jpeg', counted)!;
  assert.deepEqual(await glimpse(80), await scout.glimpse('jpeg', counted)!(80));
  assert.equal(encodes, 1);
  scout.release();
});

test('there is nothing to glimpse at of palettes, nor of small images', () => {
  assert.equal(scoutOf().glimpse('png', CODECS.png.lossy), undefined);
  assert.equal(scoutOf(photo(200, 150)).glimpse('jpeg', CODECS.jpeg.lossy), undefined);
});

test('a close-up scores a tile nearly as it scores in the whole image', async () => {
  const image = photo(2000, 1400);
  const scout = scoutOf(image);
  const judge = createJudge(image, DEFAULT_LIMITS);
  const { lossy } = CODECS.jpeg;
  const { worstTile } = await judge.judge(await lossy.encode(image, 80, 'search'));
  const seen = await scout.closeUp('jpeg', lossy, worstTile)!(80);
  assert.ok(Math.abs(seen.score - worstTile.score) < 1, `${seen.score} for ${worstTile.score}`);
  judge.release();
  scout.release();
});

test('what looked worst in a sample shows how the worst tile of the whole will score', async () => {
  const scout = scoutOf();
  const judge = createJudge(PHOTO, DEFAULT_LIMITS);
  const { lossy } = CODECS.jpeg;
  assert.equal(scout.suspects('jpeg', lossy, 80), undefined, 'nothing was glimpsed at yet');
  await scout.glimpse('jpeg', lossy)!(80);
  const seen = await scout.suspects('jpeg', lossy, 80)!(85);
  const data = await lossy.encode(PHOTO, 85, 'search');
  const score = gatedScore(await judge.judge(data));
  assert.ok(Math.abs(seen.score - score) < 4, `${seen.score} for ${score}`);
  assert.ok(Math.abs(Math.log(seen.bytes / data.length)) < 0.5, `${seen.bytes} for ${data.length}`);
  judge.release();
  scout.release();
});

test('of large images what looked worst is looked at where encoding is what takes time', async () => {
  const scout = scoutOf(photo(1600, 1200));
  for (const [format, has] of [
    ['jpeg', false],
    ['avif', true],
  ] as const) {
    const { lossy } = CODECS[format];
    await scout.glimpse(format, lossy)!(80);
    assert.equal(scout.suspects(format, lossy, 80) !== undefined, has, format);
  }
  scout.release();
});
