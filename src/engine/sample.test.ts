import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logo, meanDifference, photo } from '../../test/images/pixels.ts';
import { closeUp, cutOut, suspectsOf, takeSample } from './sample.ts';

test('a sample is made of tiles from all over the image, on the grid of its blocks', () => {
  const image = photo(900, 700);
  for (let at = 0; at < image.width * image.height; at++) {
    // The place is written into the pixels, in units of 16.
    image.data[at * 3] = Math.floor((at % image.width) / 16);
    image.data[at * 3 + 1] = Math.floor(at / image.width / 16);
  }
  const { pixels } = takeSample(image)!;
  const columns = new Set<number>();
  for (let y = 0; y < pixels.height; y += 64) {
    for (let x = 0; x < pixels.width; x += 64) {
      const at = (y * pixels.width + x) * 3;
      columns.add(pixels.data[at]!);
      assert.equal(pixels.data[at + 3 * 15], pixels.data[at], 'a tile begins with a block of 16');
      assert.equal(pixels.data[at + 3 * 16], pixels.data[at]! + 1);
      assert.equal(pixels.data[at + 3 * 63], pixels.data[at]! + 3, 'and is 64 wide');
    }
  }
  assert.ok(Math.min(...columns) < 5 && Math.max(...columns) > 900 / 16 - 9, 'from left to right');
});

test('a sample has room for all its tiles, whatever the size of the image', () => {
  // At some sizes the share times the area is a little less than the pixels that are in the sample.
  for (const [width, height] of [
    [200, 860],
    [200, 880],
    [207, 750],
  ] as const) {
    const { pixels, share } = takeSample(photo(width, height))!;
    assert.equal(pixels.data.length, pixels.width * pixels.height * 3);
    assert.ok(Math.abs(share - (pixels.width * pixels.height) / (width * height)) < 1e-9);
  }
});

test('a larger image gives more tiles, but a smaller share of it', () => {
  const [small, large] = [takeSample(photo(768, 512))!, takeSample(photo(2000, 1500))!];
  assert.ok(small.share > 0.2 && small.share < 0.3, `${small.share}`);
  assert.ok(large.share < small.share / 2);
  assert.ok(large.pixels.data.length > small.pixels.data.length);
});

test('a small or narrow image gives no sample', () => {
  assert.equal(takeSample(photo(300, 300)), null);
  assert.equal(takeSample(photo(9000, 60)), null);
});

test('transparency is sampled with the colours', () => {
  const { pixels } = takeSample(logo(900, 900))!;
  assert.equal(pixels.channels, 4);
  assert.equal(pixels.data.length, pixels.width * pixels.height * 4);
});

test('the same image gives the same sample', () => {
  const [first, second] = [takeSample(photo(800, 600))!, takeSample(photo(800, 600))!];
  assert.equal(meanDifference(first.pixels, second.pixels), 0);
});

test('a close-up is a tile by itself', () => {
  const image = photo(2000, 1500);
  const detail = closeUp(image, { x: 512, y: 1280, width: 256, height: 220 })!;
  assert.deepEqual([detail.pixels.width, detail.pixels.height], [256, 220]);
  const from = (1280 * image.width + 512) * 3;
  assert.deepEqual(detail.pixels.data.subarray(0, 30), image.data.subarray(from, from + 30));
});

test('a close-up of much of an image is not worth it', () => {
  assert.equal(closeUp(photo(768, 512), { x: 256, y: 128, width: 256, height: 256 }), null);
});

test('suspects are the places for which the worst cells of a sample stand', () => {
  const image = photo(2000, 1500);
  const sample = takeSample(image)!.pixels;
  const cells = [95, 90, 60, 91].map((score, at) => ({
    x: [0, sample.width - 128, 256, 0][at]!,
    y: [0, sample.height - 128, 384, sample.height - 128][at]!,
    width: 128,
    height: 128,
    score,
  }));
  const [worst, second, ...rest] = suspectsOf(image, sample, cells);
  assert.equal(rest.length, 2, 'no more than there are cells');
  const centre = { x: (320 / sample.width) * 2000, y: (448 / sample.height) * 1500 };
  assert.ok(Math.abs(worst!.x + worst!.width / 2 - centre.x) <= 16, `${worst!.x} for ${centre.x}`);
  assert.ok(Math.abs(worst!.y + worst!.height / 2 - centre.y) <= 16, `${worst!.y} for ${centre.y}`);
  assert.ok(second!.x + second!.width <= 2000 && second!.y + second!.height <= 1500, 'within the image');
  assert.deepEqual([worst!.x % 16, second!.x % 16], [0, 0], 'on the grid of its blocks');
  assert.ok(cutOut(image, second!).share < 0.03);
});

test('suspects are few of a small image, and none of a smaller one', () => {
  const cells = Array.from({ length: 6 }, (_, at) => ({
    x: at * 64,
    y: 0,
    width: 64,
    height: 128,
    score: 80 + at,
  }));
  for (const [width, height, most] of [
    [768, 512, 2],
    [2000, 1500, 6],
    [400, 300, 0],
  ] as const) {
    assert.equal(suspectsOf(photo(width, height), photo(384, 128), cells).length, most, `${width}`);
  }
});
