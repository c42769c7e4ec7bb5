import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import sharp from 'sharp';
import { pdfFile, pdfPicture } from '../../../test/images/pdf.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type Output } from '../contract.ts';
import { heatmap } from '../heatmap.ts';
import { compare } from '../judge.ts';
import { optimize } from '../optimize.ts';

const LIMITS = { limits: DEFAULT_LIMITS };

describe('two PDFs that are compared', () => {
  let original: Uint8Array;
  let output: Output;
  before(async () => {
    original = await pdfFile({ picture: pdfPicture() });
    const outcome = await optimize(original, DEFAULT_OPTIONS);
    assert.ok(outcome.status === 'done');
    output = outcome.outputs[0]!;
  });

  it('have the score of the worst image, which is named, as the result says it', async () => {
    const { worstFrame, pace: _, ...measured } = await compare(original, output.data, LIMITS);
    const { score, worstTile, visibility, width, height, frames } = output;
    assert.deepEqual(measured, { score, worstTile, visibility, width, height, frames });
    assert.ok(score < 100 && worstTile.image!.page === 1 && worstTile.image!.object > 0 && worstFrame === 1);
  });

  it('are flawless where no image changed', async () => {
    const plain = await pdfFile();
    const outcome = await optimize(plain, { ...DEFAULT_OPTIONS, fidelity: 'lossless' });
    assert.ok(outcome.status === 'done');
    const { score, worstTile } = await compare(plain, outcome.outputs[0]!.data, LIMITS);
    assert.deepEqual([score, worstTile], [100, outcome.outputs[0]!.worstTile]);
    await assert.rejects(heatmap(plain, outcome.outputs[0]!.data, LIMITS), /nothing to draw/);
  });

  it('have a heat map of the worst image, at its full size with the legend below', async () => {
    const { width, height } = await sharp(await heatmap(original, output.data, LIMITS)).metadata();
    assert.ok(width >= 320 && height > 240);
  });

  it('are not compared where more differs than images, nor with anything else', async () => {
    const other = await pdfFile({ pages: 3 });
    await assert.rejects(compare(original, other, LIMITS), {
      reason: 'unsupported',
      message: /differ in more than the looks of images/,
    });
    const png = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    await assert.rejects(compare(original, png, LIMITS), /pages|frames|not drawn/);
  });
});
