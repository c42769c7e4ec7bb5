/** Sources of more than 8 bits a sample, from the file to the result. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maskedBmp } from '../../test/images/bitmaps.ts';
import {
  avifFile,
  cicpChunk,
  deepPng,
  deepWideGamutPng,
  floatTiff,
  gammaChunk,
  pngFile,
  pngWith,
} from '../../test/images/files.ts';
import { heicFile } from '../../test/images/heic.ts';
import { flat, meanDifference, photo, slope } from '../../test/images/pixels.ts';
import { ADOBE_RGB, greyProfile, PROPHOTO, rgbProfile } from '../../test/images/profiles.ts';
import { CODECS } from './codecs/codecs.ts';
import { embeddedChunks } from './codecs/png/carrier.ts';
import { openImage, openSamples } from './codecs/sharp.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_OPTIONS,
  type OptimizeOptions,
  type Output,
  type Pixels,
  transformsOf,
} from './contract.ts';
import { decode } from './decode.ts';
import { deepPixels, samePixels, shallow, widen } from './depth.ts';
import { gatedScore } from './gate.ts';
import { compare, createJudge } from './judge.ts';
import { optimize } from './optimize.ts';
import { closeUp, takeSample } from './sample.ts';
import { flatten } from './transform/flatten.ts';
import { transform } from './transform/transform.ts';

const PHOTO = photo(67, 43);
const shown = (file: Uint8Array) => decode(file, DEFAULT_LIMITS, 'all', 16);

/** In levels of 8 bits. */
const levelsOf = ({ data, deep }: Pixels) =>
  Float64Array.from(deep ?? data, (level) => (deep ? level / 257 : level));

/** The largest difference of two images, in levels of 8 bits. */
function farthest(a: Pixels, b: Pixels): number {
  const others = levelsOf(b);
  return levelsOf(a).reduce((most, level, at) => Math.max(most, Math.abs(level - others[at]!)), 0);
}

/** The mean one. */
function apart(a: Pixels, b: Pixels): number {
  const others = levelsOf(b);
  return levelsOf(a).reduce((sum, level, at) => sum + Math.abs(level - others[at]!), 0) / others.length;
}

