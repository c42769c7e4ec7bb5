import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jpegFile, pngFile } from '../../test/images/files.ts';
import { flat, logo, photo } from '../../test/images/pixels.ts';
import { DEFAULT_LIMITS, Decline, type Pixels } from './contract.ts';
import { decode } from './decode.ts';
import { crop, meanByPart, partArea, placeOfMost } from './stimuli/place.ts';
import { makeStimuli, type StimuliOptions } from './stimuli.ts';

const OPTIONS: StimuliOptions = {
  formats: ['jpeg', 'webp', 'avif'],
  levels: [0.5, 1.5],
  side: 240,
  damagedPart: 5,
  limits: DEFAULT_LIMITS,
};

test('of an image candidates around the levels are made, for each format, and of the size of the reference', async () => {
  const image = photo(400, 300, 4);
  const { area, reference, candidates, damaged } = await makeStimuli(await pngFile(image), OPTIONS);
  assert.deepEqual([area.width, area.height], [240, 240]);
  assert.ok(Buffer.from(crop(image, area).data).equals((await decode(reference, DEFAULT_LIMITS)).data));
  assert.deepEqual(
    candidates.map(({ format }) => format),
    ['jpeg', 'jpeg', 'webp', 'webp', 'avif', 'avif'],
  );
  for (const [at, candidate] of candidates.entries()) {
    const level = OPTIONS.levels[at % 2]!;
    const { jnd, iwssim } = candidate.visibility;
    assert.ok(Math.abs(Math.log(jnd / level)) < 0.35, `${candidate.format}: ${jnd} for ${level}`);
    assert.ok(iwssim !== null && candidate.parts.length === 9);
    const { width, height } = await decode(candidate.png, DEFAULT_LIMITS);
    assert.deepEqual([width, height], [240, 240]);
  }
  assert.ok(damaged.length > 0);
});

test('damage is plain, in its part and nowhere else', async () => {
  const { reference, damaged } = await makeStimuli(await jpegFile(photo(260, 250, 2)), {
    ...OPTIONS,
    formats: ['jpeg'],
  });
  const [a, b] = [await decode(reference, DEFAULT_LIMITS), await decode(damaged, DEFAULT_LIMITS)];
  const differences = meanByPart(differencesOf(a, b), a);
  assert.ok(differences[5]! > 6, `${differences[5]}`);
  assert.ok(
    differences.every((difference, part) => part === 5 || difference === 0),
    `${differences}`,
  );
});

test('also where there is nothing to compress, damage is plain', async () => {
  for (const level of [0, 128, 255]) {
    const file = await pngFile(flat(220, 220, [level, level, level]));
    const { reference, damaged } = await makeStimuli(file, { ...OPTIONS, formats: [] });
    const [a, b] = [await decode(reference, DEFAULT_LIMITS), await decode(damaged, DEFAULT_LIMITS)];
    assert.ok(meanByPart(differencesOf(a, b), a)[5]! > 6);
  }
});

test('what cannot be shown is declined in words', async () => {
  const refused = async (file: Uint8Array, words: RegExp) =>
    assert.rejects(
      makeStimuli(file, OPTIONS),
      (error) => error instanceof Decline && words.test(error.message),
    );
  await refused(await pngFile(photo(199, 400)), /too small/);
  await refused(await pngFile(logo(300, 300)), /transparency/);
  await refused(new TextEncoder().encode('no image'), /not an image/);
});

test('the area with the largest errors is found, within the image', () => {
  const errors = new Float32Array(100 * 80);
  for (let y = 50; y < 60; y++) for (let x = 70; x < 80; x++) errors[y * 100 + x] = 1;
  const area = placeOfMost(errors, { width: 100, height: 80 }, 40);
  assert.ok(area.x <= 70 && area.x + area.width >= 80 && area.y <= 50 && area.y + area.height >= 60);
  assert.deepEqual(placeOfMost(errors, { width: 100, height: 80 }, 500), {
    x: 0,
    y: 0,
    width: 100,
    height: 80,
  });
});

test('nine parts cover an image of any size, once', () => {
  for (const [width, height] of [
    [9, 9],
    [200, 301],
    [601, 599],
  ] as const) {
    const areas = Array.from({ length: 9 }, (_, part) => partArea(part, width, height));
    assert.equal(
      areas.reduce((sum, area) => sum + area.width * area.height, 0),
      width * height,
    );
    assert.deepEqual([areas[8]!.x + areas[8]!.width, areas[8]!.y + areas[8]!.height], [width, height]);
  }
});

/** Mean difference of the channels, pixel by pixel. */
function differencesOf(a: Pixels, b: Pixels): Float32Array {
  return Float32Array.from({ length: a.width * a.height }, (_, at) => {
    const offset = at * 3;
    const difference = (channel: number) => Math.abs(a.data[offset + channel]! - b.data[offset + channel]!);
    return (difference(0) + difference(1) + difference(2)) / 3;
  });
}
