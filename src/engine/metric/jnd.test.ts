import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { estimateJnd, visibleProbability } from './jnd.ts';
import { JND_MODEL } from './jnd-weights.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TABLE = join(ROOT, '../shared/metric/human/JPEG-AIC_metric_scores.csv');

/** From hopeless to equal. */
const SCORES = [-400, -50, 0, ...Array.from({ length: 101 }, (_, at) => at), 99.5, 99.9, 99.99].sort(
  (a, b) => a - b,
);
const VALUES = [0, 0.3, 0.8, ...Array.from({ length: 60 }, (_, at) => 1 - 0.1 * 0.8 ** at), 1];

test('more distance in either metric never lowers the estimate or the probability', () => {
  for (const iwssim of [...VALUES, null]) {
    const estimates = SCORES.map((ssimulacra2) => estimateJnd({ ssimulacra2, iwssim }));
    estimates.slice(1).forEach((better, at) => {
      const worse = estimates[at]!;
      assert.ok(worse.jnd >= better.jnd, `${SCORES[at]} and ${iwssim}`);
      assert.ok(worse.visibleProbability >= better.visibleProbability);
    });
  }
  for (const ssimulacra2 of SCORES) {
    const estimates = VALUES.map((iwssim) => estimateJnd({ ssimulacra2, iwssim }));
    estimates.slice(1).forEach((better, at) => {
      assert.ok(estimates[at]!.jnd >= better.jnd, `${ssimulacra2} and ${VALUES[at]}`);
    });
  }
});

test('equal images differ by nothing, and nobody sees it', () => {
  for (const iwssim of [1, null]) {
    const { jnd, spread, visibleProbability: seen } = estimateJnd({ ssimulacra2: 100, iwssim });
    assert.ok(jnd >= 0 && jnd < 1e-6, `${jnd}`);
    assert.ok(seen >= 0 && seen < 1e-6, `${seen}`);
    assert.ok(spread < 0.05, `${spread}`);
  }
});

test('everything is finite at the ends of both scales', () => {
  for (const ssimulacra2 of [-10_000, 0, 100]) {
    for (const iwssim of [0, 0.5, 1, null]) {
      const { jnd, spread, visibleProbability: seen } = estimateJnd({ ssimulacra2, iwssim });
      assert.ok(Number.isFinite(jnd) && Number.isFinite(spread), `${ssimulacra2} and ${iwssim}`);
      assert.ok(seen >= 0 && seen <= 1);
    }
  }
});

test('without IW-SSIM the estimate is much the same and no more certain', () => {
  for (const [ssimulacra2, iwssim] of [
    [90, 0.9991],
    [80, 0.9955],
    [65, 0.989],
  ] as const) {
    const whole = estimateJnd({ ssimulacra2, iwssim });
    const fallback = estimateJnd({ ssimulacra2, iwssim: null });
    assert.ok(Math.abs(whole.jnd - fallback.jnd) < 2 * fallback.spread);
    assert.ok(fallback.spread > 0.95 * whole.spread, `${fallback.spread} against ${whole.spread}`);
  }
});

test('damage that only SSIMULACRA 2 sees is not explained away', () => {
  const colour = estimateJnd({ ssimulacra2: 70, iwssim: 0.99995 });
  assert.ok(colour.jnd > 0.75, `${colour.jnd}`);
  const small = estimateJnd({ ssimulacra2: 91, iwssim: 0.9996 });
  assert.ok(small.jnd < 0.15, `${small.jnd}`);
});

test('half of the viewers see one JND, none see nothing, almost all see four', () => {
  assert.ok(Math.abs(visibleProbability(1) - 0.5) < 1e-12);
  assert.equal(visibleProbability(0), 0);
  assert.equal(visibleProbability(-1), 0);
  assert.ok(Math.abs(visibleProbability(2) - 0.8226564) < 1e-6);
  assert.ok(Math.abs(visibleProbability(4) - 0.9930234) < 1e-6);
  assert.equal(visibleProbability(1000), 1);
});

test('the networks are monotone by their signs, and many enough to disagree', () => {
  for (const ensemble of [JND_MODEL.structure, JND_MODEL.score]) {
    assert.ok(ensemble.length >= 5);
    for (const { height, slopes } of ensemble.flat()) {
      assert.ok(height >= 0);
      assert.equal(slopes.length, 1);
      assert.ok(slopes[0]! >= 0);
    }
  }
  assert.equal(JND_MODEL.structure.length, JND_MODEL.score.length);
});

test('weights, model card and training report are of one training', () => {
  assert.match(JND_MODEL.dataSha256, /^[0-9a-f]{64}$/);
  for (const file of ['metric/MODEL-CARD.md', 'metric/TRAINING-REPORT.md']) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    assert.ok(text.includes(JND_MODEL.dataSha256), `${file} is of another training`);
  }
});

test('the table that the weights were trained on is the one beside the project', (t) => {
  if (!existsSync(TABLE))
    return t.diagnostic('left out: there is no table of human judgments beside the project');
  const sha256 = createHash('sha256').update(readFileSync(TABLE)).digest('hex');
  assert.equal(sha256, JND_MODEL.dataSha256);
});
