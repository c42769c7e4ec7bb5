import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_IMAGES, pngBomb } from '../../../test/images/broken.ts';
import { jpegFile, pngFile, webpFile } from '../../../test/images/files.ts';
import { photo } from '../../../test/images/pixels.ts';
import { DEFAULT_LIMITS } from '../contract.ts';
import { encoderName, napiName, openImage, VERSIONS } from './sharp.ts';

describe('the door to sharp', () => {
  it('opens none of the formats that the engine does not read, even when asked directly', async () => {
    for (const name of ['a PDF document', 'a BMP without a header of its own', 'a letter']) {
      await assert.rejects(
        openImage(NO_IMAGES[name]!, DEFAULT_LIMITS).metadata(),
        /unsupported image format/,
      );
    }
    const ppm = Buffer.from('P6 1 1 255 abc');
    await assert.rejects(openImage(ppm, DEFAULT_LIMITS).metadata(), /unsupported image format/);
  });

  it('opens no file by its name', async () => {
    const name = import.meta.filename as unknown as Uint8Array;
    await assert.rejects(openImage(name, DEFAULT_LIMITS).metadata());
  });

  it('refuses more pixels than allowed before it decodes', async () => {
    await assert.rejects(openImage(pngBomb(30_000, 30_000), DEFAULT_LIMITS).stats(), /pixel limit/);
  });

  it('gives the same bytes whatever else is encoded at the same time', async () => {
    const pixels = photo(90, 70);
    for (const make of [jpegFile, pngFile, webpFile]) {
      const files = await Promise.all(Array.from({ length: 4 }, () => make(pixels)));
      for (const file of files) assert.ok(Buffer.from(file).equals(Buffer.from(files[0]!)));
    }
  });

  it('names encoders with their versions', () => {
    assert.match(encoderName('libwebp', VERSIONS.webp), /^libwebp \d+\.\d+\.\d+ \(sharp \d+\.\d+\.\d+\)$/);
    assert.match(napiName('oxipng'), /^oxipng \(@napi-rs\/image \d+\.\d+\.\d+\)$/);
  });
});
