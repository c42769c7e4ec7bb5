import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bmpFile,
  iconBitmap,
  iconFile,
  maskedBmp,
  paletteBmp,
  runLengthBmp,
} from '../../../../test/images/bitmaps.ts';
import { pngFile } from '../../../../test/images/files.ts';
import { mutants } from '../../../../test/images/fuzz.ts';
import { flat, logo, meanDifference, photo, screenshot } from '../../../../test/images/pixels.ts';
import { carry } from '../../carry.ts';
import { DEFAULT_LIMITS, Decline, type Pixels, type Reason } from '../../contract.ts';
import { decode } from '../../decode.ts';
import { inspect } from '../../inspect.ts';
import { openPixels } from '../sharp.ts';

const PHOTO = photo(37, 23);
const FEW_COLOURS = screenshot(45, 30);
const shown = (file: Uint8Array) => decode(file, DEFAULT_LIMITS);

async function looksLike(file: Uint8Array, expected: Pixels, most = 0): Promise<void> {
  const pixels = await shown(file);
  const sizes = [pixels, expected].map(({ width, height, channels }) => [width, height, channels]);
  assert.deepEqual(sizes[0], sizes[1]);
  assert.ok(meanDifference(pixels, expected) <= most, `${meanDifference(pixels, expected)}`);
}

function declines(file: Uint8Array, reason: Reason): Promise<void> {
  return assert.rejects(shown(file), (error) => error instanceof Decline && error.reason === reason);
}

/** A copy with a number of 32 bits changed. */
function patched(file: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Buffer.from(file);
  copy.writeUInt32LE(value >>> 0, at);
  return copy;
}

function twoColours(width: number, height: number): Pixels {
  const pixels = flat(width, height, [250, 240, 10]);
  for (let at = 0; at < width * height; at += 3) pixels.data.set([10, 20, 90], at * 3);
  return pixels;
}

describe('BMP', () => {
  it('is read with headers of all versions, from the bottom up and from the top down', async () => {
    for (const headerBytes of [12, 16, 40, 52, 56, 64, 108, 124] as const)
      await looksLike(bmpFile(PHOTO, { headerBytes }), PHOTO);
    await looksLike(bmpFile(PHOTO, { topDown: true }), PHOTO);
  });

  it('is read with palettes of 1, 2, 4 and 8 bits', async () => {
    for (const bits of [1, 2, 4, 8] as const) {
      await looksLike(paletteBmp(twoColours(43, 9), bits), twoColours(43, 9));
      await looksLike(paletteBmp(twoColours(43, 9), bits, { topDown: true }), twoColours(43, 9));
      await looksLike(paletteBmp(twoColours(43, 9), bits, { headerBytes: 12 }), twoColours(43, 9));
    }
    await looksLike(paletteBmp(FEW_COLOURS, 4), FEW_COLOURS);
  });

  it('is read in runs, and shows through where runs leave pixels out', async () => {
    await looksLike(runLengthBmp(FEW_COLOURS), FEW_COLOURS);
    const skipping = Buffer.from(runLengthBmp(flat(8, 2, [1, 2, 3])));
    const runs = skipping.readUInt32LE(10);
    skipping.set([0, 2, 4, 0, 4, 0], runs);
    const { channels, data } = await shown(skipping.subarray(0, runs + 6 + 6));
    assert.equal(channels, 4);
    assert.deepEqual([data[8 * 4 + 3], data[12 * 4 + 3]], [0, 255]);
  });

  it('is read with channels of any bits', async () => {
    await looksLike(maskedBmp(PHOTO, { bits: 16 }), PHOTO, 3);
    await looksLike(maskedBmp(PHOTO, { bits: 16, masks: [0xf800, 0x7e0, 0x1f, 0] }), PHOTO, 3);
    await looksLike(maskedBmp(PHOTO, { bits: 32 }), PHOTO);
    await looksLike(maskedBmp(PHOTO, { bits: 32, masks: [0xff, 0xff00, 0xff0000, 0] }), PHOTO);
    const badge = logo(40, 30);
    const masks = [0xff000000, 0xff0000, 0xff00, 0xff] as [number, number, number, number];
    for (const headerBytes of [56, 108, 124] as const)
      await looksLike(maskedBmp(badge, { bits: 32, masks, headerBytes }), badge);
  });

  it('keeps channels of more than 8 bits at 16', async () => {
    const deep = maskedBmp(PHOTO, { bits: 32, masks: [0x3ff00000, 0xffc00, 0x3ff, 0] });
    assert.equal((await inspect(deep, DEFAULT_LIMITS)).bitDepth, 16);
    await looksLike(deep, PHOTO);
  });

  it('takes transparency that hides everything for none', async () => {
    const nothing = {
      ...logo(20, 20),
      data: logo(20, 20).data.map((level, at) => (at % 4 === 3 ? 0 : level)),
    };
    const file = maskedBmp(nothing, {
      bits: 32,
      masks: [0xff0000, 0xff00, 0xff, 0xff000000],
      headerBytes: 124,
    });
    assert.equal((await shown(file)).channels, 3);
  });

  it('is converted from the profile in it', async () => {
    const tagged = await openPixels(PHOTO).withIccProfile('p3').png().toBuffer();
    const source = await inspect(tagged, DEFAULT_LIMITS);
    const file = bmpFile(flat(8, 8, [200, 60, 30]), { headerBytes: 124, icc: source.embedded.icc! });
    const [red, green] = (await shown(file)).data;
    assert.ok(red! > 210 && green! < 50, `${red} ${green}`);
  });

  it('is declined when its header lies', async () => {
    const file = bmpFile(PHOTO);
    await declines(patched(file, 18, 0x7fffffff), 'too-large');
    await declines(patched(file, 22, 0x7fffffff), 'too-large');
    await declines(patched(file, 22, 0x80000000), 'too-large');
    await declines(patched(file, 18, -5), 'corrupt');
    await declines(patched(file, 22, 0), 'corrupt');
    await declines(patched(file, 22, 24), 'corrupt');
    await declines(patched(file, 26, 7), 'corrupt');
    await declines(patched(file, 26, (31 << 16) | 1), 'unsupported');
    await declines(patched(file, 30, 4), 'unsupported');
    await declines(patched(file, 10, 1 << 30), 'corrupt');
    await declines(patched(runLengthBmp(FEW_COLOURS), 22, -30), 'corrupt');
    await declines(maskedBmp(PHOTO, { bits: 32, masks: [0xff00ff, 0, 0, 0] }), 'corrupt');
  });

  it('is declined wherever it is cut, and never carries what stands behind it', async () => {
    for (const whole of [bmpFile(PHOTO), paletteBmp(FEW_COLOURS, 4), runLengthBmp(FEW_COLOURS)])
      for (let length = 20; length < whole.length - 4; length += 97)
        await declines(whole.subarray(0, length), 'corrupt');
    const tailed = Buffer.concat([bmpFile(PHOTO), Buffer.from('<?php tail')]);
    const { bytes } = await carry(await inspect(tailed, DEFAULT_LIMITS));
    assert.equal(Buffer.from(bytes).indexOf('<?php'), -1);
  });

  it('decodes or is declined, and nothing else, however it is damaged', async () => {
    const masks = [0xff0000, 0xff00, 0xff, 0xff000000] as [number, number, number, number];
    const files = [
      bmpFile(PHOTO),
      paletteBmp(FEW_COLOURS, 4),
      runLengthBmp(FEW_COLOURS),
      maskedBmp(PHOTO, { bits: 32, masks, headerBytes: 124 }),
    ];
    for (const file of files)
      for (const mutant of mutants(file, 3, 150))
        await decode(mutant, { ...DEFAULT_LIMITS, maxPixels: 100_000 }).catch((error) =>
          assert.ok(error instanceof Decline, String(error)),
        );
  });
});

