import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flat, photo } from '../../test/images/pixels.ts';
import type { Pixels } from './contract.ts';
import { prepareReference } from './metric/ssimulacra2.ts';
import { ENGINE_VERSION, visibilityOf } from './version.ts';
import { invisible, measureVisibility } from './visibility.ts';

/** Rounds every sample to a multiple of `step`. */
function coarse(pixels: Pixels, step: number): Pixels {
  return { ...pixels, data: pixels.data.map((sample) => Math.min(255, Math.round(sample / step) * step)) };
}

function visibility(reference: Pixels, candidate: Pixels) {
  const prepared = prepareReference(reference);
  const { score } = prepared.compare(candidate);
  prepared.release();
  // Estimates differ between formats only when studies found that they do; these are no file at all.
  return measureVisibility(reference, candidate, score, null);
}

const picture = photo(320, 240);

test('an image that is its reference is invisible, measured or known', () => {
  const measured = visibility(picture, picture);
  assert.deepEqual(measured, invisible(320, 240));
  assert.ok(measured.jnd < 0.001 && measured.probability < 0.001);
  assert.equal(measured.iwssim, 1);
});

test('more damage is more just noticeable differences and more likely seen', () => {
  const damages = [2, 8, 24, 64].map((step) => visibility(picture, coarse(picture, step)));
  for (const [index, worse] of damages.slice(1).entries()) {
    assert.ok(worse.jnd > damages[index]!.jnd);
    assert.ok(worse.probability > damages[index]!.probability);
  }
});

test('an image too small for IW-SSIM is estimated from its score alone, less certainly', () => {
  const small = photo(160, 120);
  const { iwssim, spread } = visibility(small, coarse(small, 8));
  assert.equal(iwssim, null);
  assert.ok(spread > 0);
});

test('what is said of a pair is what this revision of the measure says: other numbers need another revision', (t) => {
  const measure = visibilityOf(ENGINE_VERSION);
  if (measure.includes('recalibrated')) return t.diagnostic('left out: studies have changed the numbers');
  const dotted = Uint8Array.from(flat(320, 240, [128, 128, 128]).data);
  for (const at of [30_000, 30_001, 30_320, 30_321]) dotted.set([220, 40, 40], at * 3);
  const pairs: [Pixels, Pixels][] = [
    [picture, coarse(picture, 8)],
    [photo(160, 120), coarse(photo(160, 120), 24)],
    [flat(320, 240, [255, 255, 255]), flat(320, 240, [255, 251, 240])],
    [flat(320, 240, [128, 128, 128]), { ...picture, data: dotted }],
  ];
  const said = pairs.map((pair) => visibility(...pair).jnd.toFixed(4));
  assert.deepEqual([measure, ...said], ['visibility 2', '0.4759', '2.6835', '3.1852', '3.2011']);
});
