import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { jpegFile, jpegWith, pngFile, pngWith, tiffFile, webpFile } from '../../../../test/images/files.ts';
import {
  CAMERA_IPTC,
  CAMERA_XMP,
  CREDITS,
  cameraExif,
  cameraJpeg,
  cameraMetadata,
  cameraTiff,
  DESCRIPTIONS,
  SECRETS,
} from '../../../../test/images/metadata.ts';
import { photo, storedFor } from '../../../../test/images/pixels.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_OPTIONS,
  METADATA_POLICIES,
  type MetadataPolicy,
  type PixelFormat,
} from '../../contract.ts';
import { inspect } from '../../inspect.ts';
import { optimize } from '../../optimize.ts';
import { NOTHING_EMBEDDED } from '../header.ts';
import { embeddedChunks } from '../png/carrier.ts';
import { embedInWebp } from '../webp/chunks.ts';

const PHOTO = photo(90, 60);

interface Blocks {
  exif: string;
  xmp: string;
  iptc: string;
}

/** What sharp, that is libvips and libexif, finds in a file. */
async function blocksOf(file: Uint8Array): Promise<Blocks & { all: string }> {
  const { exif, xmp, iptc } = await sharp(file).metadata();
  const text = (block: Buffer | undefined) => block?.toString('utf8') ?? '';
  const blocks = { exif: text(exif), xmp: text(xmp), iptc: text(iptc) };
  return { ...blocks, all: blocks.exif + blocks.xmp + blocks.iptc };
}

async function result(
  file: Uint8Array,
  metadata: MetadataPolicy,
  format: PixelFormat,
  fidelity: 'lossless' | 'lossy' = 'lossy',
): Promise<Uint8Array> {
  const outcome = await optimize(file, {
    ...DEFAULT_OPTIONS,
    metadata,
    fidelity,
    targets: [format],
    gate: 'any',
    quality: fidelity === 'lossy' ? 80 : undefined,
  });
  assert.equal(outcome.status, 'done');
  return outcome.status === 'done' ? outcome.outputs[0]!.data : Buffer.of();
}

function assertHas(text: string, expected: string[]): void {
  for (const each of expected) assert.ok(text.includes(each), `“${each}” is missing`);
}

function assertLacks(text: string, unwanted: string[]): void {
  for (const each of unwanted) assert.ok(!text.includes(each), `“${each}” is still there`);
}

/** A source of each container that holds metadata, the same in all. */
const SOURCES: Record<string, () => Promise<Uint8Array>> = {
  JPEG: async () => cameraJpeg(await jpegFile(PHOTO)),
  PNG: async () =>
    pngWith(
      await pngFile(PHOTO),
      embeddedChunks({ ...NOTHING_EMBEDDED, ...(await cameraMetadata()), iptc: null }),
    ),
  WebP: async () =>
    embedInWebp(await webpFile(PHOTO, { lossless: true }), {
      ...NOTHING_EMBEDDED,
      exif: await cameraExif(),
      xmp: CAMERA_XMP,
    }),
  TIFF: () => cameraTiff(PHOTO),
};

for (const [container, make] of Object.entries(SOURCES)) {
  for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
    describe(`metadata from ${container} to ${format}`, () => {
      it('is none with none', async () => {
        const { all } = await blocksOf(await result(await make(), 'none', format));
        assertLacks(all, [...SECRETS, ...CREDITS, ...DESCRIPTIONS]);
      });

      it('is who made it and who owns it with copyright', async () => {
        const { exif, xmp, all } = await blocksOf(await result(await make(), 'copyright', format));
        assertHas(exif, CREDITS);
        assertHas(xmp, [...CREDITS, 'Example Press', 'xmpRights:Marked']);
        assertLacks(all, [...SECRETS, ...DESCRIPTIONS]);
      });

      it('is all that is not private with private-stripped', async () => {
        const { exif, xmp, all } = await blocksOf(await result(await make(), 'private-stripped', format));
        assertHas(exif, [...CREDITS, ...DESCRIPTIONS]);
        assertHas(xmp, [...CREDITS, ...DESCRIPTIONS]);
        assertLacks(all, SECRETS);
      });

      it('is everything with all', async () => {
        const { all } = await blocksOf(await result(await make(), 'all', format));
        assertHas(all, [
          ...CREDITS,
          ...DESCRIPTIONS,
          'SERIAL-4711',
          'Secret City',
          '52,30.5N',
          'Depicted Person',
        ]);
      });
    });
  }
}