describe('a Windows icon', () => {
  it('is its largest image, then its deepest', async () => {
    const small = iconBitmap(photo(16, 16));
    const large = iconBitmap(photo(32, 32, 8), () => false);
    await looksLike(iconFile([small, large, small]), photo(32, 32, 8));
    await looksLike(iconFile([{ ...small, width: 32, height: 32, bits: 4 }, large]), photo(32, 32, 8));
    const png = { width: 256, height: 256, bits: 32, data: await pngFile(logo(256, 256)) };
    await looksLike(iconFile([large, png]), logo(256, 256));
  });

  it('is cut out by its mask, unless it has transparency of its own', async () => {
    const { channels, data } = await shown(iconFile([iconBitmap(photo(20, 10), (at) => at < 20)]));
    assert.deepEqual([channels, data[3], data[20 * 4 + 3]], [4, 0, 255]);
    await looksLike(iconFile([iconBitmap(logo(32, 32), () => true)]), logo(32, 32));
  });

  it('is declined when its image lies outside, is cut or has no rows', async () => {
    const file = iconFile([iconBitmap(photo(20, 10))]);
    await declines(patched(file, 18, 1 << 30), 'corrupt');
    await declines(patched(file, 14, 1 << 30), 'corrupt');
    await declines(patched(file, 22 + 8, 1), 'corrupt');
    for (let length = 23; length < file.length; length += 61)
      await declines(file.subarray(0, length), 'corrupt');
  });

  it('decodes or is declined, and nothing else, however it is damaged', async () => {
    const png = { width: 48, height: 48, bits: 32, data: await pngFile(logo(48, 48)) };
    for (const file of [iconFile([iconBitmap(logo(32, 32))]), iconFile([iconBitmap(photo(16, 16)), png])])
      for (const mutant of mutants(file, 4, 150))
        await decode(mutant, { ...DEFAULT_LIMITS, maxPixels: 100_000 }).catch((error) =>
          assert.ok(error instanceof Decline, String(error)),
        );
  });
});
