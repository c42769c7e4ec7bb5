import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { pngFile } from '../../test/images/files.ts';
import { meanDifference, photo } from '../../test/images/pixels.ts';
import { NOTHING_EMBEDDED } from './codecs/header.ts';
import { embedInWebp } from './codecs/webp/chunks.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions } from './contract.ts';
import { decode } from './decode.ts';
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

test('a coarse WebP that carries more than its image is repacked without it', async () => {
  const exif = Buffer.concat([Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1'), Buffer.alloc(20_000, 7)]);
  const image = await sharp(PHOTO).webp({ quality: 40 }).toBuffer();
  const heavy = embedInWebp(image, { ...NOTHING_EMBEDDED, exif });
  for (const over of [{}, { fidelity: 'lossless' as const }]) {
    const outcome = await run(heavy, over);
    assert.equal(outcome.status, 'done');
    const [output] = outcome.outputs;
    assert.equal(output!.quality, null);
    assert.ok(output!.data.length <= image.length);
    assert.equal(
      meanDifference(await decode(output!.data, DEFAULT_LIMITS), await decode(image, DEFAULT_LIMITS)),
      0,
    );
  }
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