describe('metadata of lossless results', () => {
  for (const [container, format] of [
    ['JPEG', 'jpeg'],
    ['PNG', 'png'],
    ['WebP', 'webp'],
    ['TIFF', 'png'],
  ] as const) {
    it(`follows the policy (${container} to ${format})`, async () => {
      const file = await SOURCES[container]!();
      const found = async (policy: MetadataPolicy) =>
        blocksOf(await result(file, policy, format, 'lossless'));
      assertLacks((await found('none')).all, [...SECRETS, ...CREDITS]);
      const copyright = await found('copyright');
      assertHas(copyright.exif, CREDITS);
      assertHas(copyright.xmp, CREDITS);
      assertLacks(copyright.all, [...SECRETS, ...DESCRIPTIONS]);
      const stripped = await found('private-stripped');
      assertHas(stripped.exif, [...CREDITS, ...DESCRIPTIONS]);
      assertLacks(stripped.all, SECRETS);
      assertHas((await found('all')).all, [...CREDITS, ...DESCRIPTIONS, 'SERIAL-4711', 'Secret City']);
    });
  }

  it('keeps PNG’s own texts by their keywords', async () => {
    const text = (keyword: string) => ({
      type: 'tEXt',
      data: Buffer.from(`${keyword}\0something`, 'latin1'),
    });
    const keywords = ['Author', 'Software', 'exif:GPSLatitude', 'Raw profile type exif'];
    const file = pngWith(await pngFile(PHOTO), keywords.map(text));
    const left = async (policy: MetadataPolicy) => {
      const bytes = Buffer.from(await result(file, policy, 'png', 'lossless')).toString('latin1');
      return keywords.filter((keyword) => bytes.includes(`tEXt${keyword}\0`));
    };
    assert.deepEqual(await left('none'), []);
    assert.deepEqual(await left('copyright'), ['Author']);
    assert.deepEqual(await left('private-stripped'), ['Author', 'Software']);
    assert.deepEqual(await left('all'), keywords);
  });
});

describe('IPTC', () => {
  it('stays IPTC from JPEG and TIFF to JPEG, without places', async () => {
    for (const container of ['JPEG', 'TIFF']) {
      const { iptc } = await blocksOf(await result(await SOURCES[container]!(), 'private-stripped', 'jpeg'));
      assertHas(iptc, [...CREDITS, DESCRIPTIONS[1]!]);
      assertLacks(iptc, SECRETS);
    }
  });

  it('becomes XMP where there is no place for it', async () => {
    const file = await jpegFile(PHOTO);
    for (const format of ['png', 'webp', 'avif'] as const) {
      const { xmp } = await blocksOf(
        await result(jpegWith(file, { iptc: CAMERA_IPTC }), 'copyright', format),
      );
      assertHas(xmp, CREDITS);
      assertLacks(xmp, [...SECRETS, ...DESCRIPTIONS]);
    }
  });
});

describe('orientation', () => {
  for (const policy of METADATA_POLICIES) {
    it(`is neither lost nor applied twice with ${policy}`, async () => {
      const stored = storedFor(PHOTO, 6);
      const file = await cameraJpeg(await jpegFile(stored), 6);
      for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
        const turned = await inspect(await result(file, policy, format), DEFAULT_LIMITS);
        assert.deepEqual([turned.orientation, turned.width, turned.height], [1, 90, 60]);
      }
      const kept = await inspect(await result(file, policy, 'jpeg', 'lossless'), DEFAULT_LIMITS);
      assert.deepEqual([kept.orientation, kept.width, kept.height], [6, 60, 90]);
    });
  }
});

describe('density', () => {
  const sources: Record<string, () => Promise<Uint8Array>> = {
    'a JPEG’s EXIF': async () => cameraJpeg(await jpegFile(PHOTO)),
    'a PNG': async () =>
      sharp(await pngFile(PHOTO))
        .withMetadata({ density: 300 })
        .png()
        .toBuffer(),
    'a TIFF': async () =>
      sharp(await tiffFile(PHOTO))
        .tiff({ xres: 300 / 25.4, yres: 300 / 25.4 })
        .toBuffer(),
  };
  for (const [name, make] of Object.entries(sources)) {
    it(`of ${name} is kept in JPEG and PNG under every policy`, async () => {
      for (const policy of METADATA_POLICIES) {
        for (const format of ['jpeg', 'png'] as const) {
          const { density } = await sharp(await result(await make(), policy, format)).metadata();
          assert.equal(density, 300, `${policy} ${format}`);
        }
      }
    });
  }

  it('is not written where nobody said one', async () => {
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const { embedded } = await inspect(await result(await jpegFile(PHOTO), 'all', format), DEFAULT_LIMITS);
      assert.deepEqual(embedded, NOTHING_EMBEDDED);
    }
  });
});
