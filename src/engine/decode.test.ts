import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jpegClaiming, mutations, pngClaiming, truncations } from '../../test/images/broken.ts';
import {
  avifFile,
  cicpChunk,
  cmykJpeg,
  deepPng,
  deepWideGamutPng,
  gammaChunk,
  gifFile,
  jpegFile,
  orientedJpeg,
  orientedPng,
  orientedTiff,
  orientedWebp,
  pngFile,
  pngWith,
  tiffFile,
  turnedAvif,
  webpFile,
  wideGamutJpeg,
  wideGamutPng,
} from '../../test/images/files.ts';
import {
  flat,
  inGrey,
  logo,
  meanDifference,
  photo,
  screenshot,
  storedFor,
} from '../../test/images/pixels.ts';
import { DEFAULT_LIMITS, Decline, type Pixels } from './contract.ts';
import { decode, decodeNative } from './decode.ts';
import { inspect } from './inspect.ts';

const PHOTO = photo(67, 43);
const FEW_COLOURS = screenshot(60, 40);

const shown = (bytes: Uint8Array) => decode(bytes, DEFAULT_LIMITS);

function assertLooksLike(actual: Pixels, expected: Pixels, tolerance = 5): void {
  const difference = meanDifference(actual, expected);
  assert.ok(difference <= tolerance, `the mean difference is ${difference}`);
}

describe('decoding', () => {
  for (const [name, make] of Object.entries({ orientedJpeg, orientedPng, orientedWebp, orientedTiff })) {
    it(`turns every orientation upright (${name})`, async () => {
      for (let orientation = 1; orientation <= 8; orientation++) {
        assertLooksLike(await shown(await make(PHOTO, orientation)), PHOTO);
      }
    });
  }

  it('turns an AVIF as its own properties say', async () => {
    for (const [quarterTurns, orientation] of [
      [1, 8],
      [2, 3],
      [3, 6],
    ] as const) {
      const stored = storedFor(PHOTO, orientation);
      assertLooksLike(await shown(await turnedAvif(stored, quarterTurns)), PHOTO);
    }
  });

  it('gives the samples of lossless files as they are', async () => {
    for (const file of [
      await pngFile(PHOTO),
      await tiffFile(PHOTO),
      await webpFile(PHOTO, { lossless: true }),
      await deepPng(PHOTO),
    ]) {
      assertLooksLike(await shown(file), PHOTO, 0);
    }
    assertLooksLike(await shown(await gifFile(FEW_COLOURS)), FEW_COLOURS, 0);
  });

  it('converts wide gamut to sRGB, of 8 and of 16 bits', async () => {
    assertLooksLike(await shown(await wideGamutPng(PHOTO)), PHOTO, 1);
    assertLooksLike(await shown(await wideGamutJpeg(PHOTO)), PHOTO, 4);
    assertLooksLike(await shown(await deepWideGamutPng(PHOTO)), PHOTO, 1);
  });

  it('can leave pixels in the embedded profile’s space', async () => {
    const vivid = flat(8, 8, [220, 40, 30]);
    for (const file of [await wideGamutPng(vivid), await deepWideGamutPng(vivid)]) {
      const [red, green] = (await decodeNative(await inspect(file, DEFAULT_LIMITS))).data;
      assert.ok(red! < 215 && green! > 50, `${red} ${green}`);
    }
    const plain = await inspect(await pngFile(PHOTO), DEFAULT_LIMITS);
    assertLooksLike(await decodeNative(plain), PHOTO, 0);
  });

  it('honours PNG’s gamma where it is not that of sRGB', async () => {
    const middle = await pngFile(flat(8, 8, [128, 128, 128]));
    assert.equal((await shown(pngWith(middle, [gammaChunk(1)]))).data[0], 188);
    assert.equal((await shown(pngWith(middle, [gammaChunk(1 / 2.2)]))).data[0], 128);
    const declared = [gammaChunk(1), { type: 'sRGB', data: Uint8Array.of(0) }];
    assert.equal((await shown(pngWith(middle, declared))).data[0], 128);
  });

  it('honours the colour space that a PNG names by code points', async () => {
    const p3 = pngWith(await pngFile(flat(8, 8, [185, 71, 43])), [cicpChunk(12, 13)]);
    assertLooksLike(await shown(p3), flat(8, 8, [200, 60, 30]), 1);
  });

  it('converts CMYK to the colours that it stands for', async () => {
    assertLooksLike(await shown(await cmykJpeg(PHOTO)), PHOTO, 8);
  });

  it('gives three equal channels for grey, and a fourth channel only for transparency', async () => {
    const grey = inGrey(PHOTO);
    const greyJpeg = await shown(await jpegFile(grey, { grey: true }));
    assert.equal(greyJpeg.channels, 3);
    assertLooksLike(greyJpeg, grey);
    const opaque = {
      ...logo(20, 20),
      data: logo(20, 20).data.map((sample, at) => (at % 4 === 3 ? 255 : sample)),
    };
    assert.equal((await shown(await pngFile(opaque))).channels, 3);
    assert.equal((await shown(await pngFile(logo(20, 20)))).channels, 4);
  });

  it('keeps white and black of AVIF at 8 bits where they are', async () => {
    for (const level of [0, 255]) {
      const { data } = await shown(await avifFile(flat(16, 16, [level, level, level]), { quality: 100 }));
      assert.ok(data.every((sample) => sample === level));
    }
  });

  it('ignores what stands behind the end of an image', async () => {
    const garbage = Buffer.alloc(100, 'x');
    for (const file of [
      await jpegFile(PHOTO),
      await pngFile(PHOTO),
      await webpFile(PHOTO),
      await gifFile(PHOTO),
    ]) {
      assert.equal((await shown(Buffer.concat([file, garbage]))).width, 67);
    }
  });
});

describe('damaged files', () => {
  const files: Record<string, () => Promise<Uint8Array>> = {
    'a JPEG': () => jpegFile(PHOTO),
    'a progressive JPEG': () => jpegFile(PHOTO, { progressive: true }),
    'a PNG': () => pngFile(PHOTO),
    'a WebP': () => webpFile(PHOTO),
    'a lossless WebP': () => webpFile(PHOTO, { lossless: true }),
    'an AVIF': () => avifFile(PHOTO),
    'a GIF': () => gifFile(PHOTO),
    'a TIFF': () => tiffFile(PHOTO),
  };

  for (const [name, make] of Object.entries(files)) {
    it(`are declined when ${name} is cut anywhere`, async () => {
      const whole = await make();
      const nearlyWhole = [1, 2, 5, 11].map((missing) => whole.subarray(0, whole.length - missing));
      for (const part of [...truncations(whole), ...nearlyWhole]) {
        await assert.rejects(shown(part), (error) => error instanceof Decline && error.reason === 'corrupt');
      }
    });

    it(`decode or are declined, and nothing else, when ${name} has wrong bytes`, async () => {
      for (const damaged of mutations(await make(), 40)) {
        await shown(damaged).catch((error) => assert.ok(error instanceof Decline, String(error)));
      }
    });
  }

  it('are declined when the header promises more rows than there are', async () => {
    for (const file of [
      pngClaiming(await pngFile(PHOTO), 67, 44),
      jpegClaiming(await jpegFile(PHOTO), 67, 59),
    ]) {
      await assert.rejects(shown(file), (error) => error instanceof Decline && error.reason === 'corrupt');
    }
  });
});
