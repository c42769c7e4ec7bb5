import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { animatedPng, jpegFile, pngFile, wideGamutPng } from '../../test/images/files.ts';
import { inGrey, logo, photo, screenshot } from '../../test/images/pixels.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_OPTIONS,
  type OptimizeOptions,
  type Outcome,
  type Pixels,
} from './contract.ts';
import { decode } from './decode.ts';
import { optimize } from './optimize.ts';

const FORCED = { targets: ['png'], gate: 'any' } satisfies Partial<OptimizeOptions>;

function inPalette(file: Uint8Array, options: Partial<OptimizeOptions>): Promise<Outcome> {
  return optimize(file, { ...DEFAULT_OPTIONS, ...FORCED, ...options });
}

async function resultOf(file: Uint8Array, options: Partial<OptimizeOptions>): Promise<Pixels> {
  const outcome = await inPalette(file, options);
  assert.ok(outcome.status === 'done', JSON.stringify(outcome));
  const { data, format, quality } = outcome.outputs[0]!;
  assert.deepEqual([format, quality], ['png', options.colours]);
  return decode(data, DEFAULT_LIMITS);
}

function countColours({ data, channels }: Pixels): number {
  const seen = new Set<string>();
  for (let at = 0; at < data.length; at += channels) seen.add(data.subarray(at, at + channels).join());
  return seen.size;
}

describe('a PNG of so many colours', () => {
  it('has no more than were asked for, transparent or not, lossless or not', async () => {
    for (const pixels of [photo(120, 90), logo(90, 70), screenshot(120, 90)]) {
      const file = await pngFile(pixels);
      for (const colours of [2, 5, 64, 256]) {
        const result = await resultOf(file, { colours, fidelity: colours === 64 ? 'lossless' : 'lossy' });
        const found = countColours(result);
        assert.ok(found > 1 && found <= colours, `${found} of ${colours}`);
        assert.deepEqual([result.width, result.height], [pixels.width, pixels.height]);
      }
    }
  });

  it('can be made of other formats, of grey, and of other colour spaces', async () => {
    const grey = await sharp(await pngFile(inGrey(photo(60, 40))))
      .withIccProfile('p3')
      .png()
      .toBuffer();
    for (const file of [await jpegFile(photo(60, 40)), grey, await wideGamutPng(photo(60, 40))])
      assert.ok(countColours(await resultOf(file, { colours: 9 })) <= 9);
  });

  it('is not what other formats are, and passes the gates unless any result will do', async () => {
    const file = await pngFile(photo(120, 90));
    const outcome = await inPalette(file, { targets: ['webp'], colours: 4 });
    assert.ok(outcome.status === 'done' && outcome.outputs[0]!.format === 'webp');
    const gated = await inPalette(file, { gate: 'smaller', colours: 4 });
    assert.ok(gated.status === 'declined' && gated.reason === 'below-floor');
  });

  it('does not move', async () => {
    const moving = await animatedPng([0, 1].map((shift) => photo(32, 24, shift)));
    const outcome = await inPalette(moving, { colours: 16 });
    assert.ok(outcome.status === 'declined' && outcome.reason === 'would-lose-animation');
  });
});
