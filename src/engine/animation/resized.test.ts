import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { animatedGif, animatedPng, animatedWebp } from '../../../test/images/files.ts';
import { screenshot } from '../../../test/images/pixels.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions, type Transforms } from '../contract.ts';
import { gatedScore } from '../gate.ts';
import { inspectFrames } from '../inspect.ts';
import { compare } from '../judge.ts';
import { optimize } from '../optimize.ts';
import { openAnimation } from './play.ts';

/** In two grey levels, so that what is cropped and enlarged by whole numbers fits a palette. */
const FRAMES = [1, 2, 3].map((seed) => {
  const page = screenshot(160, 120, seed);
  return { ...page, data: page.data.map((level) => (level > 128 ? 255 : 0)) };
});
const WRITERS = { gif: animatedGif, png: animatedPng, webp: animatedWebp };

const CHANGES: Record<string, { transforms: Transforms; size: [number, number] }> = {
  resized: { transforms: { resize: { width: 120, height: 120, fit: 'inside' } }, size: [120, 90] },
  covered: { transforms: { resize: { width: 64, height: 64, fit: 'cover' } }, size: [64, 64] },
  cropped: { transforms: { crop: { x: 31, y: 17, width: 77, height: 60 } }, size: [77, 60] },
  'cropped and resized': {
    transforms: { crop: { x: 40, y: 0, width: 80, height: 120 }, resize: { width: 60, fit: 'inside' } },
    size: [60, 90],
  },
  turned: { transforms: { turn: '90' }, size: [120, 160] },
};

async function only(bytes: Uint8Array, over: Partial<OptimizeOptions>) {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, ...over });
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  return outcome.outputs[0]!;
}

for (const [format, write] of Object.entries(WRITERS)) {
  describe(`an animation that is changed: ${format}`, () => {
    for (const [what, { transforms, size }] of Object.entries(CHANGES)) {
      it(`is ${what} in all its frames, which are judged so`, async () => {
        const source = await write(FRAMES);
        const output = await only(source, { ...transforms, floor: 60, gate: 'any' });
        assert.deepEqual([output.format, output.frames, output.width, output.height], [format, 3, ...size]);
        const found = await compare(source, output.data, { limits: DEFAULT_LIMITS, transforms });
        assert.deepEqual([found.score, found.worstTile], [output.score, output.worstTile]);
        const { width, pageHeight } = await sharp(output.data, { animated: true }).metadata();
        if (format !== 'png') assert.deepEqual([width, pageHeight], size);
        assert.equal(await playsOf(output.data), await playsOf(source));
      });
    }

    it('is exact without loss wherever the format can hold it', async () => {
      const source = await write(FRAMES);
      const { crop } = CHANGES.cropped!.transforms;
      const output = await only(source, { crop, fidelity: 'lossless', gate: 'any' });
      assert.deepEqual([output.quality, output.score], [null, 100]);
      const { resize } = CHANGES.resized!.transforms;
      const small = await only(source, { resize, fidelity: 'lossless', gate: 'any' });
      if (small.quality === null) assert.equal(small.score, 100);
      else assert.ok(format === 'gif' && gatedScore(small) < 100);
    });
  });
}

async function playsOf(bytes: Uint8Array): Promise<number> {
  return openAnimation(await inspectFrames(bytes, DEFAULT_LIMITS)).plays;
}
