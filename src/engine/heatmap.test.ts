import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jpegFile, orientedJpeg, pngFile } from '../../test/images/files.ts';
import { flat, photo } from '../../test/images/pixels.ts';
import { DEFAULT_LIMITS, Decline, type Pixels } from './contract.ts';
import { decode } from './decode.ts';
import { legendLayout } from './heatmap/legend.ts';
import { colourIndex, positionOf } from './heatmap/scale.ts';
import { heatmap } from './heatmap.ts';
import { scoreOf } from './metric/score.ts';

const options = { limits: DEFAULT_LIMITS };
const picture = photo(320, 240);
const original = await pngFile(picture);
const map = async (candidate: Uint8Array, reference = original) =>
  decode(await heatmap(reference, candidate, options), DEFAULT_LIMITS);

/** How far from grey a part of a map is on average, 0 to 255. */
function colourfulness({ data, width }: Pixels, left: number, right: number, bottom: number): number {
  let sum = 0;
  for (let y = 0; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const [r = 0, g = 0, b = 0] = data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3);
      sum += Math.max(r, g, b) - Math.min(r, g, b);
    }
  return sum / ((right - left) * bottom);
}

test('a heat map is the image at its size with a legend below', async () => {
  const { width, height, channels } = await map(await jpegFile(picture, { quality: 70 }));
  assert.deepEqual([width, height, channels], [320, 240 + legendLayout(320, 240).height, 3]);
});

test('an image against itself is grey all over, and the worse the copy the more colour', async () => {
  const shown = async (candidate: Uint8Array) => colourfulness(await map(candidate), 0, 320, 240);
  const [same, good, bad] = [
    await shown(original),
    await shown(await jpegFile(picture, { quality: 90 })),
    await shown(await jpegFile(picture, { quality: 20 })),
  ];
  assert.equal(same, 0);
  assert.ok(good > 5 && bad > 2 * good, `${good} ${bad}`);
});

test('colour is where the damage is', async () => {
  const damaged = { ...picture, data: Uint8Array.from(picture.data) };
  for (let y = 90; y < 150; y++)
    for (let x = 240; x < 300; x++) damaged.data.fill(128, (y * 320 + x) * 3, (y * 320 + x) * 3 + 3);
  const found = await map(await pngFile(damaged));
  assert.equal(colourfulness(found, 0, 80, 240), 0);
  assert.ok(colourfulness(found, 240, 300, 240) > 20);
});

test('the same error has the same colour in every map', () => {
  assert.equal(colourIndex(0), 0);
  assert.equal(colourIndex(1e9), 255);
  for (const error of [0.1, 0.5, 1, 2, 4, 8])
    assert.ok(Math.abs(colourIndex(error) - 255 * positionOf(scoreOf(error))) <= 1, String(error));
});

test('images of any shape have room for the legend, and lie in the top left corner', async () => {
  for (const [width, height] of [
    [1, 1],
    [7, 300],
    [900, 9],
    [1400, 1000],
  ] as const) {
    const image = await pngFile(flat(width, height, [200, 30, 30]));
    const layout = legendLayout(width, height);
    const found = await map(image, image);
    assert.deepEqual([found.width, found.height], [Math.max(width, layout.width), height + layout.height]);
    const grey = Math.round(0.5 * (0.2126 * 200 + 0.7152 * 30 + 0.0722 * 30));
    assert.ok(Math.abs(found.data[0]! - grey) <= 1);
  }
});

test('images are compared as they are shown, and those that cannot be are declined', async () => {
  const turned = await map(await orientedJpeg(picture, 6));
  assert.equal(turned.width, 320);
  for (const wrong of [await pngFile(photo(100, 100)), Buffer.from('no image')])
    await assert.rejects(heatmap(original, wrong, options), (error) => error instanceof Decline);
});
