import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mutants } from '../../../../test/images/fuzz.ts';
import { heicFile, quarters, TILE_SIDE } from '../../../../test/images/heic.ts';
import { flat, meanDifference, storedFor } from '../../../../test/images/pixels.ts';
import { carry } from '../../carry.ts';
import { DEFAULT_LIMITS, Decline, type Pixels, type Reason } from '../../contract.ts';
import { decode, decodeNative } from '../../decode.ts';
import { inspect } from '../../inspect.ts';
import { exifOrientation, orientationExif } from '../exif.ts';
import { openPixels } from '../sharp.ts';

const PICTURE = quarters();
const shown = (file: Uint8Array) => decode(file, DEFAULT_LIMITS);

function looksLike(pixels: Pixels, expected: Pixels): void {
  assert.deepEqual(
    [pixels.width, pixels.height, pixels.channels],
    [expected.width, expected.height, expected.channels],
  );
  const difference = meanDifference(pixels, expected);
  assert.ok(difference < 2, `differs by ${difference}`);
}

function declines(file: Uint8Array, reason: Reason): Promise<void> {
  return assert.rejects(shown(file), (error) => error instanceof Decline && error.reason === reason);
}

function colourAt({ data, width, channels }: Pixels, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * channels, (y * width + x + 1) * channels)];
}

describe('HEIC', () => {
  it('is shown as it was coded, of 8 and of 10 bits', async () => {
    looksLike(await shown(heicFile()), PICTURE);
    looksLike(await shown(heicFile({ deep: true })), PICTURE);
    assert.equal((await inspect(heicFile({ deep: true }), DEFAULT_LIMITS)).bitDepth, 10);
  });

  it('is turned and mirrored by its own properties, and not again by EXIF', async () => {
    const exif = orientationExif(6);
    for (const [turn, orientation] of [
      [1, 6],
      [2, 3],
      [3, 8],
    ] as const)
      looksLike(await shown(heicFile({ turn, exif })), storedFor(PICTURE, orientation));
    looksLike(await shown(heicFile({ mirror: 'flop' })), storedFor(PICTURE, 2));
    looksLike(await shown(heicFile({ mirror: 'flip' })), storedFor(PICTURE, 4));
    const source = await inspect(heicFile({ exif }), DEFAULT_LIMITS);
    assert.deepEqual([source.orientation, exifOrientation(source.embedded.exif)], [1, 6]);
  });

  it('is cropped to its clean aperture', async () => {
    const pixels = await shown(heicFile({ clean: { width: 40, height: 20 } }));
    assert.deepEqual([pixels.width, pixels.height], [40, 20]);
    assert.ok(Math.abs(colourAt(pixels, 5, 5)[0]! - 220) < 4);
    const turned = await inspect(heicFile({ clean: { width: 40, height: 20 }, turn: 1 }), DEFAULT_LIMITS);
    assert.deepEqual([turned.facts.width, turned.facts.height], [20, 40]);
  });

  it('is put together of tiles', async () => {
    const pixels = await shown(heicFile({ grid: true }));
    assert.deepEqual([pixels.width, pixels.height], [2 * TILE_SIDE, 2 * TILE_SIDE]);
    for (const [x, y] of [
      [0, 0],
      [TILE_SIDE, 0],
      [0, TILE_SIDE],
      [TILE_SIDE, TILE_SIDE],
    ] as const)
      assert.ok(Math.abs(colourAt(pixels, x + 10, y + 10)[0]! - 220) < 4);
  });

  it('has the transparency of its auxiliary image', async () => {
    const pixels = await shown(heicFile({ alpha: true }));
    assert.equal(pixels.channels, 4);
    const [opaque, half] = [colourAt(pixels, 10, 10), colourAt(pixels, 50, 10)];
    assert.ok(opaque[3]! > 252 && Math.abs(half[3]! - 128) < 3, `${opaque[3]} ${half[3]}`);
    assert.ok(Math.abs(half[1]! - 170) < 5);
  });

  it('is its primary image, whichever stands first', async () => {
    looksLike(await shown(heicFile({ decoy: true })), PICTURE);
  });

  it('is converted from its profile, or from the primaries that it names', async () => {
    const tagged = await openPixels(flat(4, 4, [0, 0, 0]))
      .withIccProfile('p3')
      .jpeg()
      .toBuffer();
    const { icc } = (await inspect(tagged, DEFAULT_LIMITS)).embedded;
    for (const file of [
      heicFile({ icc: icc! }),
      heicFile({ nclx: [12, 13] }),
      heicFile({ icc: icc!, deep: true }),
    ]) {
      const [red, green] = colourAt(await shown(file), 10, 10);
      assert.ok(red! > 230 && green! < 25, `${red} ${green}`);
    }
    const native = await decodeNative(await carry(await inspect(heicFile({ icc: icc! }), DEFAULT_LIMITS)));
    looksLike(native, PICTURE);
  });

  it('is declined where a result would lose its light', async () => {
    await declines(heicFile({ nclx: [9, 16] }), 'would-lose-hdr');
    await declines(heicFile({ nclx: [9, 18] }), 'would-lose-hdr');
    await declines(heicFile({ auxiliary: 'urn:com:apple:photo:2020:aux:hdrgainmap' }), 'would-lose-hdr');
    assert.ok(await shown(heicFile({ auxiliary: 'urn:com:apple:photo:2018:aux:portraiteffectsmatte' })));
  });

  it('is declined before it is decoded when any part of it is too large', async () => {
    await declines(heicFile({ claimed: [30_000, 30_000] }), 'too-large');
    await declines(heicFile({ claimed: [30_000, 30_000], clean: { width: 8, height: 8 } }), 'too-large');
    await declines(heicFile({ claimed: [30_000, 30_000], grid: true }), 'too-large');
  });

  it('is declined when it is not as large as it says', async () => {
    await declines(heicFile({ claimed: [128, 64] }), 'corrupt');
  });

  it('is declined wherever it is cut', async () => {
    const whole = heicFile({ alpha: true });
    for (let length = 24; length < whole.length; length += 37)
      await declines(whole.subarray(0, length), 'corrupt');
  });

  it('decodes or is declined, and nothing else, however it is damaged', async () => {
    for (const shape of [{}, { grid: true, alpha: true, deep: true }])
      for (const mutant of mutants(heicFile(shape), 11, 120))
        await shown(mutant).catch((error) => assert.ok(error instanceof Decline, String(error)));
  });
});
