import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TiffOptions } from 'sharp';
import { floatTiff, multiPageTiff, tiffFile } from '../../../../test/images/files.ts';
import { mutants } from '../../../../test/images/fuzz.ts';
import { inGrey, logo, meanDifference, photo, screenshot } from '../../../../test/images/pixels.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, Decline, type Pixels, type Reason } from '../../contract.ts';
import { decode } from '../../decode.ts';
import { inspect } from '../../inspect.ts';
import { compare } from '../../judge.ts';
import { optimize } from '../../optimize.ts';
import { openPixels, openSamples } from '../sharp.ts';

const PHOTO = photo(67, 43);
const shown = (file: Uint8Array) => decode(file, DEFAULT_LIMITS);
const tiff = (pixels: Pixels, options: TiffOptions) => openPixels(pixels).tiff(options).toBuffer();

function declines(file: Uint8Array, reason: Reason, detail = /./): Promise<void> {
  return assert.rejects(
    shown(file),
    (error) => error instanceof Decline && error.reason === reason && detail.test(error.message),
  );
}

/** Where the value of a tag's entry stands in a little-endian TIFF's first directory. */
function valueAt(file: Buffer, tag: number): number {
  const start = file.readUInt32LE(4);
  for (let index = 0; index < file.readUInt16LE(start); index++) {
    const entry = start + 2 + 12 * index;
    if (file.readUInt16LE(entry) === tag) return entry + 8;
  }
  throw new Error(`no tag ${tag}`);
}

describe('TIFF', () => {
  it('is read however it is compressed, in strips, tiles and pyramids of 64-bit offsets', async () => {
    for (const options of [
      { compression: 'none' },
      { compression: 'lzw' },
      { compression: 'deflate' },
      { compression: 'packbits' },
      { compression: 'lzw', tile: true, tileWidth: 32, tileHeight: 32 },
      { compression: 'none', bigtiff: true },
      { compression: 'deflate', bigtiff: true, tile: true },
    ] as TiffOptions[])
      assert.equal(
        meanDifference(await shown(await tiff(PHOTO, options)), PHOTO),
        0,
        JSON.stringify(options),
      );
  });

  it('counts as lossy where JPEG or WebP is inside', async () => {
    for (const compression of ['jpeg', 'webp'] as const) {
      const file = await tiff(PHOTO, { compression, quality: 95 });
      assert.equal((await inspect(file, DEFAULT_LIMITS)).isLossless, false);
      assert.ok(meanDifference(await shown(file), PHOTO) < 5);
    }
  });

  it('is read in black and white, grey, with transparency, in CMYK and of 16 bits', async () => {
    const fax = openPixels(inGrey(screenshot(60, 40)))
      .toColourspace('b-w')
      .tiff({ compression: 'ccittfax4', bitdepth: 1 });
    const levels = new Set((await shown(await fax.toBuffer())).data);
    assert.deepEqual(
      [...levels].toSorted((a, b) => a - b),
      [0, 255],
    );
    const grey = await openPixels(inGrey(PHOTO)).toColourspace('b-w').tiff({ compression: 'lzw' }).toBuffer();
    assert.ok(meanDifference(await shown(grey), inGrey(PHOTO)) < 1);
    assert.equal(meanDifference(await shown(await tiffFile(logo(40, 40))), logo(40, 40)), 0);
    const cmyk = await openPixels(PHOTO).toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer();
    assert.ok(meanDifference(await shown(cmyk), PHOTO) < 8);
    const deep = Uint16Array.from(PHOTO.data, (level) => level * 257);
    const file = await openSamples(deep, 67, 43, 3)
      .toColourspace('rgb16')
      .tiff({ compression: 'lzw' })
      .toBuffer();
    assert.equal((await inspect(file, DEFAULT_LIMITS)).bitDepth, 16);
    assert.equal(meanDifference(await shown(file), PHOTO), 0);
  });

  it('is read of floating-point numbers, unless they are brighter than white', async () => {
    assert.ok(meanDifference(await shown(await floatTiff(PHOTO)), PHOTO) < 0.2);
    const bright = Buffer.from(await floatTiff(PHOTO));
    bright.writeFloatLE(3, 8 + 4 * 100);
    await declines(bright, 'would-lose-hdr');
    bright.writeFloatLE(Number.NaN, 8 + 4 * 100);
    await declines(bright, 'corrupt');
  });

  it('is its first page where that may stand for the whole, for a result and for its proof', async () => {
    const file = await multiPageTiff([photo(90, 70), photo(90, 70, 9)]);
    await declines(file, 'unsupported', /2 pages/);
    const outcome = await optimize(file, { ...DEFAULT_OPTIONS, frames: 'first', targets: ['jpeg'] });
    assert.ok(outcome.status === 'done');
    const { data, score } = outcome.outputs[0]!;
    const proof = await compare(file, data, { limits: DEFAULT_LIMITS, transforms: { frames: 'first' } });
    assert.ok(Math.abs(proof.score - score) < 1e-6);
    assert.ok(meanDifference(await shown(data), photo(90, 70)) < 8);
  });

  it('is declined when its directories go round in a circle or lead nowhere', async () => {
    const file = Buffer.from(await tiffFile(PHOTO));
    const start = file.readUInt32LE(4);
    const next = start + 2 + 12 * file.readUInt16LE(start);
    const patched = (value: number) => {
      const copy = Buffer.from(file);
      copy.writeUInt32LE(value, next);
      return copy;
    };
    await declines(patched(start), 'corrupt', /earlier/);
    await declines(patched(file.length + 100), 'corrupt');
    const pages = Buffer.from(await multiPageTiff([PHOTO, PHOTO]));
    const second = pages.readUInt32LE(
      pages.readUInt32LE(4) + 2 + 12 * pages.readUInt16LE(pages.readUInt32LE(4)),
    );
    pages.writeUInt32LE(pages.readUInt32LE(4), second + 2 + 12 * pages.readUInt16LE(second));
    await declines(pages, 'corrupt', /earlier/);
  });

  it('is declined when its header lies, and says so of what is not read', async () => {
    const file = Buffer.from(await tiffFile(PHOTO));
    const patched = (tag: number, value: number) => {
      const copy = Buffer.from(file);
      copy.writeUInt16LE(value, valueAt(copy, tag));
      return copy;
    };
    await declines(patched(256, 60_000), 'corrupt');
    await declines(patched(257, 0), 'corrupt');
    await declines(patched(259, 50_000), 'unsupported', /50000/);
    await declines(patched(262, 32_803), 'unsupported');
    const huge = Buffer.from(await tiffFile(PHOTO));
    huge.writeUInt16LE(4, valueAt(huge, 256) - 6);
    huge.writeUInt32LE(4_000_000_000, valueAt(huge, 256));
    await declines(huge, 'too-large');
  });

  it('decodes or is declined, and nothing else, however it is damaged', async () => {
    const files = [
      await tiff(PHOTO, { compression: 'lzw', tile: true, tileWidth: 32, tileHeight: 32 }),
      await tiff(PHOTO, { compression: 'none', bigtiff: true }),
      await tiff(PHOTO, { compression: 'jpeg' }),
      await floatTiff(PHOTO),
    ];
    for (const file of files)
      for (const mutant of mutants(file, 6, 90))
        await decode(mutant, { ...DEFAULT_LIMITS, maxPixels: 1_000_000 }).catch((error) =>
          assert.ok(error instanceof Decline, String(error)),
        );
  });
});
