import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bmpFile } from '../../test/images/bitmaps.ts';
import { deepPng, gifFile, jpegFile, pngFile } from '../../test/images/files.ts';
import { heicFile } from '../../test/images/heic.ts';
import { logo, meanDifference, photo, screenshot } from '../../test/images/pixels.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions, type Output } from './contract.ts';
import { decode } from './decode.ts';
import { compare } from './judge.ts';
import { optimize } from './optimize.ts';
import { flatten } from './transform/flatten.ts';

const AMONG_TWO: Partial<OptimizeOptions> = { targets: ['auto'], accept: ['png', 'jpeg'] };

async function outputsOf(bytes: Uint8Array, options: Partial<OptimizeOptions>): Promise<Output[]> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, ...options });
  assert.ok(outcome.status === 'done', JSON.stringify(outcome));
  return outcome.outputs;
}

const formatOf = async (bytes: Uint8Array, options = AMONG_TWO) =>
  (await outputsOf(bytes, options))[0]!.format;

describe('converting', () => {
  it('makes line art PNG and photographs JPEG, whatever they were', async () => {
    const art = screenshot(200, 150);
    assert.equal(await formatOf(await jpegFile(art, { quality: 100, chroma: '4:4:4' })), 'png');
    assert.equal(await formatOf(await gifFile(art)), 'png');
    assert.equal(await formatOf(await pngFile(photo(200, 150))), 'jpeg');
    assert.equal(await formatOf(await deepPng(photo(200, 150))), 'jpeg');
  });

  it('takes formats that are not written back for `auto`', async () => {
    const same: Partial<OptimizeOptions> = { ...AMONG_TWO, targets: ['same'] };
    assert.equal(await formatOf(bmpFile(photo(200, 150)), same), 'jpeg');
    assert.equal(await formatOf(bmpFile(screenshot(120, 90)), same), 'png');
    const heic = await outputsOf(heicFile(), { targets: ['same'], gate: 'any' });
    assert.ok(heic[0]!.score > 85);
  });

  it('makes a JPEG of what is transparent only over a background', async () => {
    const badge = logo(160, 120);
    const file = await pngFile(badge);
    const outcome = await optimize(file, { ...DEFAULT_OPTIONS, targets: ['jpeg'] });
    assert.ok(outcome.status === 'declined' && outcome.reason === 'unsupported');
    const background = '#ffcc00';
    const [output] = await outputsOf(file, { targets: ['jpeg'], background, gate: 'any', quality: 90 });
    const shown = await decode(output!.data, DEFAULT_LIMITS);
    assert.ok(meanDifference(shown, flatten(badge, background)) < 8);
    assert.deepEqual([shown.channels, output!.quality], [3, 90]);
    const proof = await compare(file, output!.data, { limits: DEFAULT_LIMITS, transforms: { background } });
    assert.ok(Math.abs(proof.score - output!.score) < 1e-6);
  });

  it('keeps transparency where a format can, whatever background is named', async () => {
    const file = await pngFile(logo(160, 120));
    const options = {
      targets: ['png'] as OptimizeOptions['targets'],
      background: '#ffffff',
      gate: 'any' as const,
    };
    const [output] = await outputsOf(file, options);
    assert.equal((await decode(output!.data, DEFAULT_LIMITS)).channels, 4);
    const proof = await compare(file, output!.data, {
      limits: DEFAULT_LIMITS,
      transforms: { background: '#ffffff' },
    });
    assert.ok(Math.abs(proof.score - output!.score) < 1e-6);
  });

  it('is proved with the transforms that were asked for', async () => {
    const file = await pngFile(photo(200, 150));
    const transforms = {
      crop: { x: 10, y: 5, width: 160, height: 120 },
      resize: { width: 60, height: 60, fit: 'cover', gravity: 'smart' },
      turn: '90',
    } as const;
    const [output] = await outputsOf(file, { ...transforms, targets: ['jpeg'] });
    assert.deepEqual([output!.width, output!.height], [60, 60]);
    const proof = await compare(file, output!.data, { limits: DEFAULT_LIMITS, transforms });
    assert.ok(Math.abs(proof.score - output!.score) < 1e-6);
  });
});
