import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bmpFile, iconBitmap, iconFile, maskedBmp } from '../../../test/images/bitmaps.ts';
import {
  deepPng,
  deepWideGamutPng,
  floatTiff,
  gifFile,
  jpegFile,
  orientedJpeg,
  orientedPng,
  orientedWebp,
  pngFile,
  tiffFile,
  webpFile,
  wideGamutJpeg,
  wideGamutPng,
} from '../../../test/images/files.ts';
import { heicFile } from '../../../test/images/heic.ts';
import {
  flat,
  gradient,
  inGrey,
  logo,
  meanDifference,
  noise,
  photo,
  screenshot,
} from '../../../test/images/pixels.ts';
import { carry } from '../carry.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, EFFORTS, METADATA_POLICIES, type Pixels } from '../contract.ts';
import { decode, decodeNative, decodeSource } from '../decode.ts';
import { inspect } from '../inspect.ts';
import { type Codec, encodersOf, type LossyEncoder } from './codec.ts';
import { CODECS } from './codecs.ts';
import { orientationExif } from './exif.ts';
import { NOTHING_EMBEDDED } from './header.ts';
import { embeddedFor } from './metadata.ts';

const PHOTO = photo(97, 61);
const XMP = Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF/></x:xmpmeta>');

for (const codec of Object.values(CODECS)) {
  for (const [effort, encoder] of EFFORTS.flatMap((level) =>
    encodersOf(codec, { ...DEFAULT_OPTIONS, effort: level }).map((each) => [level, each] as const),
  )) {
    if (effort !== 'usual' && !codec.efforts?.[effort]) continue;
    describe(`${codec.format}, ${encoder.encoder ?? ''} ${encoder.variant}, ${effort}`, () =>
      holdsItsPromises(codec, encoder));
  }
  describe(`${codec.format}, lossless`, () => losesNothing(codec));
}

/** Every pixel in full or not at all. */
function cutOut(pixels: Pixels): Pixels {
  const data = pixels.data.map((sample, at) => (at % 4 === 3 ? (sample < 128 ? 0 : 255) : sample));
  return { ...pixels, data };
}

