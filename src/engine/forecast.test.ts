import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forecast, type Sighting } from './forecast.ts';
import { medianCurve } from './median-curve.ts';

const curve = medianCurve([
  [1, 6],
  [100, 105],
]);
const spreads = { blind: 6, sample: 1, suspects: 0.5, judged: 0.3, drift: 0.15 };
const growth = (quality: number) => Math.log(1.05) * quality;
const FLOOR = 85;

/** Scores five more than its quality, as the median image does, unless it is shifted. */
const sighting = (quality: number, shift = 0): Sighting => ({
  quality,
  score: quality + 5 + shift,
  bytes: 1000 * 1.05 ** quality,
});

const at = (sampled: Sighting[], judged: Sighting[]) =>
  forecast({ curve, growth, spreads, sampled, view: 'sample', judged }, FLOOR);

test('with nothing seen, the median image decides, and little is sure', () => {
  const view = at([], []);
  assert.ok(Math.abs(view.passes(80) - 0.5) < 0.01);
  assert.ok(view.passes(86) > 0.75 && view.passes(86) < 0.9);
  assert.ok(Number.isNaN(view.bytes(80)));
});

test('a sample moves the threshold and narrows it', () => {
  const view = at([sighting(80, 4)], []);
  assert.ok(Math.abs(view.passes(76) - 0.5) < 0.01);
  assert.ok(view.passes(79) > 0.98);
});

test('two glimpses bend the line', () => {
  const view = at([sighting(80, -4), sighting(84, 0)], []);
  assert.ok(view.passes(82) > 0.4 && view.passes(82) < 0.6, 'twice as steep as the median');
});

test('what was judged overrules the sample, and is surer the nearer it is', () => {
  const view = at([sighting(80)], [sighting(80, 2)]);
  assert.ok(Math.abs(view.passes(78) - 0.5) < 0.01);
  const [near, far] = [view.passes(79), at([sighting(80)], [sighting(95, 2)]).passes(79)];
  assert.ok(near > far && far > 0.5, `${near} ${far}`);
});

test('between two judgements both count', () => {
  const view = at([sighting(80)], [sighting(70, -2), sighting(90, 2)]);
  assert.ok(Math.abs(view.passes(80) - 0.5) < 0.01);
});

test('bytes grow by equal factors, from the nearest that is known', () => {
  const view = at([sighting(70), sighting(80)], []);
  assert.ok(Math.abs(view.bytes(90) / sighting(90).bytes - 1) < 1e-9);
  assert.ok(Math.abs(view.saving(81, 80) - (1 - 1 / 1.05)) < 1e-9);
});
