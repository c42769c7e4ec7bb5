import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked, noisy, scene, smeared, tinted } from '../../../test/metric/scenes.ts';
import { allMaps, pool } from '../../../test/metric/straight.ts';
import type { Pixels } from '../contract.ts';
import { type Eye, giveEye, takeEye } from './eye.ts';
import { planFor } from './plan.ts';
import { judge, normsOf } from './score.ts';

test('every number of every scale is that of the straight computation', () => {
  const reference = scene(131, 118);
  const candidate = smeared(noisy(reference, 3));
  const plan = planFor(131, 118, true);
  const eye = takeEye();
  eye.look(reference, 51, plan);
  const sums = eye.sumErrors(candidate, 51);
  const maps = allMaps(reference, candidate, 0.5);
  assert.equal(maps.length, plan.scales);
  maps.forEach((channels, scale) => {
    channels.forEach((three, channel) => {
      three.forEach((map, kind) => {
        const expected = pool(map, scale);
        const actual = normsOf(plan, sums, { channel, scale, map: kind });
        for (const norm of [0, 1]) {
          const off = Math.abs(actual[norm]! - expected[norm]!);
          assert.ok(
            off < 1e-6 + 1e-4 * expected[norm]!,
            `scale ${scale}, channel ${channel}, map ${kind}, norm ${norm}: ${off}`,
          );
        }
      });
    });
  });
  giveEye(eye);
});

test('leaving out the maps that hardly weigh moves the score by less than 0.002', () => {
  const reference = scene(260, 190);
  for (const candidate of [
    noisy(reference, 1),
    smeared(reference),
    tinted(reference, 9),
    marked(reference, 50, 50, 60),
  ]) {
    const [fast, complete] = [false, true].map((all) => {
      const plan = planFor(260, 190, all);
      const eye = takeEye();
      eye.look(reference, 51, plan);
      const { score } = judge(plan, eye.sumErrors(candidate, 51));
      giveEye(eye);
      return score;
    });
    assert.ok(Math.abs(fast! - complete!) < 0.002, `${fast} against ${complete}`);
  }
});

test('computing the means and variances of the reference anew changes no number', () => {
  const reference = scene(150, 140);
  const candidate = noisy(reference, 4);
  const [kept, anew] = [true, false].map((keep) => {
    const eye = takeEye();
    eye.look(reference, 51, { ...planFor(150, 140), keep });
    const sums = eye.sumErrors(candidate, 51).slice();
    giveEye(eye);
    return sums;
  });
  assert.deepEqual(kept, anew);
});

test('a thousand references and comparisons leave the memory as large as the first', () => {
  const reference = scene(40, 30, 4);
  const candidate = noisy(reference, 3);
  const eyes = new Set<Eye>();
  const sizes = new Set<number>();
  for (let round = 0; round < 1000; round++) {
    const eye = takeEye();
    eye.look(reference, 51, planFor(40, 30));
    eye.sumErrors(candidate, 51);
    eyes.add(eye);
    sizes.add(eye.sizeBytes());
    giveEye(eye);
  }
  assert.equal(eyes.size, 1);
  assert.equal(sizes.size, 1);
});

test('an instance that has grown large is not kept', () => {
  const large = takeEye();
  const blank: Pixels = { data: new Uint8Array(2600 * 2600 * 3), width: 2600, height: 2600, channels: 3 };
  large.look(blank, 51, planFor(2600, 2600));
  assert.ok(large.sizeBytes() > 128 << 20);
  giveEye(large);
  assert.notEqual(takeEye(), large);
});
