import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksAmong, LEAST_TRIALS, type Pair, planTrials, trialsFor } from './viewing-plan.ts';

/** So many images with so many candidates each, and their checks. */
function pairsOf(images: number, candidates: number): Pair[] {
  return Array.from({ length: images }, (_, image) =>
    [...Array(candidates).fill('candidate'), 'identical', 'damaged'].map((kind, at) => ({
      id: `${image}-${at}`,
      imageId: String(image),
      kind,
    })),
  ).flat();
}

const PAIRS = pairsOf(12, 18);
const kindOf = new Map(PAIRS.map(({ id, kind }) => [id, kind]));
const imageOf = new Map(PAIRS.map(({ id, imageId }) => [id, imageId]));
const planOf = (viewer: number, trials = 60) => planTrials(PAIRS, 'study', viewer, trials);

test('a viewer gets three to practise and then a tenth of each check among the candidates', () => {
  const plan = planOf(0);
  assert.deepEqual(
    plan.slice(0, 4).map(({ practice, pairId }) => [practice, practice && kindOf.get(pairId)]),
    [
      [true, 'damaged'],
      [true, 'identical'],
      [true, 'damaged'],
      [false, false],
    ],
  );
  const kinds = plan.slice(3).map(({ pairId }) => kindOf.get(pairId));
  const count = (kind: string) => kinds.filter((each) => each === kind).length;
  assert.deepEqual([count('candidate'), count('identical'), count('damaged')], [48, 6, 6]);
});

test('the order is the same for the same viewer and another for another', () => {
  assert.deepEqual(planOf(3), planOf(3));
  assert.notDeepEqual(planOf(3), planOf(4));
  assert.notDeepEqual(planTrials(PAIRS, 'another study', 3, 60), planOf(3));
});

test('nobody sees a candidate twice, and over all viewers each is seen about equally often', () => {
  const seen = new Map<string, number>();
  for (let viewer = 0; viewer < 45; viewer++) {
    const own = planOf(viewer).flatMap(({ pairId }) => (kindOf.get(pairId) === 'candidate' ? [pairId] : []));
    assert.equal(new Set(own).size, own.length);
    for (const id of own) seen.set(id, (seen.get(id) ?? 0) + 1);
  }
  assert.deepEqual(new Set(seen.values()), new Set([10]));
  assert.equal(seen.size, 12 * 18);
});

test('no image follows upon itself where there are others', () => {
  for (let viewer = 0; viewer < 20; viewer++) {
    const images = planOf(viewer)
      .slice(3)
      .map(({ pairId }) => imageOf.get(pairId));
    const repeats = images.filter((image, at) => image === images[at - 1]).length;
    assert.ok(repeats <= 1, `${repeats}`);
  }
});

test('the reference is on either side, as often as not, whatever the kind', () => {
  const plans = Array.from({ length: 40 }, (_, viewer) => planOf(viewer)).flat();
  for (const kind of ['candidate', 'identical', 'damaged']) {
    const sides = plans
      .filter(({ pairId }) => kindOf.get(pairId) === kind)
      .map(({ referenceSide }) => referenceSide);
    const share = sides.filter((side) => side === 1).length / sides.length;
    assert.ok(Math.abs(share - 0.5) < 0.1, `${kind}: ${share}`);
  }
});

test('however few candidates there are, none is needed twice and no check is missing', () => {
  for (let candidates = 1; candidates <= 1500; candidates++) {
    const trials = trialsFor(400, candidates);
    const shown = trials - 2 * checksAmong(trials);
    assert.ok(shown >= 1 && shown <= candidates, `${candidates}: ${shown} of them in ${trials} trials`);
    assert.ok(trials === 400 || shown === candidates, `${candidates}: ${shown}`);
    assert.ok(trials >= LEAST_TRIALS);
  }
  const tiny = pairsOf(1, 1);
  assert.equal(planTrials(tiny, 'study', 5, trialsFor(60, 1)).length, 3 + 9);
});
