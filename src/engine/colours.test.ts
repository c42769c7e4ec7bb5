import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import {
  cicpChunk,
  cmykJpeg,
  deepPng,
  jpegFile,
  jpegWith,
  pngFile,
  pngWith,
} from '../../test/images/files.ts';
import { inGrey, meanDifference, photo } from '../../test/images/pixels.ts';
import { ADOBE_RGB, greyProfile, PROPHOTO, rgbProfile } from '../../test/images/profiles.ts';
import { embeddedChunks } from './codecs/png/carrier.ts';
import { findChunk, readChunks } from './codecs/png/chunks.ts';
import { openPixels } from './codecs/sharp.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_OPTIONS,
  type Decline,
  type OptimizeOptions,
  type Outcome,
  type Output,
  type Pixels,
} from './contract.ts';
import { decode } from './decode.ts';
import { gatedScore } from './gate.ts';
import { compare } from './judge.ts';
import { optimize } from './optimize.ts';

const PHOTO = photo(180, 120);

function run(file: Uint8Array, options: Partial<OptimizeOptions>): Promise<Outcome> {
  return optimize(file, { ...DEFAULT_OPTIONS, ...options });
}

async function only(file: Uint8Array, options: Partial<OptimizeOptions>): Promise<Output> {
  const outcome = await run(file, options);
  assert.equal(outcome.status, 'done', 'reason' in outcome ? outcome.detail : '');
  return (outcome as Outcome & { status: 'done' }).outputs[0]!;
}

/** As libvips and lcms show a file, without our decoder. */
async function managed(file: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(file)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: 3 };
}

/** A grey PNG of one component. */
async function greyPng(): Promise<Uint8Array> {
  return openPixels(inGrey(PHOTO)).toColourspace('b-w').png().toBuffer();
}

describe('colours of another space than sRGB', () => {
  const sources: Record<string, () => Promise<Uint8Array>> = {
    'an Adobe RGB JPEG': async () =>
      jpegWith(await jpegFile(PHOTO, { quality: 97, chroma: '4:4:4' }), { icc: rgbProfile(ADOBE_RGB) }),
    'a ProPhoto PNG': async () =>
      pngWith(await pngFile(PHOTO), embeddedChunks({ icc: rgbProfile(PROPHOTO) })),
    'a Display P3 PNG': async () => openPixels(PHOTO).withIccProfile('p3').png().toBuffer(),
    'a grey JPEG with a profile for grey': async () =>
      jpegWith(await jpegFile(PHOTO, { grey: true, quality: 97 }), { icc: greyProfile(1.5) }),
    'a grey PNG with a profile for grey': async () =>
      pngWith(await greyPng(), embeddedChunks({ icc: greyProfile(1.5) })),
    'a CMYK JPEG': () => cmykJpeg(PHOTO),
    'a CMYK JPEG with its profile': () =>
      openPixels(PHOTO).toColourspace('cmyk').keepIccProfile().jpeg({ quality: 95 }).toBuffer(),
    'a CMYK TIFF': () => openPixels(PHOTO).toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer(),
  };
  for (const [name, make] of Object.entries(sources)) {
    it(`of ${name} look the same in every format, with and without its profile`, async () => {
      const file = await make();
      const expected = await managed(file);
      for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
        for (const metadata of ['none', 'copyright', 'all'] as const) {
          const quality = 100;
          const { data } = await only(file, { targets: [format], metadata, quality, gate: 'any' });
          // sharp leaves what has 10 bits in another space than it says.
          const shown = format === 'avif' ? await decode(data, DEFAULT_LIMITS) : await managed(data);
          const difference = meanDifference(shown, expected);
          assert.ok(difference < 4, `${format} ${metadata}: ${difference}`);
        }
      }
    });
  }

  it('are not those that the samples would have without the profile', async () => {
    const file = await sources['a ProPhoto PNG']!();
    assert.ok(meanDifference(await managed(file), PHOTO) > 8);
  });
});

