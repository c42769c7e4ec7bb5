import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sighting } from './forecast.ts';
import { medianCurve } from './median-curve.ts';
import { expect, type SearchTask, search } from './search.ts';

type ScoreAt = (quality: number) => number;

const bytesAt = (quality: number) => Math.round(100 * 2 ** (quality / 10));

/** An image whose score rises with quality by `scoreAt` and whose size doubles every ten steps. */
function task(scoreAt: ScoreAt, over: Partial<SearchTask> = {}): SearchTask {
  return {
    encode: async (quality) => new Uint8Array(bytesAt(quality)).fill(quality),
    judge: async (data) => {
      const score = scoreAt(data[0]!);
      return { score, worstTile: { x: 0, y: 0, width: 1, height: 1, score } };
    },
    curve: medianCurve([
      [1, 0],
      [50, 60],
      [80, 80],
      [100, 95],
    ]),
    growth: (quality) => (Math.LN2 * quality) / 10,
    spreads: { blind: 6, sample: 1, suspects: 0.5, judged: 0.3, drift: 0.15 },
    enoughEvaluations: 4,
    levels: Array.from({ length: 100 }, (_, i) => i + 1),
    floor: 85,
    budgetBytes: Number.POSITIVE_INFINITY,
    ...over,
  };
}

/** A sample that sees the image a little too well or too badly. */
function sampleOf(scoreAt: ScoreAt, error: number) {
  return async (quality: number): Promise<Sighting> => ({
    quality,
    score: scoreAt(quality) + error,
    bytes: bytesAt(quality),
  });
}

const optimumOf = (scoreAt: ScoreAt) =>
  Array.from({ length: 100 }, (_, i) => i + 1).find((quality) => scoreAt(quality) >= 85)!;

test('without a sample the search lands within two steps of the optimum, above the floor, in at most four evaluations', async () => {
  for (let shift = -15; shift <= 8; shift++) {
    for (const stretch of [0.8, 1, 1.2]) {
      const scoreAt = (quality: number) => 85 - (80 + shift - quality) * 0.75 * stretch;
      const optimum = optimumOf(scoreAt);
      const { best, judged } = await search(task(scoreAt));
      assert.ok(best, `shift ${shift}`);
      assert.ok(best.score >= 85);
      assert.ok(best.quality - optimum <= 2, `shift ${shift}: ${best.quality} instead of ${optimum}`);
      assert.ok(judged.length <= 4, `shift ${shift}: ${judged.length} evaluations`);
    }
  }
});

test('a sample finds most images in one evaluation, and its errors cost two more at most', async () => {
  const scoreAt = (quality: number) => 85 - (87.5 - quality) * 0.75;
  for (const [error, most] of [
    [0, 1],
    [0.7, 2],
    [-0.7, 2],
    [3, 3],
    [-3, 3],
  ] as const) {
    const { best, judged } = await search(task(scoreAt, { glimpse: sampleOf(scoreAt, error) }));
    assert.equal(best?.quality, 88, `error ${error}`);
    assert.ok(judged.length <= most, `error ${error}: ${judged.length} evaluations`);
  }
});

/** Remembers at which qualities was looked. */
function watched(look: (quality: number) => Promise<Sighting>) {
  const at: number[] = [];
  return {
    at,
    look(quality: number) {
      at.push(quality);
      return look(quality);
    },
  };
}

test('a glimpse is taken after every leap, but not next to another', async () => {
  const scoreAt = (quality: number) => 85 - (64.5 - quality) * 0.75;
  const { at, look } = watched(sampleOf(scoreAt, 0.5));
  const { judged } = await search(task(scoreAt, { glimpse: look }));
  assert.equal(at.length, 2, 'where most images are, and where this one should be');
  assert.ok(Math.abs(at[1]! - judged[0]!.quality) <= 2, `${at} ${judged[0]!.quality}`);
});

test('what looks worst in the sample is looked at before anything is judged', async () => {
  const scoreAt = (quality: number) => 85 - (87.5 - quality) * 0.75;
  const { at, look } = watched(sampleOf(scoreAt, 0.1));
  let suspectedAt = 0;
  const { best, judged } = await search(
    task(scoreAt, {
      glimpse: sampleOf(scoreAt, 4),
      suspects: (glimpsed) => {
        suspectedAt = glimpsed;
        return look;
      },
    }),
  );
  assert.ok(suspectedAt > 75 && suspectedAt < 95, `${suspectedAt}`);
  assert.ok(at.length >= 1);
  assert.equal(judged.length, 1, 'the sample alone would have misled the search');
  assert.equal(best?.quality, 88);
});

