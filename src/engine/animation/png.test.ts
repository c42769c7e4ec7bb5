import assert from 'node:assert/strict';
import { test } from 'node:test';
import { animatedPng } from '../../../test/images/files.ts';
import { timesOf } from '../../../test/images/pacing.ts';
import { logo, photo, screenshot } from '../../../test/images/pixels.ts';
import { noisy } from '../../../test/metric/scenes.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions, type Pixels } from '../contract.ts';
import { compare } from '../judge.ts';
import { optimize } from '../optimize.ts';

const LEVELS = {
  lossless: { fidelity: 'lossless', floor: 100 },
  glossy: { fidelity: 'glossy', floor: 90 },
  lossy: { fidelity: 'lossy', floor: 80 },
} as const satisfies Record<string, Partial<OptimizeOptions>>;

const photos = [1, 2, 3].map((seed) => photo(160, 120, seed));

async function smaller(source: Uint8Array, over: Partial<OptimizeOptions>) {
  const outcome = await optimize(source, { ...DEFAULT_OPTIONS, targets: ['png'], ...over });
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  return outcome.outputs[0]!;
}

for (const [name, frames] of Object.entries({
  photographs: photos,
  'drawings of many colours': [1, 2, 3].map((seed) => noisy(screenshot(160, 120, seed), 2)),
  'half-transparent drawings': [120, 110, 100].map((side) => padded(logo(side, side), 120)),
})) {
  test(`${name} that move get smaller with each fidelity, frame by frame, at the same pace`, async () => {
    const source = await animatedPng(frames);
    let bytes = Number.POSITIVE_INFINITY;
    for (const level of Object.values(LEVELS)) {
      const { data, format, frames: count } = await smaller(source, level);
      assert.deepEqual([format, count], ['png', 3]);
      assert.deepEqual(await timesOf(data), await timesOf(source));
      const found = await compare(source, data, { limits: DEFAULT_LIMITS });
      assert.ok(Math.min(found.score, found.worstTile.score) >= level.floor, `${level.fidelity}`);
      assert.ok(data.length <= bytes, `${level.fidelity}: ${data.length} after ${bytes}`);
      bytes = data.length;
    }
  });
}

/** In the middle of a transparent square. */
function padded({ data, width, height }: Pixels, side: number): Pixels {
  const square = new Uint8Array(side * side * 4);
  const [left, top] = [(side - width) >> 1, (side - height) >> 1];
  for (let y = 0; y < height; y++)
    square.set(data.subarray(y * width * 4, (y + 1) * width * 4), ((top + y) * side + left) * 4);
  return { data: square, width: side, height: side, channels: 4 };
}

test('noise that nobody sees is not drawn again with every frame', async () => {
  const still = photo(160, 120, 5);
  const source = await animatedPng([still, noisy(still, 1), noisy(still, 2)]);
  const exact = await smaller(source, LEVELS.lossless);
  const lossy = await smaller(source, LEVELS.lossy);
  assert.ok(lossy.data.length < exact.data.length / 2, `${lossy.data.length} of ${exact.data.length}`);
});

test('what a floor cannot be reached with less stays exact', async () => {
  const source = await animatedPng(photos);
  const { score, worstTile } = await smaller(source, { fidelity: 'lossy', floor: 99 });
  assert.ok(Math.min(score!, worstTile!.score) >= 99);
});
