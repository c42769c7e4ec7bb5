import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bmpFile, iconBitmap, iconFile } from '../../test/images/bitmaps.ts';
import {
  gifBomb,
  jpegClaiming,
  NO_IMAGES,
  pngBomb,
  pngClaiming,
  withProfileBomb,
} from '../../test/images/broken.ts';
import {
  animatedGif,
  animatedPng,
  animatedWebp,
  appleGainMapJpeg,
  avifFile,
  cmykJpeg,
  deepPng,
  gainMapAvif,
  gainMapJpeg,
  gifFile,
  jpegFile,
  multiPageTiff,
  orientedJpeg,
  pngFile,
  tiffFile,
  webpFile,
  wideGamutJpeg,
} from '../../test/images/files.ts';
import { inGrey, photo } from '../../test/images/pixels.ts';
import { DEFAULT_LIMITS, Decline, type Reason } from './contract.ts';
import { inspect } from './inspect.ts';

const PHOTO = photo(50, 30);
const TWO = [PHOTO, photo(50, 30, 7)];

function declines(bytes: Uint8Array, reason: Reason, detail = /./, limits = DEFAULT_LIMITS): Promise<void> {
  return assert.rejects(
    inspect(bytes, limits),
    (error) => error instanceof Decline && error.reason === reason && detail.test(error.message),
  );
}

describe('what a file says of itself', () => {
  it('is found in every format', async () => {
    const files = {
      jpeg: await jpegFile(PHOTO),
      png: await pngFile(PHOTO),
      webp: await webpFile(PHOTO),
      avif: await avifFile(PHOTO),
      gif: await gifFile(PHOTO),
      tiff: await tiffFile(PHOTO),
      bmp: bmpFile(PHOTO),
      ico: iconFile([iconBitmap(PHOTO)]),
    };
    for (const [format, bytes] of Object.entries(files)) {
      const { facts, orientation, pages, isHdr, wideGamut } = await inspect(bytes, DEFAULT_LIMITS);
      assert.deepEqual(
        [facts.format, facts.width, facts.height, facts.bytes],
        [format, 50, 30, bytes.length],
      );
      assert.match(facts.sha256, /^[0-9a-f]{64}$/);
      assert.deepEqual([orientation, pages, isHdr, wideGamut], [1, 1, false, false]);
    }
  });

  it('has the orientation, and width and height as displayed when that turns the image', async () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      const { facts } = await inspect(await orientedJpeg(PHOTO, orientation), DEFAULT_LIMITS);
      assert.deepEqual([facts.width, facts.height, facts.orientation], [50, 30, orientation]);
    }
  });

  it('tells colours, depth and profile apart', async () => {
    assert.equal((await inspect(await jpegFile(PHOTO, { grey: true }), DEFAULT_LIMITS)).colour, 'grey');
    assert.equal((await inspect(await cmykJpeg(PHOTO), DEFAULT_LIMITS)).colour, 'cmyk');
    assert.equal((await inspect(await deepPng(PHOTO), DEFAULT_LIMITS)).bitDepth, 16);
    assert.equal((await inspect(await wideGamutJpeg(PHOTO), DEFAULT_LIMITS)).wideGamut, true);
  });

  it('knows lossless files from lossy ones', async () => {
    const lossless = [await pngFile(PHOTO), await gifFile(PHOTO), await tiffFile(PHOTO)];
    lossless.push(await webpFile(PHOTO, { lossless: true }));
    const lossy = [await jpegFile(PHOTO), await webpFile(PHOTO), await avifFile(PHOTO)];
    for (const file of lossless) assert.equal((await inspect(file, DEFAULT_LIMITS)).isLossless, true);
    for (const file of lossy) assert.equal((await inspect(file, DEFAULT_LIMITS)).isLossless, false);
  });

  it('takes a profile that amounts to sRGB for sRGB', async () => {
    const { openPixels } = await import('./codecs/sharp.ts');
    for (const pixels of [PHOTO, inGrey(PHOTO)]) {
      const tagged = await openPixels(pixels).withIccProfile('srgb').png().toBuffer();
      const source = await inspect(tagged, DEFAULT_LIMITS);
      assert.ok(source.embedded.icc);
      assert.equal(source.wideGamut, false);
    }
  });
});

