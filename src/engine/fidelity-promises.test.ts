import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { bmpFile } from '../../test/images/bitmaps.ts';
import {
  animatedGif,
  animatedWebp,
  cmykJpeg,
  deepPng,
  jpegFile,
  pngFile,
  tiffFile,
} from '../../test/images/files.ts';
import { inGrey, logo, photo, screenshot, slope } from '../../test/images/pixels.ts';
import { straight } from '../../test/metric/straight.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_LOSSY_FLOOR,
  DEFAULT_OPTIONS,
  GLOSSY_FLOOR,
  type OptimizeOptions,
  type Output,
  type Pixels,
  type Target,
} from './contract.ts';
import { gatedScore, mostJnd } from './gate.ts';
import { compare } from './judge.ts';
import { optimize } from './optimize.ts';

/** Each in its own format and in others. */
const SOURCES: Record<string, [make: () => Promise<Uint8Array> | Uint8Array, targets: Target[]]> = {
  'a photo as JPEG': [() => jpegFile(photo(160, 120), { quality: 96 }), ['same', 'webp', 'avif']],
  'a photo as PNG': [() => pngFile(photo(160, 120)), ['same', 'webp']],
  'a screenshot': [() => pngFile(screenshot(160, 120)), ['same', 'webp', 'gif']],
  'a flat icon with alpha': [() => pngFile(logo(96, 96)), ['same', 'webp']],
  'a slope of 16 bits with alpha': [() => deepPng(slope(120, 90, 4)), ['same', 'webp', 'avif']],
  'a photo of 16 bits': [() => deepPng(photo(120, 90)), ['same']],
  'a grey JPEG': [() => jpegFile(inGrey(photo(160, 120)), { quality: 96, grey: true }), ['same', 'webp']],
  'a grey PNG': [() => pngFile(inGrey(photo(120, 90))), ['same', 'webp']],
  'a CMYK JPEG': [() => cmykJpeg(photo(240, 180)), ['same', 'webp']],
  'a TIFF': [() => tiffFile(photo(120, 90)), ['png', 'jpeg']],
  'a bitmap': [() => bmpFile(screenshot(120, 90)), ['png', 'webp']],
  'an animated GIF': [
    () => animatedGif([1, 2, 3].map((seed) => screenshot(120, 90, seed))),
    ['same', 'webp'],
  ],
  'an animated WebP': [
    () =>
      animatedWebp(
        [1, 2, 3].map((seed) => photo(96, 72, seed)),
        { quality: 100 },
      ),
    ['same'],
  ],
};

const LEVELS = {
  lossy: { fidelity: 'lossy', floor: DEFAULT_LOSSY_FLOOR },
  glossy: { fidelity: 'glossy', floor: GLOSSY_FLOOR },
  lossless: { fidelity: 'lossless', floor: 100 },
} as const satisfies Record<string, Partial<OptimizeOptions>>;

/** Other arithmetic and another decoder than the engine's: the tests' own metric rounds otherwise. */
const ROUNDING = 0.05;

/** Frames as libvips shows them, none of our own readers having a say; libvips would cut deep samples where screens round. */
async function framesIn(bytes: Uint8Array): Promise<Pixels[]> {
  const isDeep = (await sharp(bytes).metadata()).depth === 'ushort';
  const image = sharp(bytes, { pages: -1 })
    .toColourspace(isDeep ? 'rgb16' : 'srgb')
    .ensureAlpha();
  const raw = image.raw({ depth: isDeep ? 'ushort' : 'uchar' });
  const { data: stored, info } = await raw.toBuffer({ resolveWithObject: true });
  const data = isDeep ? Uint8Array.from(deepIn(stored), (level) => Math.round(level / 257)) : stored;
  const height = info.pageHeight ?? info.height;
  const size = info.width * height * 4;
  return Array.from({ length: info.height / height }, (_, at) => ({
    data: data.subarray(at * size, (at + 1) * size),
    width: info.width,
    height,
    channels: 4 as const,
  }));
}

function deepIn(bytes: Buffer): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}

/** Samples at the depth of the file; what is transparent has no colour. */
async function samplesIn(bytes: Uint8Array): Promise<Buffer> {
  const { depth } = await sharp(bytes).metadata();
  const space = depth === 'ushort' ? 'rgb16' : 'srgb';
  const image = sharp(bytes, { pages: -1 }).toColourspace(space).ensureAlpha();
  const samples = await image.raw({ depth: depth === 'ushort' ? 'ushort' : 'uchar' }).toBuffer();
  const pixelBytes = depth === 'ushort' ? 8 : 4;
  for (let at = 0; at < samples.length; at += pixelBytes) {
    const isClear = samples.subarray(at + (pixelBytes * 3) / 4, at + pixelBytes).every((byte) => byte === 0);
    if (isClear) samples.fill(0, at, at + pixelBytes);
  }
  return samples;
}

async function checkScores(source: Uint8Array, seen: Pixels[], output: Output, floor: number): Promise<void> {
  const { score, worstTile, visibility } = await compare(source, output.data, { limits: DEFAULT_LIMITS });
  assert.deepEqual([score, worstTile, visibility], [output.score, output.worstTile, output.visibility]);
  assert.ok(gatedScore(output) >= floor && visibility.jnd <= mostJnd(floor));
  const frames = await framesIn(output.data);
  assert.equal(frames.length, seen.length);
  for (const [at, frame] of frames.entries()) {
    const again = straight(seen[at]!, frame);
    assert.ok(again >= floor - ROUNDING, `frame ${at + 1} scores ${again}, reported were ${score}`);
  }
}

for (const [name, [make, targets]] of Object.entries(SOURCES)) {
  describe(`what is promised holds for ${name}`, async () => {
    const source = await make();
    // libvips opens no bitmaps.
    const known = name === 'a bitmap' ? await pngFile(screenshot(120, 90)) : source;
    const seen = await framesIn(known);
    for (const target of targets) {
      it(`as ${target}: the floor, the pixels, and fewer bytes the more may be lost`, async () => {
        const sizes: number[] = [];
        for (const level of Object.values(LEVELS)) {
          const outcome = await optimize(source, { ...DEFAULT_OPTIONS, ...level, targets: [target] });
          const output = outcome.status === 'done' ? outcome.outputs[0] : null;
          sizes.push(output?.data.length ?? source.length);
          if (!output) continue;
          assert.ok(output.data.length < source.length);
          await checkScores(source, seen, output, level.floor);
          if (level.fidelity === 'lossless')
            assert.ok((await samplesIn(output.data)).equals(await samplesIn(known)), 'samples differ');
        }
        assert.ok(sizes[0]! <= sizes[1]! && sizes[1]! <= sizes[2]!, `${sizes}`);
        assert.ok(sizes[0]! < source.length, 'nothing was made smaller');
      });
    }
  });
}
