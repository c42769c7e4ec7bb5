import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jpegFile } from '../../../../test/images/files.ts';
import { flat, photo } from '../../../../test/images/pixels.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, METADATA_POLICIES, type Pixels } from '../../contract.ts';
import { inspect } from '../../inspect.ts';
import { optimize } from '../../optimize.ts';
import { turningOf } from '../turning.ts';
import { readCoefficients } from './coefficients.ts';
import { transcodeJpeg } from './transcode.ts';
import { turnJpeg } from './turn.ts';

const TAILS = {
  zip: 'PK\x03\x04\x14\0evil-payload',
  script: '\n*/=1;alert("evil-payload")//',
  PHP: '<?php system("evil-payload"); ?>',
  'web page': '<html><script src=evil-payload></script>',
};

describe('what stands behind a JPEG or between its segments', () => {
  for (const [name, text] of Object.entries(TAILS)) {
    it(`is never in a result: a ${name}`, async () => {
      const jpeg = await jpegFile(photo(120, 90), { quality: 97 });
      // Bytes of 0xff may fill the room before a marker (T.81 B.1.1.2).
      const filled = Buffer.concat([jpeg.subarray(0, 2), Buffer.alloc(40, 0xff), jpeg.subarray(2)]);
      const source = await inspect(Buffer.concat([filled, Buffer.from(text, 'latin1')]), DEFAULT_LIMITS);
      for (const policy of METADATA_POLICIES) {
        const packed = await transcodeJpeg(source, policy);
        const turned = await turnJpeg(source, turningOf(1, 'flop'), policy, 'fast');
        for (const result of [packed, turned]) {
          assert.ok(result);
          assert.equal(Buffer.from(result).indexOf('evil-payload'), -1);
          assert.equal(Buffer.from(result).indexOf(Buffer.alloc(8, 0xff)), -1);
        }
      }
    });
  }
});

/** Strokes of saturated red, a pixel or two wide, on saturated blue: what chroma at half resolution smears. */
function redOnBlue(width: number, height: number): Pixels {
  const pixels = flat(width, height, [10, 20, 235]);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (y % 12 < 8 && (x * 7 + Math.floor(y / 12) * 5) % 11 < 4)
        pixels.data.set([240, 10, 15], (y * width + x) * 3);
  return pixels;
}

describe('chroma of a lossy JPEG', () => {
  it('is at full resolution for saturated red text on blue', async () => {
    const file = await jpegFile(redOnBlue(256, 192), { quality: 100, chroma: '4:4:4' });
    const outcome = await optimize(file, { ...DEFAULT_OPTIONS, accept: ['jpeg'] });
    assert.equal(outcome.status, 'done', JSON.stringify(outcome));
    const [output] = (outcome as Extract<typeof outcome, { status: 'done' }>).outputs;
    assert.notEqual(output!.quality, null);
    const sampling = readCoefficients(output!.data).components.map(({ across, down }) => `${across}x${down}`);
    assert.deepEqual(sampling, ['1x1', '1x1', '1x1']);
  });
});