describe('decoding deep sources', () => {
  it('gives all bits of a sample to who asks for them, and rounds them for others', async () => {
    for (const channels of [3, 4] as const) {
      const pixels = slope(90, 70, channels);
      assert.ok(samePixels(await shown(await deepPng(pixels)), pixels));
      assert.deepEqual(await decode(await deepPng(pixels), DEFAULT_LIMITS), shallow(pixels));
    }
    assert.equal((await shown(await pngFile(PHOTO))).deep, undefined);
  });

  it('gives 8 bits where a file says no more with its 16', async () => {
    const { deep } = await shown(await deepPng({ ...PHOTO, deep: widen(PHOTO.data) }));
    assert.equal(deep, undefined);
  });

  it('keeps transparency that 8 bits would round off', async () => {
    const hardly = deepPixels(
      slope(20, 20, 4).deep!.map((level, at) => (at % 4 === 3 ? 65_534 : level)),
      { width: 20, height: 20, channels: 4 },
    );
    assert.equal((await shown(await deepPng(hardly))).channels, 4);
    assert.equal((await decode(await deepPng(hardly), DEFAULT_LIMITS)).channels, 3);
  });

  it('reads more than 8 bits from every format that has them', async () => {
    for (const file of [
      maskedBmp(PHOTO, { bits: 32, masks: [0x3ff00000, 0xffc00, 0x3ff, 0] }),
      await CODECS.avif.lossy.encode(PHOTO, 90, 'search'),
      heicFile({ deep: true }),
    ]) {
      const pixels = await shown(file);
      assert.ok(pixels.deep);
      assert.ok(farthest(pixels, await decode(file, DEFAULT_LIMITS)) <= 0.5);
    }
    assert.ok((await shown(await floatTiff(slope(30, 20)))).deep);
    assert.equal((await shown(await avifFile(PHOTO))).deep, undefined);
  });

  it('keeps white and black of 10 bits where they are', async () => {
    for (const level of [0, 255]) {
      const file = await CODECS.avif.lossy.encode(flat(16, 16, [level, level, level]), 100, 'search');
      assert.ok(samePixels(await shown(file), flat(16, 16, [level, level, level])));
    }
  });

  it('converts to sRGB what 8 bits are converted to, whatever says what the colours are', async () => {
    const deep = await deepPng(PHOTO);
    for (const file of [
      await deepWideGamutPng(PHOTO),
      pngWith(deep, embeddedChunks({ icc: rgbProfile(ADOBE_RGB) })),
      pngWith(deep, embeddedChunks({ icc: rgbProfile(PROPHOTO) })),
      pngWith(deep, [gammaChunk(0.7)]),
      pngWith(deep, [cicpChunk(12, 13)]),
    ]) {
      const pixels = await shown(file);
      assert.ok(pixels.deep);
      const off = apart(pixels, await decode(file, DEFAULT_LIMITS));
      assert.ok(off > 0 && off < 0.5, `${off}`);
    }
  });

  it('applies a profile for grey, as to 8 bits', async () => {
    const levels = Uint8Array.from({ length: 256 }, (_, level) => level);
    const grey = async (samples: Uint8Array | Uint16Array) => {
      const space = samples instanceof Uint16Array ? 'grey16' : 'b-w';
      const plain = await openSamples(samples, 256, 1, 1).toColourspace(space).png().toBuffer();
      return pngWith(plain, embeddedChunks({ icc: greyProfile(1.5) }));
    };
    const [deep, expected] = [await shown(await grey(widen(levels))), await shown(await grey(levels))];
    assert.ok(apart(deep, expected) < 0.5, `${apart(deep, expected)}`);
    const rounded = await decode(await grey(widen(levels)), DEFAULT_LIMITS);
    assert.ok(apart(rounded, expected) < 0.5);
    assert.ok(
      meanDifference(rounded, { ...rounded, data: rounded.data.map((_, at) => Math.floor(at / 3)) }) > 5,
    );
  });
});

describe('what is made of deep pixels', () => {
  it('is deep when it is cropped, turned, resized or flattened, and shows what 8 bits show', async () => {
    for (const pixels of [slope(90, 70), slope(90, 70, 4)]) {
      const ways: Parameters<typeof transform>[1][] = [
        { crop: { x: 10, y: 20, width: 30, height: 40 } },
        ...(['90', '180', 'flop', 'flip', 'transpose', 'transverse'] as const).map((turn) => ({ turn })),
        { resize: { width: 40, fit: 'inside' } },
        { resize: { width: 30, height: 30, fit: 'cover', gravity: 'smart' } },
      ];
      for (const how of ways) {
        const deep = await transform(pixels, how, DEFAULT_LIMITS);
        const plain = await transform(shallow(pixels), how, DEFAULT_LIMITS);
        assert.ok(deep.deep, JSON.stringify(how));
        assert.deepEqual([deep.width, deep.height], [plain.width, plain.height]);
        // sharp cuts off what is behind the point of 8 bits.
        assert.ok(
          farthest(deep, plain) < (how.resize ? 2.5 : 0.51),
          `${JSON.stringify(how)} ${farthest(deep, plain)}`,
        );
        assert.ok(deep.deep.some((level) => level % 257 !== 0));
      }
    }
    const flattened = flatten(slope(30, 20, 4), '#4080c0');
    assert.ok(flattened.deep && flattened.channels === 3);
    assert.ok(farthest(flattened, flatten(shallow(slope(30, 20, 4)), '#4080c0')) < 1.5);
  });

  it('is deep in the parts that stand for the whole', () => {
    const pixels = slope(900, 700);
    const { pixels: sample } = takeSample(pixels)!;
    const { pixels: detail } = closeUp(pixels, { x: 128, y: 256, width: 128, height: 128 })!;
    for (const part of [sample, detail]) assert.deepEqual(deepPixels(part.deep!, part).data, part.data);
  });
});

const SKY = await deepPng(slope(320, 240));
const CLEAR_SKY = await deepPng(slope(320, 240, 4));

