import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mutations, truncations } from '../../../../test/images/broken.ts';
import { cmykJpeg, jpegFile, jpegWith, orientedJpeg, wideGamutJpeg } from '../../../../test/images/files.ts';
import { inGrey, meanDifference, photo } from '../../../../test/images/pixels.ts';
import { DEFAULT_LIMITS, type MetadataPolicy } from '../../contract.ts';
import { decode, decodeSource } from '../../decode.ts';
import { inspect } from '../../inspect.ts';
import { orientationExif } from '../exif.ts';
import { openImage } from '../sharp.ts';
import { type Coefficients, digestCoefficients, readCoefficients } from './coefficients.ts';
import { jpeg } from './jpeg.ts';
import { APP14, COM, insertSegments, isIcc, readSegments, writeSegment } from './segments.ts';
import { transcodeJpeg } from './transcode.ts';

const PHOTO = photo(101, 67);
const XMP = Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');
const IPTC = Buffer.from('8BIM\x04\x04\0\0\0\0\0\x07\x1c\x02\x05\0\x02Hi\0', 'latin1');
/** Adobe's segment: version, flags, and 0 for components that are RGB as they are (Adobe technical note 5116). */
const ADOBE_RGB = writeSegment(APP14, Buffer.from('Adobe\0\x64\0\0\0\0\0', 'latin1'));

function sameCoefficients(a: Coefficients, b: Coefficients): boolean {
  return digestCoefficients(a) === digestCoefficients(b);
}

async function transcoded(bytes: Uint8Array, policy: MetadataPolicy = 'none'): Promise<Uint8Array> {
  const result = await transcodeJpeg(await inspect(bytes, DEFAULT_LIMITS), policy);
  assert.ok(result);
  return result;
}

describe('lossless JPEG', () => {
  const files: Record<string, () => Promise<Uint8Array>> = {
    'a baseline JPEG': () => jpegFile(PHOTO),
    'a progressive JPEG': () => jpegFile(PHOTO, { progressive: true }),
    'a JPEG with full chroma': () => jpegFile(PHOTO, { chroma: '4:4:4' }),
    'a grey JPEG': () => jpegFile(PHOTO, { grey: true }),
    'a CMYK JPEG': () => cmykJpeg(PHOTO),
    'a JPEG of RGB components': async () =>
      insertSegments(await jpegFile(PHOTO, { chroma: '4:4:4' }), [ADOBE_RGB]),
  };

  for (const [name, make] of Object.entries(files)) {
    it(`keeps every coefficient of ${name}`, async () => {
      const file = await make();
      const result = await transcoded(file);
      assert.ok(sameCoefficients(readCoefficients(result), readCoefficients(file)));
      const samples = (bytes: Uint8Array) =>
        openImage(bytes, DEFAULT_LIMITS, { ignoreIcc: true }).raw().toBuffer();
      assert.ok((await samples(result)).equals(await samples(file)));
    });
  }

  it('is smaller', async () => {
    const file = await jpegFile(photo(300, 200));
    assert.ok((await transcoded(file)).length < file.length);
  });

  it('keeps the orientation and a wide-gamut profile, and nothing else, without metadata', async () => {
    const turned = jpegWith(await orientedJpeg(PHOTO, 6), { xmp: XMP, iptc: IPTC }, 'a comment');
    const { orientation, embedded } = await inspect(await transcoded(turned), DEFAULT_LIMITS);
    assert.equal(orientation, 6);
    assert.deepEqual([embedded.exif?.length, embedded.xmp, embedded.iptc], [26, null, null]);
    const wide = await inspect(await transcoded(await wideGamutJpeg(PHOTO)), DEFAULT_LIMITS);
    assert.ok(wide.embedded.icc && wide.wideGamut);
  });

  it('drops a profile that amounts to sRGB', async () => {
    const { openPixels } = await import('../sharp.ts');
    const tagged = await openPixels(PHOTO).withIccProfile('srgb').jpeg().toBuffer();
    assert.ok(readSegments(tagged).list.some(isIcc));
    assert.ok(!readSegments(await transcoded(tagged)).list.some(isIcc));
  });

  it('keeps EXIF, XMP, IPTC, profile and comments with all metadata', async () => {
    const exif = Buffer.concat([orientationExif(3), Buffer.alloc(50, 'a camera’s notes')]);
    const file = jpegWith(await wideGamutJpeg(PHOTO), { exif, xmp: XMP, iptc: IPTC }, 'a comment');
    const result = await transcoded(file, 'all');
    const [before, after] = [await inspect(file, DEFAULT_LIMITS), await inspect(result, DEFAULT_LIMITS)];
    assert.deepEqual(after.embedded, before.embedded);
    assert.deepEqual(Buffer.from(after.embedded.iptc!), IPTC);
    assert.ok(readSegments(result).list.some(({ marker }) => marker === COM));
  });

  it('is not made of a truncated file, though the transcoder would mend it', async () => {
    const file = await jpegFile(PHOTO);
    for (const part of truncations(file)) await assert.rejects(transcoded(part), { reason: 'corrupt' });
    const ended = Buffer.concat([file.subarray(0, file.length / 2), Uint8Array.of(0xff, 0xd9)]);
    await assert.rejects(decode(ended, DEFAULT_LIMITS), { reason: 'corrupt' });
  });

  it('is a whole file or nothing for damaged files that decode', async () => {
    let refused = 0;
    for (const damaged of mutations(await jpegFile(photo(48, 36)), 100, 11)) {
      const source = await inspect(damaged, DEFAULT_LIMITS).catch(() => null);
      if (!source || !(await decodeSource(source).catch(() => null))) continue;
      const result = await transcodeJpeg(source, 'none');
      if (result === null) refused++;
      else assert.equal((await decode(result, DEFAULT_LIMITS)).width, source.facts.width);
    }
    assert.ok(refused > 0);
  });

  it('is not made of other formats or of resized pixels', async () => {
    const source = await inspect(await jpegFile(PHOTO), DEFAULT_LIMITS);
    assert.equal(await jpeg.lossless!(source, photo(10, 10), 'none'), null);
  });
});

