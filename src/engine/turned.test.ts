import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jpegFile, orientedJpeg } from '../../test/images/files.ts';
import { photo } from '../../test/images/pixels.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_OPTIONS,
  type OptimizeOptions,
  type Output,
  transformsOf,
} from './contract.ts';
import { heatmap } from './heatmap.ts';
import { inspect } from './inspect.ts';
import { compare } from './judge.ts';
import { optimize } from './optimize.ts';

const PHOTO = photo(200, 150);
const LOSSLESS: OptimizeOptions = { ...DEFAULT_OPTIONS, fidelity: 'lossless', metadata: 'all' };

async function result(file: Uint8Array, options: OptimizeOptions): Promise<Output> {
  const outcome = await optimize(file, options);
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  return (outcome as { outputs: Output[] }).outputs[0]!;
}

describe('a JPEG turned without loss', () => {
  it('is upright when that is asked for, and scores what a comparison finds', async () => {
    for (let orientation = 2; orientation <= 8; orientation++) {
      const file = await orientedJpeg(PHOTO, orientation);
      const options = { ...LOSSLESS, upright: true };
      const output = await result(file, options);
      const { orientation: stored } = await inspect(output.data, DEFAULT_LIMITS);
      assert.equal(stored, 1);
      assert.equal(output.quality, null);
      assert.match(output.encoder, /turn/);
      assert.ok(output.width > 200 - 16 && output.height > 150 - 16);
      const found = await compare(file, output.data, {
        limits: DEFAULT_LIMITS,
        transforms: transformsOf(options),
      });
      assert.deepEqual(
        [found.score, found.worstTile, found.width, found.height, found.visibility],
        [output.score, output.worstTile, output.width, output.height, output.visibility],
      );
    }
  });

  it('is as asked for on top of its orientation', async () => {
    const file = await orientedJpeg(PHOTO, 8);
    const output = await result(file, { ...LOSSLESS, turn: '90' });
    // Stored as it is, but no longer to be turned by viewers.
    assert.deepEqual([output.width, output.height], [150, 200]);
    assert.equal((await inspect(output.data, DEFAULT_LIMITS)).orientation, 1);
  });

  it('keeps its orientation where nothing else is asked for', async () => {
    const output = await result(await orientedJpeg(PHOTO, 6), LOSSLESS);
    assert.equal((await inspect(output.data, DEFAULT_LIMITS)).orientation, 6);
    const upright = await result(await jpegFile(PHOTO), { ...LOSSLESS, upright: true });
    assert.match(upright.encoder, /^scan search .* after mozjpeg transcode/);
  });

  it('is compared with what is left of its original, in heat maps too, and with nothing else that is smaller', async () => {
    const file = await jpegFile(PHOTO);
    const { data, width } = await result(file, { ...LOSSLESS, turn: 'flop' });
    assert.equal(width, 192);
    const options = { limits: DEFAULT_LIMITS, transforms: { turn: 'flop' } as const };
    assert.ok((await heatmap(file, data, options)).length > 0);
    await assert.rejects(compare(file, data, { limits: DEFAULT_LIMITS }), { reason: 'unsupported' });
    const other = await jpegFile(photo(191, 150));
    await assert.rejects(compare(file, other, options), { reason: 'unsupported' });
  });

  it('is made of pixels, whole, where loss is allowed', async () => {
    const output = await result(await jpegFile(PHOTO, { quality: 98 }), { ...DEFAULT_OPTIONS, turn: '90' });
    assert.deepEqual([output.width, output.height], [150, 200]);
    assert.ok(output.quality !== null && output.score >= DEFAULT_OPTIONS.floor);
  });

  it('declines when the image is too small to be turned', async () => {
    const outcome = await optimize(await jpegFile(photo(9, 9)), { ...LOSSLESS, turn: '90', gate: 'any' });
    assert.equal(outcome.status === 'declined' && outcome.reason, 'unsupported');
  });
});