async function outputsOf(source: Uint8Array, over: Partial<OptimizeOptions>): Promise<Output[]> {
  const outcome = await optimize(source, { ...DEFAULT_OPTIONS, background: '#204060', ...over });
  assert.ok(outcome.status === 'done', JSON.stringify(outcome));
  return outcome.outputs;
}

const bitsOf = async (file: Uint8Array) =>
  (await openImage(file, DEFAULT_LIMITS).metadata()).depth === 'ushort' ? 16 : 8;

describe('results of deep sources', () => {
  it('are judged against all bits of the source, and measured again to the same numbers', async () => {
    for (const source of [SKY, CLEAR_SKY]) {
      for (const target of ['avif', 'webp', 'jpeg', 'png'] as const) {
        // So dark and smooth a JPEG of 8 bits is refused for what people would see of it.
        const gate = target === 'jpeg' ? 'any' : 'smaller';
        const [output] = await outputsOf(source, { targets: [target], gate });
        const again = await compare(source, output!.data, {
          limits: DEFAULT_LIMITS,
          transforms: transformsOf({ background: '#204060' }),
        });
        assert.equal(output!.format, target);
        assert.deepEqual([output!.score, output!.worstTile], [again.score, again.worstTile]);
        assert.deepEqual(output!.visibility, again.visibility);
        assert.ok(gatedScore(again) >= DEFAULT_OPTIONS.floor, `${target} ${gatedScore(again)}`);
      }
    }
  });

  it('score less than perfect when they are the source rounded to 8 bits', async () => {
    const rounded = await pngFile(slope(320, 240));
    const { score } = await compare(SKY, rounded, { limits: DEFAULT_LIMITS });
    assert.ok(score > 85 && score < 97, `${score}`);
    assert.equal((await compare(rounded, rounded, { limits: DEFAULT_LIMITS })).score, 100);
    const judge = createJudge(slope(320, 240), DEFAULT_LIMITS);
    assert.equal(await judge.sees(rounded), false);
    assert.equal(await judge.sees(SKY), true);
    judge.release();
  });

  it('of 10 bits come closer to the source than any of 8 bits can', async () => {
    const judge = createJudge(slope(320, 240), DEFAULT_LIMITS);
    const { score } = await judge.judge(await CODECS.avif.lossy.encode(slope(320, 240), 90, 'search'));
    const rounded = await judge.judge(await pngFile(slope(320, 240)));
    judge.release();
    assert.ok(score > rounded.score + 1, `${score} ${rounded.score}`);
  });

  it('keep 16 bits when nothing may be lost, also cropped, turned or resized', async () => {
    for (const over of [
      {},
      { crop: { x: 10, y: 20, width: 200, height: 180 } },
      { turn: '90' },
      { resize: { width: 160, fit: 'inside' } },
    ] as Partial<OptimizeOptions>[]) {
      const [output] = await outputsOf(CLEAR_SKY, { ...over, fidelity: 'lossless' });
      const [pixels, expected] = [
        await shown(output!.data),
        await transform(await shown(CLEAR_SKY), over, DEFAULT_LIMITS),
      ];
      assert.equal(await bitsOf(output!.data), 16);
      assert.ok(samePixels(pixels, expected), JSON.stringify(over));
      assert.equal(output!.score, 100);
    }
  });

  it('are not called lossless in formats that hold 8 bits', async () => {
    for (const target of ['webp', 'gif'] as const) {
      const crop = { x: 0, y: 0, width: 100, height: 100 };
      const outcome = await optimize(SKY, {
        ...DEFAULT_OPTIONS,
        targets: [target],
        fidelity: 'lossless',
        crop,
      });
      if (outcome.status === 'done') assert.notEqual(outcome.outputs[0]!.quality, null);
      else assert.equal(outcome.reason, 'below-floor');
    }
  });

  it('may have 8 bits without loss where 16 said no more', async () => {
    const source = await deepPng({ ...photo(200, 150), deep: widen(photo(200, 150).data) });
    const [output] = await outputsOf(source, { fidelity: 'lossless' });
    assert.ok(samePixels(await shown(output!.data), photo(200, 150)));
    assert.equal(await bitsOf(output!.data), 8);
  });
});