describe('what is no image that the engine reads', () => {
  for (const [name, bytes] of Object.entries(NO_IMAGES)) {
    it(`declines ${name}`, async () => {
      await assert.rejects(
        inspect(bytes, DEFAULT_LIMITS),
        (error) => error instanceof Decline && ['unsupported', 'corrupt'].includes(error.reason),
      );
    });
  }

  it('is named where it can be recognized', async () => {
    await declines(
      Buffer.from('\0\0\0\x14ftypmp42\0\0\0\0isom', 'latin1'),
      'unsupported',
      /a video or another media file/,
    );
    await declines(Buffer.from('\xff\x0a\0\0', 'latin1'), 'unsupported', /a JPEG XL image/);
  });

  it('is also a JPEG that no browser shows', async () => {
    const jpeg = await jpegFile(PHOTO);
    const frame = Buffer.from(jpeg).indexOf(Uint8Array.of(0xff, 0xc0));
    const patched = (offset: number, value: number) => {
      const copy = Uint8Array.from(jpeg);
      copy[frame + offset] = value;
      return copy;
    };
    await declines(patched(1, 0xc9), 'unsupported', /arithmetic/);
    await declines(patched(1, 0xc3), 'unsupported', /lossless/);
    await declines(patched(4, 12), 'unsupported', /12 bits/);
  });
});

describe('images that a result could not hold', () => {
  it('are animations', async () => {
    await declines(await animatedGif(TWO), 'would-lose-animation', /2 frames/);
    await declines(await animatedWebp(TWO), 'would-lose-animation', /2 frames/);
    await declines(await animatedPng(TWO), 'would-lose-animation', /2 frames/);
  });

  it('are not animations of one frame', async () => {
    assert.equal((await inspect(await animatedPng([PHOTO]), DEFAULT_LIMITS)).pages, 1);
  });

  it('are documents of several pages', async () => {
    await declines(await multiPageTiff(TWO), 'unsupported', /2 pages/);
  });

  it('tells of gain maps that a JPEG may keep', async () => {
    for (const file of [await gainMapJpeg(PHOTO), await appleGainMapJpeg(PHOTO)])
      assert.equal((await inspect(file, DEFAULT_LIMITS)).hasGainMap, true);
    assert.equal((await inspect(await jpegFile(PHOTO), DEFAULT_LIMITS)).hasGainMap, false);
  });

  it('are images of high dynamic range', async () => {
    await declines(await gainMapAvif(PHOTO), 'would-lose-hdr');
  });
});

describe('bombs', () => {
  it('are declined by their header, whatever is behind it', async () => {
    const jpeg = await jpegFile(PHOTO);
    const png = await pngFile(PHOTO);
    await declines(pngBomb(30_000, 30_000), 'too-large', /30000 x 30000/);
    await declines(gifBomb(), 'too-large', /65535 x 65535/);
    await declines(jpegClaiming(jpeg, 65_535, 65_535), 'too-large');
    await declines(pngClaiming(png, 65_536, 1), 'too-large', /65536/);
    await declines(pngClaiming(png, 2 ** 31 - 1, 2 ** 31 - 1), 'too-large');
  });

  it('are declined when a profile would grow beyond its limit', async () => {
    await declines(withProfileBomb(await pngFile(PHOTO), 64 << 20), 'too-large', /colour profile/);
    const limits = { ...DEFAULT_LIMITS, maxIccBytes: 100 };
    await declines(await wideGamutJpeg(PHOTO), 'too-large', /colour profile/, limits);
  });

  it('are images beyond the limits that the caller sets', async () => {
    const png = await pngFile(PHOTO);
    await declines(png, 'too-large', /50 x 30/, { ...DEFAULT_LIMITS, maxPixels: 1499 });
    await declines(png, 'too-large', /50 x 30/, { ...DEFAULT_LIMITS, maxSide: 49 });
    assert.ok(await inspect(png, { ...DEFAULT_LIMITS, maxPixels: 1500, maxSide: 50 }));
  });

  it('do not hide behind a size of nothing', async () => {
    await declines(pngClaiming(await pngFile(PHOTO), 0, 30), 'corrupt');
    await declines(jpegClaiming(await jpegFile(PHOTO), 0, 30), 'corrupt');
  });
});