describe('lossy JPEG', () => {
  it('stores one component for grey pixels, without changing their greys', async () => {
    const grey = inGrey(PHOTO);
    const file = await jpeg.lossy.encode(grey, 100, 'final');
    const source = await inspect(file, DEFAULT_LIMITS);
    assert.equal(source.colour, 'grey');
    assert.ok(meanDifference(await decodeSource(source), grey) < 1);
  });

  it('has chroma at half or at full resolution', async () => {
    const sampling = async (index: number) => {
      const { components } = readCoefficients(
        await [jpeg.lossy, ...jpeg.variants][index]!.encode(PHOTO, 80, 'search'),
      );
      return components.map(({ across, down }) => `${across}x${down}`).join(' ');
    };
    assert.equal(await sampling(0), '2x2 1x1 1x1');
    assert.equal(await sampling(1), '1x1 1x1 1x1');
  });

  it('has the same coefficients in the search and in the end', async () => {
    for (const encoder of [jpeg.lossy, ...jpeg.variants]) {
      const [candidate, result] = [
        await encoder.encode(PHOTO, 85, 'search'),
        await encoder.encode(PHOTO, 85, 'final'),
      ];
      assert.ok(sameCoefficients(readCoefficients(candidate), readCoefficients(result)));
    }
  });
});

describe('coefficients', () => {
  it('of baseline and progressive files of the same pixels are the same', async () => {
    const [baseline, progressive] = [await jpegFile(PHOTO), await jpegFile(PHOTO, { progressive: true })];
    assert.ok(sameCoefficients(readCoefficients(baseline), readCoefficients(progressive)));
  });

  it('of different pixels or qualities are not', async () => {
    const file = readCoefficients(await jpegFile(PHOTO));
    assert.ok(!sameCoefficients(file, readCoefficients(await jpegFile(PHOTO, { quality: 89 }))));
    assert.ok(!sameCoefficients(file, readCoefficients(await jpegFile(photo(101, 67, 8)))));
    assert.ok(!sameCoefficients(file, readCoefficients(await jpegFile(photo(102, 67)))));
  });
});