function holdsItsPromises(codec: Codec, encoder: LossyEncoder): void {
  const { min, max } = encoder.qualities;
  /** A share of the way from the lowest to the highest quality. */
  const at = (share: number) => Math.round(min + share * (max - min));
  const encodeAt = (pixels: Pixels, quality: number) => encoder.encode(pixels, quality, 'search');

  it('writes its own format, in the size that it was given, close to the original', async () => {
    for (const pixels of [PHOTO, screenshot(120, 75), gradient(33, 70), inGrey(PHOTO)]) {
      const source = await inspect(await encodeAt(pixels, max), DEFAULT_LIMITS);
      assert.equal(source.facts.format, codec.format);
      const decoded = await decodeSource(source);
      assert.ok(meanDifference(decoded, pixels) < 8, `${meanDifference(decoded, pixels)}`);
    }
  });

  it('gives fewer bytes and a larger difference at a lower quality', async () => {
    const files = await Promise.all([0.2, 0.6, 0.95].map((share) => encodeAt(PHOTO, at(share))));
    const sizes = files.map((file) => file.length);
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => a - b),
    );
    const [low, middle, high] = await Promise.all(
      files.map(async (file) => meanDifference(await decode(file, DEFAULT_LIMITS), PHOTO)),
    );
    assert.ok(low! > middle! && middle! > high!, `${low} ${middle} ${high}`);
  });

  it('encodes images of a few pixels and of extreme shapes at both ends of its qualities', async () => {
    for (const [width, height] of [
      [1, 1],
      [1, 40],
      [300, 1],
      [7, 9],
      [16, 16],
    ] as const) {
      for (const quality of [min, max]) {
        const decoded = await decode(await encodeAt(photo(width, height), quality), DEFAULT_LIMITS);
        assert.deepEqual([decoded.width, decoded.height], [width, height]);
      }
    }
  });

  it('keeps white white and black black', async () => {
    for (const level of [0, 255]) {
      const decoded = await decode(await encodeAt(flat(24, 24, [level, level, level]), max), DEFAULT_LIMITS);
      assert.ok(decoded.data.every((sample) => sample === level));
    }
  });

  it('encodes noise', async () => {
    const decoded = await decode(await encodeAt(noise(64, 64), at(0.5)), DEFAULT_LIMITS);
    assert.equal(decoded.width, 64);
  });

  it('gives the same bytes for the same pixels every time', async () => {
    const [first, second] = [await encodeAt(PHOTO, at(0.7)), await encodeAt(PHOTO, at(0.7))];
    assert.ok(Buffer.from(first).equals(second));
  });

  it('finally packs the same pixels, into fewer bytes if it says so', async () => {
    const candidate = await encodeAt(PHOTO, at(0.8));
    const result = await encoder.encode(PHOTO, at(0.8), 'final');
    assert.ok(encoder.packs ? result.length < candidate.length : Buffer.from(result).equals(candidate));
    const pixels = await Promise.all([result, candidate].map((file) => decode(file, DEFAULT_LIMITS)));
    assert.equal(meanDifference(pixels[0]!, pixels[1]!), 0);
  });

  it('writes the bytes of the quality below where it says so, and only there', async () => {
    const { repeats } = encoder;
    if (!repeats) return;
    let below: Uint8Array = Buffer.of();
    for (let quality = min; quality <= max; quality++) {
      const file = await encodeAt(PHOTO, quality);
      assert.equal(Buffer.from(file).equals(below), repeats.has(quality), `quality ${quality}`);
      below = file;
    }
  });

  it('keeps transparency, or refuses it', async () => {
    const badge = logo(64, 48);
    if (!codec.alpha) return assert.rejects(encodeAt(badge, at(0.8)), /transparency/);
    const decoded = await decode(await encodeAt(badge, max), DEFAULT_LIMITS);
    assert.equal(decoded.channels, 4);
    const alphas = ({ data }: Pixels) => data.filter((_, at) => at % 4 === 3);
    const worst = alphas(codec.binaryAlpha ? cutOut(badge) : badge).reduce(
      (most, alpha, at) => Math.max(most, Math.abs(alpha - alphas(decoded)[at]!)),
      0,
    );
    assert.ok(worst <= 24, `alpha is off by up to ${worst}`);
  });

  it('carries no metadata unless it is given some', async () => {
    const source = await inspect(await encodeAt(PHOTO, at(0.8)), DEFAULT_LIMITS);
    assert.deepEqual(source.embedded, NOTHING_EMBEDDED);
  });

  it('carries EXIF and XMP that it is given', async () => {
    const embedded = { ...NOTHING_EMBEDDED, exif: orientationExif(1), xmp: XMP };
    const source = await inspect(await encoder.encode(PHOTO, at(0.8), 'final', embedded), DEFAULT_LIMITS);
    assert.equal(source.embedded.exif === null, codec.format === 'gif', 'GIF has no place for EXIF');
    assert.deepEqual(Buffer.from(source.embedded.xmp!), XMP);
  });

  it('shows wide-gamut pixels in their own colours when it carries their profile', async () => {
    for (const pixels of [PHOTO, inGrey(PHOTO)]) {
      const source = await inspect(await wideGamutPng(pixels), DEFAULT_LIMITS);
      const file = await encoder.encode(
        await decodeNative(source),
        max,
        'final',
        embeddedFor(source, 'all', source.facts),
      );
      const result = await inspect(file, DEFAULT_LIMITS);
      assert.equal(result.wideGamut, codec.format !== 'gif', 'GIF has no place for a profile');
      const difference = meanDifference(await decodeSource(result), await decodeSource(source));
      assert.ok(difference < 6, `${difference}`);
    }
  });
}