test('after a judgement the tile that decides is looked at, instead of the sample', async () => {
  const scoreAt = (quality: number) => 85 - (87.5 - quality) * 0.75;
  const looked: number[] = [];
  const { best, judged } = await search(
    task(scoreAt, {
      glimpse: sampleOf(scoreAt, 3),
      // The tile is always a little worse in its own picture than in the whole.
      closeUp: () => async (quality) => {
        looked.push(quality);
        return sampleOf(scoreAt, -0.4)(quality);
      },
    }),
  );
  assert.equal(looked[0], judged[0]!.quality, 'to know how the two differ');
  assert.equal(best?.quality, 88);
  assert.equal(judged.length, 2);
});

test('what a search should find is known from a sample alone', async () => {
  const scoreAt = (quality: number) => 85 - (87.5 - quality) * 0.75;
  const within = await expect(task(scoreAt, { glimpse: sampleOf(scoreAt, 0) }));
  assert.ok(Math.abs(Math.log(within!.bytes / bytesAt(88))) < 0.1, `${within!.bytes}`);
  const beyond = (quality: number) => scoreAt(quality) - 12;
  const without = await expect(task(beyond, { glimpse: sampleOf(beyond, 0) }));
  assert.equal(without!.bytes, Number.POSITIVE_INFINITY);
  assert.equal(await expect(task(scoreAt)), null);
});

test('a staircase, where several qualities are the same encode, ends the search too', async () => {
  const { best } = await search(task((quality) => 85 + Math.floor((quality - 83) / 6) * 2));
  assert.equal(best?.score, 85, 'the lowest step that passes');
});

test('a score that is not monotone never ships below the floor', async () => {
  const scoreAt = (quality: number) => 60 + quality * 0.33 + (quality % 2) * 3;
  const { best, judged } = await search(task(scoreAt));
  assert.ok(best && scoreAt(best.quality) >= 85);
  assert.ok(judged.length <= 8);
});

test('a floor out of reach is found out with the highest quality judged', async () => {
  const { best, runnerUp, judged } = await search(task((quality) => 40 + quality * 0.3));
  assert.equal(best, null);
  assert.equal(runnerUp?.quality, 100);
  assert.ok(judged.some(({ quality }) => quality === 100));
});

test('a candidate that misses the floor at the size of the budget ends the search', async () => {
  const { best, overBudget, judged } = await search(task((quality) => quality * 0.7, { budgetBytes: 1000 }));
  assert.equal(best, null);
  assert.equal(overBudget, true);
  assert.equal(judged.length, 1);
});

test('a winner above the budget is none: what may pass below the budget is tried', async () => {
  const scoreAt = (quality: number) => (quality < 98 ? 55 + quality * 0.3 : 88);
  const found = await search(task(scoreAt, { budgetBytes: bytesAt(98) + 1, enoughEvaluations: 2 }));
  assert.ok(
    found.judged.some(({ quality }) => quality > 98),
    'it passed above the budget first',
  );
  assert.equal(found.best?.quality, 98);
});

test('where nothing below the budget should pass, a winner above it ends the search', async () => {
  const scoreAt = (quality: number) => 85 - (80 - quality) * 0.75;
  const { judged } = await search(task(scoreAt, { budgetBytes: bytesAt(60) }));
  assert.ok(judged.length <= 2, `${judged.length} evaluations`);
});

test('the worst tile counts as much as the whole image', async () => {
  const judge: SearchTask['judge'] = async (data) => ({
    score: 99,
    worstTile: { x: 0, y: 0, width: 1, height: 1, score: data[0]! },
  });
  const { best } = await search(task((quality) => quality, { judge }));
  assert.ok(best && best.worstTile.score >= 85);
});

test('an aborted signal ends the search', async () => {
  const signal = AbortSignal.abort(new Error('gone'));
  await assert.rejects(search(task((quality) => quality, { signal })), /gone/);
});
