import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { gifAnimation, overlapping } from '../../../test/images/animated-gif.ts';
import { animatedPng, animatedWebp, pngWith } from '../../../test/images/files.ts';
import { CAMERA_XMP, CREDITS, cameraExif, SECRETS } from '../../../test/images/metadata.ts';
import { screenshot } from '../../../test/images/pixels.ts';
import { NOTHING_EMBEDDED } from '../codecs/header.ts';
import { embeddedChunks } from '../codecs/png/carrier.ts';
import { writeAnimatedWebp } from '../codecs/webp/animation.ts';
import { readRiffChunks } from '../codecs/webp/chunks.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_OPTIONS,
  METADATA_POLICIES,
  type MetadataPolicy,
  type OptimizeOptions,
} from '../contract.ts';
import { inspectFrames } from '../inspect.ts';
import { compare } from '../judge.ts';
import { optimize } from '../optimize.ts';

const FRAMES = [1, 2, 3].map((seed) => screenshot(48, 36, seed));
const REMARK = 'A remark about Jane Owner';
const P3 = await profileOf('p3');
const RESIZE = { width: 40, fit: 'inside' } as const;

async function profileOf(name: string): Promise<Uint8Array> {
  const grey = sharp({ create: { width: 8, height: 8, channels: 3, background: 'grey' } });
  const { icc } = await sharp(await grey.withIccProfile(name).png().toBuffer()).metadata();
  return icc!;
}

/** Each with all that its format can carry. @param icc of which frames are drawn in. */
const SOURCES = {
  gif: async () => {
    const plain = gifAnimation({ ...overlapping([1, 2]), comment: REMARK });
    const xmp = Buffer.concat([
      Buffer.from('\x21\xff\x0bXMP DataXMP', 'latin1'),
      CAMERA_XMP,
      Uint8Array.from({ length: 258 }, (_, at) => (at === 0 ? 1 : at === 257 ? 0 : 256 - at)),
    ]);
    return Buffer.concat([plain.subarray(0, 13 + 24), xmp, plain.subarray(13 + 24)]);
  },
  png: async (icc: Uint8Array | null = null) =>
    pngWith(await animatedPng(FRAMES), [
      ...embeddedChunks({ icc, xmp: CAMERA_XMP, exif: await cameraExif() }),
      { type: 'tEXt', data: Buffer.from(`Comment\0${REMARK}`) },
    ]),
  webp: async (icc: Uint8Array | null = null) => {
    const plain = await animatedWebp(FRAMES);
    const shape = { width: 48, height: 36, plays: 0 };
    const frames = readRiffChunks(plain).filter(({ type }) => type === 'ANMF');
    return writeAnimatedWebp(shape, frames, {
      ...NOTHING_EMBEDDED,
      icc,
      xmp: CAMERA_XMP,
      exif: await cameraExif(),
    });
  },
};

async function made(bytes: Uint8Array, over: Partial<OptimizeOptions>) {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, gate: 'any', ...over });
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  return outcome.outputs[0]!;
}

async function embeddedIn(bytes: Uint8Array) {
  return (await inspectFrames(bytes, DEFAULT_LIMITS)).embedded;
}

/** What of the texts stands in a file's metadata, whichever block has it. */
async function toldBy(bytes: Uint8Array): Promise<string> {
  const { exif, xmp } = await embeddedIn(bytes);
  return Buffer.concat([exif ?? Buffer.of(), xmp ?? Buffer.of()]).toString('latin1');
}

const has = (text: string, words: string[]) => words.filter((word) => text.includes(word));

describe('what an animation carries', () => {
  for (const [format, make] of Object.entries(SOURCES)) {
    for (const over of [
      { fidelity: 'lossless' },
      { fidelity: 'lossy', floor: 50, resize: RESIZE },
    ] as const) {
      it(`is what the policy lets through: ${format}, ${over.fidelity}`, async () => {
        const source = await make();
        const told = async (metadata: MetadataPolicy) =>
          toldBy((await made(source, { ...over, metadata })).data);
        assert.equal(await told('none'), '');
        for (const policy of ['copyright', 'private-stripped'] as const) {
          const text = await told(policy);
          assert.deepEqual([has(text, CREDITS), has(text, SECRETS)], [CREDITS, []], policy);
        }
        const all = await told('all');
        assert.ok(has(all, CREDITS).length === CREDITS.length && has(all, SECRETS).length > 2);
      });
    }
  }

  it('goes along into every format that moves', async () => {
    for (const make of Object.values(SOURCES)) {
      for (const target of ['gif', 'png', 'webp'] as const) {
        const { data } = await made(await make(), { targets: [target], floor: 50, metadata: 'all' });
        assert.deepEqual(has(await toldBy(data), CREDITS), CREDITS, target);
      }
    }
  });

  it('is no comment of a GIF, and one of a PNG only with a policy that keeps it', async () => {
    const holds = (bytes: Uint8Array) => Buffer.from(bytes).includes(REMARK);
    for (const metadata of METADATA_POLICIES) {
      assert.ok(!holds((await made(await SOURCES.gif(), { fidelity: 'lossless', metadata })).data));
      const { data } = await made(await SOURCES.png(), { fidelity: 'lossless', metadata });
      if (metadata === 'none' || metadata === 'copyright') assert.ok(!holds(data), metadata);
    }
  });
});

describe('the profile of an animation', () => {
  for (const format of ['png', 'webp'] as const) {
    it(`stays where its samples stay, and else its colours are those of sRGB: ${format}`, async () => {
      const source = await SOURCES[format](P3);
      const packed = await made(source, { fidelity: 'lossless' });
      assert.ok(packed.quality === null && (await embeddedIn(packed.data)).icc);
      assert.equal((await compare(source, packed.data, { limits: DEFAULT_LIMITS })).score, 100);
      const small = await made(source, { resize: RESIZE });
      assert.equal((await embeddedIn(small.data)).icc, null);
      assert.ok(small.score >= 85);
      const transforms = { resize: RESIZE };
      assert.equal(
        (await compare(source, small.data, { limits: DEFAULT_LIMITS, transforms })).score,
        small.score,
      );
    });
  }
});
