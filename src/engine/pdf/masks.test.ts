import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { drawPdf } from '../../../test/images/pdf-drawn.ts';
import { onePage, type PdfObject, pdfOf } from '../../../test/images/pdf-objects.ts';
import { noise, photo } from '../../../test/images/pixels.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions, type Output } from '../contract.ts';
import { gatedScore } from '../gate.ts';
import { compare } from '../judge.ts';
import { optimize } from '../optimize.ts';
import { alphaAt } from './masks.ts';

const SIDE = 256;
/** A photo, and noise in its right half, which takes by far the most bytes to look right. */
const RGB = Buffer.from(photo(SIDE, SIDE).data);
const NOISE = noise(SIDE, SIDE).data;
for (let y = 0; y < SIDE; y++)
  for (let at = (y * SIDE + SIDE / 2) * 3; at < (y + 1) * SIDE * 3; at++) RGB[at] = NOISE[at]!;

/** Of `bits` a sample, the left half of one level, the right of another. */
function halves(side: number, bits: number, left: number, right: number): Buffer {
  const half = (side * bits) / 16;
  const row = Buffer.concat([Buffer.alloc(half, left), Buffer.alloc(half, right)]);
  return Buffer.concat(Array<Buffer>(side).fill(row));
}

interface Masking {
  name: string;
  entry: 'SMask' | 'Mask';
  side: number;
  said: string;
  /** Given what is left of each half. */
  data(left: number, right: number): Buffer | Promise<Buffer>;
}
const GREY = '/ColorSpace/DeviceGray/BitsPerComponent';
const flate = (samples: Buffer) => deflateSync(samples);
const MASKINGS: Masking[] = [
  {
    name: 'a soft mask',
    entry: 'SMask',
    side: SIDE,
    said: `${GREY} 8/Filter/FlateDecode`,
    data: (left, right) => flate(halves(SIDE, 8, left, right)),
  },
  {
    name: 'a soft mask that is turned round, of another size',
    entry: 'SMask',
    side: 64,
    said: `${GREY} 8/Filter/FlateDecode/Decode[1 0]`,
    data: (left, right) => flate(halves(64, 8, 255 - left, 255 - right)),
  },
  {
    name: 'a soft mask of 2 bits',
    entry: 'SMask',
    side: 512,
    said: `${GREY} 2/Filter/FlateDecode`,
    data: (left, right) => flate(halves(512, 2, left, right)),
  },
  {
    name: 'a soft mask of 16 bits',
    entry: 'SMask',
    side: SIDE,
    said: `${GREY} 16/Filter/FlateDecode`,
    data: (left, right) => flate(halves(SIDE, 16, left, right)),
  },
  {
    name: 'a soft mask that is a JPEG',
    entry: 'SMask',
    side: SIDE,
    said: `${GREY} 8/Filter/DCTDecode`,
    data: (left, right) =>
      sharp(halves(SIDE, 8, left, right), { raw: { width: SIDE, height: SIDE, channels: 1 } })
        .toColourspace('b-w')
        .jpeg({ quality: 100 })
        .toBuffer(),
  },
  {
    name: 'a stencil',
    entry: 'Mask',
    side: SIDE,
    said: '/ImageMask true/BitsPerComponent 1/Filter/FlateDecode',
    data: (left, right) => flate(halves(SIDE, 1, 255 - left, 255 - right)),
  },
  {
    name: 'a stencil that is turned round',
    entry: 'Mask',
    side: SIDE,
    said: '/ImageMask true/BitsPerComponent 1/Filter/FlateDecode/Decode[1 0]',
    data: (left, right) => flate(halves(SIDE, 1, left, right)),
  },
];

const DRAWN = { page: '/Resources<</XObject<</Im 5 0 R>>>>' };
function page(entries: string, ...beside: PdfObject[]): Uint8Array {
  const said = `/Type/XObject/Subtype/Image/Width ${SIDE}/Height ${SIDE}/ColorSpace/DeviceRGB/BitsPerComponent 8`;
  const picture = { dictionary: `${said}/Filter/FlateDecode${entries}`, data: deflateSync(RGB) };
  return pdfOf([...onePage('q 144 0 0 72 0 0 cm /Im Do Q', DRAWN), picture, ...beside]);
}

async function masked(
  { entry, side, said, data }: Masking,
  left: number,
  right: number,
): Promise<Uint8Array> {
  const dictionary = `/Type/XObject/Subtype/Image/Width ${side}/Height ${side}${said}`;
  return page(`/${entry} 6 0 R`, { dictionary, data: await data(left, right) });
}

async function smaller(bytes: Uint8Array, options: Partial<OptimizeOptions> = {}): Promise<Output> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, effort: 'fast', ...options });
  assert.ok(outcome.status === 'done', JSON.stringify(outcome));
  return outcome.outputs[0]!;
}

describe('an image that is seen through a mask', () => {
  for (const masking of MASKINGS) {
    it(`is judged by what is seen of it, through ${masking.name}`, async () => {
      const bytes = await masked(masking, 255, 0);
      const [photoSeen, noiseSeen] = [await smaller(bytes), await smaller(await masked(masking, 0, 255))];
      assert.ok(
        photoSeen.data.length < noiseSeen.data.length * 0.8,
        `${photoSeen.data.length} ${noiseSeen.data.length}`,
      );
      assert.ok(gatedScore(photoSeen) >= DEFAULT_OPTIONS.floor);
      const { score, visibility } = await compare(bytes, photoSeen.data, { limits: DEFAULT_LIMITS });
      assert.deepEqual([score, visibility], [photoSeen.score, photoSeen.visibility]);
    });

    it(`is drawn by another program as it was judged, through ${masking.name}`, async (t) => {
      const { data } = await smaller(await masked(masking, 255, 0));
      const drawn = drawPdf(data);
      if (!drawn) return t.skip('pdftoppm is not installed');
      // 80 x 40 pixels behind a header; white paper where nothing is seen.
      const row = drawn.subarray(drawn.length - 80 * 3);
      assert.ok(row.subarray(42 * 3).every((level) => level === 255));
      assert.ok(row.subarray(0, 38 * 3).some((level) => level < 230));
    });
  }

  it('is judged as a whole where nothing or all of it is seen', async () => {
    const [soft] = MASKINGS as [Masking];
    const plain = await smaller(page(''));
    for (const level of [0, 255]) {
      const output = await smaller(await masked(soft, level, level));
      assert.deepEqual([output.score, output.quality], [plain.score, plain.quality]);
    }
  });

  it('may become as small as it is drawn, and is then verified so', async () => {
    const bytes = await masked(MASKINGS[1]!, 255, 100);
    const output = await smaller(bytes, { imageDpi: 50 });
    const transforms = { imageDpi: 50 };
    const { score } = await compare(bytes, output.data, { limits: DEFAULT_LIMITS, transforms });
    assert.equal(score, output.score);
  });
});

describe('a mask at another size', () => {
  it('is the mean of what lies over a pixel, or the nearest', () => {
    const mask = { width: 4, height: 2, levels: Uint8Array.of(0, 255, 255, 255, 0, 255, 0, 0) };
    assert.deepEqual([...alphaAt(mask, 2, 1)], [128, 128]);
    assert.deepEqual([...alphaAt(mask, 4, 2)], [...mask.levels]);
    assert.deepEqual([...alphaAt(mask, 8, 1)], [0, 0, 255, 255, 128, 128, 128, 128]);
  });
});
