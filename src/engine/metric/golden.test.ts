import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readGoldenPairs, worstDifference } from '../../../test/metric/golden.ts';
import { straight } from '../../../test/metric/straight.ts';
import { straightIwssim } from '../../../test/metric/straight-iwssim.ts';
import type { Pixels } from '../contract.ts';
import { iwssimOf } from './iwssim.ts';
import { prepareReference } from './ssimulacra2.ts';

function scoreOf(reference: Pixels, candidate: Pixels): number {
  const prepared = prepareReference(reference);
  const { score } = prepared.compare(candidate);
  prepared.release();
  return score;
}

test('every golden pair scores within 0.1 of its exact value', async (t) => {
  const pairs = readGoldenPairs();
  if (pairs === null) return t.diagnostic('left out: there are no golden pairs beside the project');
  const { difference, id } = await worstDifference(pairs, scoreOf);
  t.diagnostic(`worst of ${pairs.length}: ${difference.toFixed(5)} (${id})`);
  assert.ok(difference <= 0.1, `${id} is off by ${difference}`);
});

test('the straight computation that the other tests rely on meets the golden pairs to 0.002', async (t) => {
  const pairs = readGoldenPairs();
  if (pairs === null) return t.diagnostic('left out: there are no golden pairs beside the project');
  const small = pairs.filter((pair) => !pair.id.startsWith('full-')).filter((_pair, at) => at % 8 === 0);
  const { difference, id } = await worstDifference(small, straight);
  assert.ok(difference <= 0.002, `${id} is off by ${difference}`);
});

test('every golden pair has the IW-SSIM of its authors within 0.0001, or none', async (t) => {
  const pairs = readGoldenPairs();
  if (pairs === null) return t.diagnostic('left out: there are no golden pairs beside the project');
  const { difference, id } = await worstDifference(pairs, iwssimOf, (pair) => pair.iwssim);
  t.diagnostic(`worst of ${pairs.length}: ${difference.toFixed(7)} (${id})`);
  assert.ok(difference <= 0.0001, `${id} is off by ${difference}`);
});

test('the straight IW-SSIM that the other tests rely on meets the golden pairs to a billionth', async (t) => {
  const pairs = readGoldenPairs();
  if (pairs === null) return t.diagnostic('left out: there are no golden pairs beside the project');
  const small = pairs.filter((pair) => !pair.id.startsWith('full-')).filter((_pair, at) => at % 8 === 0);
  const { difference, id } = await worstDifference(small, straightIwssim, (pair) => pair.iwssim);
  assert.ok(difference <= 1e-9, `${id} is off by ${difference}`);
});
