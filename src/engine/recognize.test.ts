import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { pngFile } from '../../test/images/files.ts';
import { photo } from '../../test/images/pixels.ts';
import { DEFAULT_OPTIONS, type OptimizeOptions } from './contract.ts';
import { optimize } from './optimize.ts';

const PHOTO = await pngFile(photo(320, 240));
const run = (file: Uint8Array, over: Partial<OptimizeOptions> = {}) =>
  optimize(file, { ...DEFAULT_OPTIONS, ...over });

test('a coarse JPEG is repacked without a search', async () => {
  const outcome = await run(await sharp(PHOTO).jpeg({ quality: 50 }).toBuffer());
  assert.equal(outcome.status, 'done');
  const [output] = outcome.outputs;
  assert.equal(output!.quality, null, 'lossless');
  assert.equal(output!.evaluations, 0);
});

test('a coarse WebP is as small as it gets', async () => {
  const outcome = await run(await sharp(PHOTO).webp({ quality: 40 }).toBuffer());
  assert.equal(outcome.status, 'declined');
  assert.equal(outcome.reason, 'already-optimal');
});

test('a lower floor, another format, another size or a fine source are searched', async () => {
  const coarse = await sharp(PHOTO).jpeg({ quality: 50 }).toBuffer();
  const fine = await sharp(PHOTO).jpeg({ quality: 97 }).toBuffer();
  for (const [file, over] of [
    [coarse, { floor: 60 }],
    [coarse, { targets: ['avif'] }],
    [coarse, { resize: { width: 200, fit: 'inside' } }],
    [fine, {}],
  ] as [Uint8Array, Partial<OptimizeOptions>][]) {
    const outcome = await run(file, over);
    const wasSearched =
      outcome.status === 'done' ? outcome.outputs[0]!.evaluations > 0 : outcome.reason === 'no-gain';
    assert.ok(wasSearched, JSON.stringify(over));
  }
});
