import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { appleGainMapJpeg, gainMapJpeg, jpegFile, jpegWith } from '../../test/images/files.ts';
import { gainMap, ultraHdrJpeg } from '../../test/images/jpegs.ts';
import { photo } from '../../test/images/pixels.ts';
import { orientationExif } from './codecs/exif.ts';
import { digestCoefficients, readCoefficients } from './codecs/jpeg/coefficients.ts';
import { joinPictures, laterPictures } from './codecs/jpeg/multi-picture.ts';
import { insertSegments, writeSegment } from './codecs/jpeg/segments.ts';
import { DEFAULT_OPTIONS, METADATA_POLICIES, type OptimizeOptions, type Output } from './contract.ts';
import { optimize } from './optimize.ts';

const PHOTO = photo(320, 240);
const LOSSLESS = { ...DEFAULT_OPTIONS, fidelity: 'lossless' } as const;

async function result(file: Uint8Array, options: OptimizeOptions): Promise<Output> {
  const outcome = await optimize(file, options);
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  return (outcome as { outputs: Output[] }).outputs[0]!;
}

async function declines(file: Uint8Array, options: OptimizeOptions): Promise<void> {
  const outcome = await optimize(file, options);
  assert.equal(outcome.status === 'declined' && outcome.reason, 'would-lose-hdr');
}

/** What libultrahdr finds: in a process of its own, since ours does without its loader. */
function gainMapSeen(file: Uint8Array): boolean {
  const script = `import sharp from 'sharp';
    const chunks = await Array.fromAsync(process.stdin);
    console.log('gainMap' in (await sharp(Buffer.concat(chunks)).metadata()));`;
  const args = ['--input-type=module', '-e', script];
  return execFileSync(process.execPath, args, { input: file, encoding: 'utf8' }).trim() === 'true';
}

const digestOf = (file: Uint8Array) => digestCoefficients(readCoefficients(file));

/** Offsets of a file's pictures as its index has them, read as CIPA DC-007 says and not as we do. */
function indexed(file: Uint8Array): { size: number; at: number }[] {
  const bytes = Buffer.from(file);
  const base = bytes.indexOf('MPF\0MM', 0, 'latin1') + 4;
  const [count, first] = [bytes.readUInt32BE(base + 30), bytes.readUInt32BE(base + 42)];
  return Array.from({ length: count }, (_, index) => {
    const entry = base + first + 16 * index;
    const offset = bytes.readUInt32BE(entry + 8);
    return { size: bytes.readUInt32BE(entry + 4), at: offset === 0 ? 0 : base + offset };
  });
}

describe('a JPEG with a gain map', () => {
  it('keeps it, lossy and lossless, whatever becomes of the metadata', async () => {
    const file = await ultraHdrJpeg(PHOTO);
    assert.ok(gainMapSeen(file));
    for (const metadata of METADATA_POLICIES) {
      for (const fidelity of ['lossless', 'lossy'] as const) {
        const { data, quality } = await result(file, { ...DEFAULT_OPTIONS, fidelity, metadata });
        assert.equal(quality === null, fidelity === 'lossless');
        assert.ok(data.length < file.length);
        assert.ok(gainMapSeen(data), `${metadata} ${fidelity}`);
        const [map] = laterPictures(data);
        assert.equal(digestOf(map!), digestOf(await gainMap(PHOTO)));
        const [primary, second] = indexed(data);
        assert.deepEqual(primary, { size: data.length - map!.length, at: 0 });
        assert.deepEqual(second, { size: map!.length, at: data.length - map!.length });
        const said = /Item:Semantic="GainMap"[^>]*Item:Length="(\d+)"/.exec(
          Buffer.from(data).toString('latin1'),
        );
        assert.equal(Number(said![1]), map!.length);
      }
    }
  });

  it('keeps one that ISO 21496-1 describes, or Apple where the map says all', async () => {
    const iso = Buffer.from('urn:iso:std:iso:ts:21496:-1\0\0\0\0\0', 'latin1');
    const tagged = async (size: number) =>
      insertSegments(await jpegFile(photo(size, size), { quality: 97 }), [writeSegment(0xe2, iso)]);
    const { data } = await result(joinPictures(await tagged(200), [await tagged(100)]), LOSSLESS);
    assert.equal(Buffer.from(data).toString('latin1').split('urn:iso:std').length, 3);
    const apple = (headroom: string) =>
      `<x:xmpmeta AuxiliaryImageType="urn:com:apple:photo:2020:aux:hdrgainmap" ${headroom}/>`;
    const mapped = async (headroom: string) => {
      const map = jpegWith(await jpegFile(photo(80, 60)), { xmp: Buffer.from(apple(headroom)) });
      return joinPictures(await jpegFile(PHOTO), [map]);
    };
    const { data: kept } = await result(await mapped('HDRGainMapHeadroom="3"'), LOSSLESS);
    assert.equal(laterPictures(kept).length, 1);
    await declines(await mapped(''), LOSSLESS);
    assert.ok(await result(await mapped(''), { ...LOSSLESS, metadata: 'all' }));
  });

  it('declines where a result would lose it or it would not fit', async () => {
    const file = await ultraHdrJpeg(PHOTO);
    await declines(file, { ...DEFAULT_OPTIONS, targets: ['webp'] });
    await declines(file, { ...DEFAULT_OPTIONS, resize: { width: 100, fit: 'inside' } });
    await declines(file, { ...LOSSLESS, turn: '90' });
    await declines(await gainMapJpeg(PHOTO), DEFAULT_OPTIONS);
    await declines(await appleGainMapJpeg(PHOTO), DEFAULT_OPTIONS);
    const larger = joinPictures(await jpegFile(photo(50, 50)), [await gainMap(PHOTO)]);
    await declines(larger, LOSSLESS);
  });

  it('stays as it is stored where its orientation turns it', async () => {
    const file = jpegWith(await ultraHdrJpeg(PHOTO), { exif: orientationExif(6) });
    // Its index is now wrong, as where an editor has put metadata in: the gain map is found all the same.
    const { data, quality } = await result(file, DEFAULT_OPTIONS);
    assert.equal(quality, null);
    assert.ok(gainMapSeen(data));
    await declines(file, { ...LOSSLESS, upright: true });
  });

  it('takes along nothing else that stands behind it', async () => {
    const { data } = await result(await ultraHdrJpeg(PHOTO, Buffer.from('<?php evil();')), LOSSLESS);
    assert.equal(Buffer.from(data).indexOf('evil'), -1);
    assert.equal(Buffer.from(data).indexOf('a comment'), -1);
  });
});
