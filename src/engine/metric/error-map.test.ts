import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked, scene, smeared } from '../../../test/metric/scenes.ts';
import { allMaps } from '../../../test/metric/straight.ts';
import type { Pixels } from '../contract.ts';
import { prepareReference } from './ssimulacra2.ts';
import { WEIGHTS } from './weights.ts';

function errorMapOf(reference: Pixels, candidate: Pixels): Float32Array {
  const prepared = prepareReference(reference);
  const map = prepared.errorMap(candidate);
  prepared.release();
  return map;
}

test('the error map of equal images is zero everywhere', () => {
  for (const pixels of [scene(200, 150), scene(90, 130, 4), scene(2, 3)]) {
    const map = errorMapOf(pixels, pixels);
    assert.equal(map.length, pixels.width * pixels.height);
    assert.ok(map.every((error) => error === 0));
  }
});

test('the error map peaks within the damage and is zero far from it', () => {
  for (const channels of [3, 4] as const) {
    const pixels = scene(800, 300, channels);
    const map = errorMapOf(pixels, marked(pixels, 500, 100, 40));
    const peak = map.indexOf(map.reduce((largest, error) => Math.max(largest, error)));
    const [x, y] = [peak % 800, Math.floor(peak / 800)];
    assert.ok(x >= 500 && x < 540 && y >= 100 && y < 140, `peak at ${x}, ${y}`);
    assert.equal(map[150 * 800 + 100], 0);
    assert.ok(map.every((error) => error >= 0));
  }
});

test('an error is the weighted sum of the maps of all scales at its place', () => {
  const pixels = scene(113, 100);
  const damaged = smeared(pixels);
  const maps = allMaps(pixels, damaged, 0.5);
  const map = errorMapOf(pixels, damaged);
  for (const [x, y] of [
    [0, 0],
    [57, 31],
    [112, 99],
  ] as const) {
    let expected = 0;
    maps.forEach((channels, scale) => {
      channels.forEach((three, channel) => {
        three.forEach(({ data, width }, kind) => {
          const at = (channel * maps.length + scale) * 6 + kind;
          expected += (WEIGHTS[at]! + WEIGHTS[at + 3]!) * data[(y >> scale) * width + (x >> scale)]!;
        });
      });
    });
    const actual = map[y * 113 + x]!;
    assert.ok(Math.abs(actual - expected) < 1e-3 * expected, `${actual} is not ${expected}`);
  }
});
