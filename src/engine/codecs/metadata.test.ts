import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cmykJpeg, jpegFile, jpegWith, pngFile, wideGamutJpeg } from '../../../test/images/files.ts';
import { photo } from '../../../test/images/pixels.ts';
import { DEFAULT_LIMITS } from '../contract.ts';
import { inspect } from '../inspect.ts';
import { exifOrientation, orientationExif, uprightExif } from './exif.ts';
import { NOTHING_EMBEDDED } from './header.ts';
import { readSegments } from './jpeg/segments.ts';
import { embeddedFor } from './metadata.ts';

const PHOTO = photo(40, 30);

/** One directory with an orientation, then a second one, as cameras keep their thumbnail in. */
function cameraExif(orientation: number, littleEndian: boolean): Uint8Array {
  const exif = Buffer.alloc(44);
  const short = (value: number, at: number) =>
    littleEndian ? exif.writeUInt16LE(value, at) : exif.writeUInt16BE(value, at);
  const long = (value: number, at: number) =>
    littleEndian ? exif.writeUInt32LE(value, at) : exif.writeUInt32BE(value, at);
  exif.write(littleEndian ? 'II' : 'MM', 0, 'latin1');
  short(42, 2);
  long(8, 4);
  short(1, 8);
  short(0x0112, 10);
  short(3, 12);
  long(1, 14);
  short(orientation, 18);
  long(26, 22);
  return exif;
}

describe('EXIF', () => {
  it('gives its orientation in both byte orders', () => {
    for (let orientation = 1; orientation <= 8; orientation++) {
      assert.equal(exifOrientation(orientationExif(orientation)), orientation);
      assert.equal(exifOrientation(cameraExif(orientation, true)), orientation);
      assert.equal(exifOrientation(cameraExif(orientation, false)), orientation);
    }
  });

  it('counts as upright when it is damaged or says nonsense', () => {
    assert.equal(exifOrientation(null), 1);
    assert.equal(exifOrientation(new Uint8Array()), 1);
    assert.equal(exifOrientation(cameraExif(9, true)), 1);
    const whole = cameraExif(6, true);
    for (let length = 0; length < 20; length++) assert.equal(exifOrientation(whole.subarray(0, length)), 1);
    assert.equal(exifOrientation(Buffer.alloc(100, 0xff)), 1);
  });

  it('is set upright without its turned thumbnail, in a copy', () => {
    const exif = cameraExif(6, true);
    const upright = uprightExif(exif);
    assert.equal(exifOrientation(upright), 1);
    assert.equal(Buffer.from(upright).readUInt32LE(22), 0);
    assert.equal(exifOrientation(exif), 6);
    assert.deepEqual(uprightExif(cameraExif(1, true)), Uint8Array.from(cameraExif(1, true)));
  });
});

describe('what a metadata policy lets through', () => {
  const xmp = Buffer.from('<rdf:Description tiff:Orientation="6"/><tiff:Orientation>8</tiff:Orientation>');

  it('is nothing with none', async () => {
    const source = await inspect(jpegWith(await wideGamutJpeg(PHOTO), { xmp }), DEFAULT_LIMITS);
    assert.deepEqual(embeddedFor(source, 'none', source.facts), NOTHING_EMBEDDED);
  });

  it('is everything with all, set upright', async () => {
    const file = jpegWith(await wideGamutJpeg(PHOTO), {
      exif: cameraExif(6, false),
      xmp,
      iptc: Buffer.from('8BIM'),
    });
    const source = await inspect(file, DEFAULT_LIMITS);
    const { exif, xmp: kept, iptc, icc } = embeddedFor(source, 'all', source.facts);
    assert.equal(exifOrientation(exif), 1);
    assert.equal(
      Buffer.from(kept!).toString(),
      '<rdf:Description tiff:Orientation="1"/><tiff:Orientation>1</tiff:Orientation>',
    );
    assert.deepEqual([iptc?.length, icc], [4, source.embedded.icc]);
  });

  it('is no CMYK profile, because results are RGB', async () => {
    const source = await inspect(await cmykJpeg(PHOTO), DEFAULT_LIMITS);
    assert.equal(embeddedFor(source, 'all', source.facts).icc, null);
  });

  it('survives a profile that needs several segments', async () => {
    const icc = Buffer.alloc(150_000, 'profile');
    const file = jpegWith(await jpegFile(PHOTO), { icc });
    assert.equal(readSegments(file).list.filter(({ marker }) => marker === 0xe2).length, 3);
    const source = await inspect(file, DEFAULT_LIMITS);
    assert.deepEqual(Buffer.from(source.embedded.icc!), icc);
  });

  it('treats a profile that cannot be used as if it were not there', async () => {
    const source = await inspect(
      jpegWith(await jpegFile(PHOTO), { icc: Buffer.alloc(500, 'x') }),
      DEFAULT_LIMITS,
    );
    assert.equal(source.wideGamut, false);
    assert.equal((await inspect(await pngFile(PHOTO), DEFAULT_LIMITS)).embedded.icc, null);
  });
});