function losesNothing(codec: Codec): void {
  const badge = logo(53, 47);
  const sources: Record<string, () => Promise<Uint8Array>> = {
    'a JPEG': () => jpegFile(PHOTO),
    'a progressive JPEG': () => jpegFile(PHOTO, { progressive: true, chroma: '4:4:4' }),
    'a grey JPEG': () => jpegFile(PHOTO, { grey: true }),
    'a turned JPEG': () => orientedJpeg(PHOTO, 6),
    'a wide-gamut JPEG': () => wideGamutJpeg(PHOTO),
    'a PNG': () => pngFile(PHOTO),
    'a PNG of few colours': () => pngFile(screenshot(90, 60)),
    'a grey PNG': () => pngFile(inGrey(PHOTO)),
    'a PNG with transparency': () => pngFile(badge),
    'a turned PNG': () => orientedPng(PHOTO, 8),
    'a wide-gamut PNG': () => wideGamutPng(PHOTO),
    'a wide-gamut PNG of greys': () => wideGamutPng(inGrey(PHOTO)),
    'a PNG of 16 bits': () => deepPng(PHOTO),
    'a wide-gamut PNG of 16 bits': () => deepWideGamutPng(PHOTO),
    'a GIF': () => gifFile(screenshot(90, 60)),
    'a TIFF': () => tiffFile(PHOTO),
    'a TIFF of floating-point numbers': () => floatTiff(PHOTO),
    'a BMP': async () => bmpFile(PHOTO),
    'a BMP of channels of 10 bits': async () =>
      maskedBmp(PHOTO, { bits: 32, masks: [0x3ff00000, 0xffc00, 0x3ff, 0] }),
    'a Windows icon': async () => iconFile([iconBitmap(badge)]),
    'a HEIC': async () => heicFile({ alpha: true, deep: true }),
    'a lossless WebP': () => webpFile(badge, { lossless: true }),
    'a turned WebP': () => orientedWebp(PHOTO, 5),
    'a lossy WebP': () => webpFile(PHOTO),
  };

  for (const [name, make] of Object.entries(sources)) {
    it(`shows exactly what ${name} shows, or gives nothing`, async () => {
      const source = await carry(await inspect(await make(), DEFAULT_LIMITS));
      for (const policy of METADATA_POLICIES) {
        const file = await codec.lossless?.(source, null, policy);
        if (!file) continue;
        const result = await inspect(file, DEFAULT_LIMITS);
        assert.equal(result.facts.format, codec.format);
        assert.equal(meanDifference(await decodeSource(result), await decodeSource(source)), 0);
        assert.equal(result.bitDepth, source.bitDepth);
      }
    });
  }

  it('keeps the file of its own format, whatever the format allows', async () => {
    const own = {
      jpeg: jpegFile,
      png: pngFile,
      webp: webpFile,
      avif: null,
      gif: () => gifFile(screenshot(200, 150)),
    }[codec.format];
    if (!own) return assert.equal(codec.lossless, null);
    const source = await inspect(await own(photo(200, 150), { lossless: true } as object), DEFAULT_LIMITS);
    const file = await codec.lossless!(source, null, 'none');
    assert.ok(file && file.length <= source.bytes.length, `${file?.length}`);
  });

  it('gives nothing for a source longer than its format allows', async () => {
    const source = await inspect(await pngFile(flat(16_500, 1, [9, 9, 9])), DEFAULT_LIMITS);
    const file = await codec.lossless?.(source, null, 'none');
    assert.ok(!file || codec.maxSide >= 16_500);
  });

  it('writes resized pixels exactly, or gives nothing', async () => {
    const source = await inspect(await pngFile(photo(20, 20)), DEFAULT_LIMITS);
    for (const pixels of [PHOTO, badge]) {
      const file = await codec.lossless?.(source, pixels, 'none');
      if (file) assert.equal(meanDifference(await decode(file, DEFAULT_LIMITS), pixels), 0);
    }
  });
}
