import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { pngFile } from '../../../test/images/files.ts';
import { photo } from '../../../test/images/pixels.ts';
import { DEFAULT_LIMITS } from '../contract.ts';
import { inspect } from '../inspect.ts';
import { codedQualityOfWebp } from './webp/coded-quality.ts';

const PHOTO = await pngFile(photo(160, 120));
const codedQuality = async (file: Uint8Array) => (await inspect(file, DEFAULT_LIMITS)).codedQuality;

test("a JPEG's quality is read from its quantization tables", async () => {
  for (const quality of [20, 50, 75, 92]) {
    const plain = await sharp(PHOTO).jpeg({ quality }).toBuffer();
    assert.equal(await codedQuality(plain), quality);
    const progressive = await sharp(PHOTO).jpeg({ quality, progressive: true }).toBuffer();
    assert.equal(await codedQuality(progressive), quality);
  }
});

test('a JPEG whose table is coarse in high frequencies only is not taken for a coarse one', async () => {
  for (const [quality, least] of [
    [75, 67],
    [86, 82],
  ] as const) {
    const read = await codedQuality(await sharp(PHOTO).jpeg({ quality, mozjpeg: true }).toBuffer());
    assert.ok(read! >= least && read! <= quality, `${read} for ${quality}`);
  }
});

test("a lossy WebP's quality is read from its frame, however many segments it has", async () => {
  for (const quality of [20, 50, 75, 92]) {
    for (const options of [{ effort: 0 }, { effort: 4 }, { effort: 6, smartSubsample: true }]) {
      const read = await codedQuality(
        await sharp(PHOTO)
          .webp({ quality, ...options })
          .toBuffer(),
      );
      assert.ok(Math.abs(read! - quality) <= 12, `${read} for ${quality}`);
    }
  }
});

test('what is lossless has none', async () => {
  assert.equal(await codedQuality(PHOTO), null);
  assert.equal(await codedQuality(await sharp(PHOTO).webp({ lossless: true }).toBuffer()), null);
});

test('a frame that is cut short, or none, has no quality, or at least does no harm', () => {
  assert.equal(codedQualityOfWebp(new Uint8Array(5)), null);
  assert.equal(codedQualityOfWebp(Uint8Array.of(1, ...new Array(40).fill(255))), null, 'no key frame');
  for (let length = 12; length < 30; length++) {
    const quality = codedQualityOfWebp(new Uint8Array(length).fill(254));
    assert.ok(quality !== null && quality >= 0 && quality <= 100);
  }
});