describe('CMYK that is to be kept', () => {
  /** Adobe's transform 2 makes the first three components YCC of inverted inks (Adobe technical note 5116). */
  async function ycckJpeg(): Promise<Uint8Array> {
    const file = Buffer.from(await cmykJpeg(PHOTO));
    const flag = file.indexOf('Adobe') + 11;
    assert.equal(file[flag], 0);
    file[flag] = 2;
    return file;
  }
  const sources: Record<string, () => Promise<Uint8Array>> = {
    'a CMYK JPEG': () => openPixels(PHOTO).toColourspace('cmyk').jpeg({ quality: 98 }).toBuffer(),
    'a YCCK JPEG': ycckJpeg,
    'a CMYK JPEG with its profile': () =>
      openPixels(PHOTO).toColourspace('cmyk').keepIccProfile().jpeg({ quality: 98 }).toBuffer(),
    'a CMYK TIFF': () => openPixels(PHOTO).toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer(),
  };
  for (const [name, make] of Object.entries(sources)) {
    it(`is a CMYK JPEG in the same colours, made of ${name}`, async () => {
      const file = await make();
      const { data } = await only(file, { cmyk: 'keep', quality: 95, gate: 'any', targets: ['auto'] });
      const [before, after] = [await sharp(file).metadata(), await sharp(data).metadata()];
      assert.deepEqual([after.format, after.space], ['jpeg', 'cmyk']);
      assert.deepEqual(after.icc, before.icc);
      const difference = meanDifference(await managed(data), await managed(file));
      assert.ok(difference < 3, `${difference}`);
    });
  }

  it('passes the gates like everything else', async () => {
    const output = await only(await sources['a CMYK JPEG']!(), { cmyk: 'keep' });
    assert.equal((await sharp(output.data).metadata()).space, 'cmyk');
    assert.ok(gatedScore(output) >= DEFAULT_OPTIONS.floor);
  });

  it('is resized, cropped and turned as CMYK', async () => {
    const file = await sources['a CMYK TIFF']!();
    const { data, score } = await only(file, {
      cmyk: 'keep',
      quality: 95,
      gate: 'any',
      targets: ['jpeg'],
      crop: { x: 20, y: 10, width: 120, height: 90 },
      resize: { width: 60, fit: 'inside' },
      turn: '90',
    });
    const { space, width, height } = await sharp(data).metadata();
    assert.deepEqual([space, width, height], ['cmyk', 45, 60]);
    assert.ok(score > 75, `${score}`);
  });

  it('is declined for formats that know no CMYK', async () => {
    const outcome = await run(await cmykJpeg(PHOTO), { cmyk: 'keep', targets: ['webp', 'png', 'avif'] });
    assert.ok(outcome.status === 'declined' && outcome.reason === 'unsupported');
  });

  it('is RGB unless that is asked, or nothing may be lost', async () => {
    const file = await sources['a CMYK JPEG']!();
    assert.equal((await sharp((await only(file, {})).data).metadata()).space, 'srgb');
    const lossless = await only(file, { fidelity: 'lossless' });
    assert.equal((await sharp(lossless.data).metadata()).space, 'cmyk');
  });
});

describe('a PNG of high dynamic range', () => {
  const light = { type: 'cLLI', data: Buffer.from([0, 0, 0x27, 0x10, 0, 0, 0x0b, 0xb8]) };
  const hdr = async (transfer: number) => pngWith(await deepPng(PHOTO), [cicpChunk(9, transfer), light]);

  it('is packed again without losing what says so', async () => {
    for (const transfer of [16, 18]) {
      for (const fidelity of ['lossless', 'lossy'] as const) {
        const file = await hdr(transfer);
        const { data, quality } = await only(file, { fidelity, targets: ['png'] });
        assert.equal(quality, null);
        for (const type of ['cICP', 'cLLI'])
          assert.deepEqual(findChunk(readChunks(data), type), findChunk(readChunks(file), type));
      }
    }
  });

  it('is compared with nothing but itself packed anew', async () => {
    const file = await hdr(16);
    const { data } = await only(file, { fidelity: 'lossless', targets: ['png'] });
    assert.equal((await compare(file, data, { limits: DEFAULT_LIMITS })).score, 100);
    const others = {
      'The reference': [file, await deepPng(PHOTO)],
      'The candidate': [await deepPng(PHOTO), file],
      'Both images': [file, await hdr(18)],
    };
    for (const [role, [a, b]] of Object.entries(others)) {
      await assert.rejects(compare(a!, b!, { limits: DEFAULT_LIMITS }), (error: Decline) => {
        return error.reason === 'would-lose-hdr' && error.message.startsWith(role);
      });
    }
    const darker = pngWith(await deepPng(photo(PHOTO.width, PHOTO.height, 7)), [cicpChunk(9, 16), light]);
    await assert.rejects(compare(file, darker, { limits: DEFAULT_LIMITS }), { reason: 'would-lose-hdr' });
  });

  it('is declined where it would become something else', async () => {
    for (const options of [
      { targets: ['avif' as const] },
      { targets: ['jpeg' as const, 'webp' as const] },
      { resize: { width: 50, fit: 'inside' as const } },
    ]) {
      const outcome = await run(await hdr(16), options);
      assert.ok(outcome.status === 'declined' && outcome.reason === 'would-lose-hdr');
    }
  });
});
