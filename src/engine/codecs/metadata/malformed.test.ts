import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mutations, truncations } from '../../../../test/images/broken.ts';
import { jpegFile, jpegWith, pngFile, pngWith } from '../../../../test/images/files.ts';
import { CAMERA_IPTC, CAMERA_XMP, cameraExif, cameraTiff } from '../../../../test/images/metadata.ts';
import { photo } from '../../../../test/images/pixels.ts';
import { DEFAULT_LIMITS } from '../../contract.ts';
import { inspect } from '../../inspect.ts';
import { exifOrientation, orientationExif } from '../exif.ts';
import { XMP_KEYWORD } from '../png/chunks.ts';
import { exifDensity, exifOfTiff, filterExif } from './exif-policy.ts';
import { filterIptc } from './iptc.ts';
import { iptcInXmp } from './iptc-xmp.ts';
import { filterXmp } from './xmp.ts';

const POLICIES = ['copyright', 'private-stripped'] as const;

/** A directory of `count` entries that all claim the same `bytes` from the block's start. */
function greedyExif(count: number, bytes: number): Uint8Array {
  const exif = Buffer.alloc(8 + 2 + 12 * count + 4 + bytes);
  exif.write('MM\0*\0\0\0\x08', 'latin1');
  exif.writeUInt16BE(count, 8);
  for (let index = 0; index < count; index++) {
    const at = 10 + 12 * index;
    exif.writeUInt16BE(0x9000 + (index % 0x6000), at);
    exif.writeUInt16BE(7, at + 2);
    exif.writeUInt32BE(bytes, at + 4);
    exif.writeUInt32BE(8, at + 8);
  }
  return exif;
}

/** A directory that points to itself as the EXIF directory, and says so again as the next one. */
function cyclicExif(): Uint8Array {
  const exif = Buffer.alloc(26);
  exif.write('MM\0*\0\0\0\x08\0\x01', 'latin1');
  exif.writeUInt16BE(0x8769, 10);
  exif.writeUInt16BE(4, 12);
  exif.writeUInt32BE(1, 14);
  exif.writeUInt32BE(8, 18);
  exif.writeUInt32BE(8, 22);
  return exif;
}

function packet(inner: string, before = ''): Uint8Array {
  return Buffer.from(
    `${before}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description>${inner}</rdf:Description></rdf:RDF></x:xmpmeta>`,
  );
}

describe('malformed EXIF', () => {
  it('that leads in circles comes to nothing', () => {
    for (const policy of POLICIES) assert.equal(filterExif(cyclicExif(), policy, 1, null), null);
  });

  it('whose fields lie over each other never grows', () => {
    assert.equal(filterExif(greedyExif(900, 50_000), 'private-stripped', 1, null), null);
    const file = greedyExif(60_000, 40_000);
    assert.equal(exifOfTiff(file), null);
  });

  it('with fields outside of it keeps the others', () => {
    const exif = Buffer.from(orientationExif(3));
    assert.equal(filterExif(exif, 'private-stripped', 1, null), filterExif(exif, 'copyright', 1, null));
    exif.writeUInt32BE(0x7fffffff, 14);
    assert.equal(filterExif(exif, 'private-stripped', 1, null), null);
  });

  it('gives something readable or nothing, wherever it is cut or wrong', async () => {
    const whole = await cameraExif(6);
    for (const damaged of [...truncations(whole), ...mutations(whole, 1000), Buffer.alloc(10 << 20, 0xff)]) {
      for (const policy of POLICIES) {
        const left = filterExif(damaged, policy, 6, null);
        if (left) assert.ok(exifOrientation(left) === 6 && left.length < 2 * whole.length);
      }
      exifDensity(damaged);
    }
  });

  it('never makes a TIFF unreadable that decoders read', async () => {
    for (const damaged of mutations(await cameraTiff(photo(20, 10)), 300)) exifOfTiff(damaged);
  });
});

describe('malformed XMP', () => {
  it('is dropped when it declares a document type, entities or unknown references', () => {
    const bomb =
      '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>';
    for (const bad of [packet('<dc:rights>&b;</dc:rights>', bomb), packet('<dc:rights>&c;</dc:rights>')])
      for (const policy of POLICIES) assert.equal(filterXmp(bad, policy), null);
  });

  it('is dropped when it is not well-formed, too deep, too large or not UTF-8', () => {
    const deep = (depth: number) =>
      packet(`<dc:rights>${'<dc:a>'.repeat(depth)}${'</dc:a>'.repeat(depth)}</dc:rights>`);
    assert.ok(filterXmp(deep(20), 'copyright'));
    for (const bad of [
      packet('<dc:rights>'),
      packet('<dc:rights></dc:creator>'),
      packet('<unknown:rights/>'),
      packet('<dc:rights a=1/>'),
      packet('<dc:rights/><!-- '),
      deep(100_000),
      packet(`<dc:rights>${'x'.repeat(10 << 20)}</dc:rights>`),
      packet('<dc:rights/>'.repeat(80_000)),
      Buffer.from([0xff, 0xfe, 0x3c, 0x00]),
      Buffer.from('<'.repeat(1_000_000)),
      Buffer.from(`<a ${' '.repeat(1_000_000)}`),
      Buffer.alloc(0),
    ])
      for (const policy of POLICIES) assert.equal(filterXmp(bad, policy), null);
  });

  it('knows properties by their namespace, whatever prefix a writer chose', () => {
    const odd = packet(
      '<q:rights xmlns:q="http://purl.org/dc/elements/1.1/">ours &amp; theirs</q:rights><dc:rights xmlns:dc="urn:other">not</dc:rights>',
    );
    const text = Buffer.from(filterXmp(odd, 'copyright')!).toString();
    assert.ok(text.includes('ours &amp; theirs') && !text.includes('not<'));
  });

  it('gives what can be read again or nothing, wherever it is cut or wrong', () => {
    for (const damaged of [...truncations(CAMERA_XMP), ...mutations(CAMERA_XMP, 1000)]) {
      for (const policy of POLICIES) {
        const left = filterXmp(damaged, policy);
        if (left) assert.ok(filterXmp(left, policy)!.length === left.length);
      }
    }
  });

  it('does not stop a PNG whose packet is a bomb', async () => {
    const { deflateSync } = await import('node:zlib');
    const data = Buffer.concat([
      Buffer.from(`${XMP_KEYWORD}\0\x01\0\0\0`, 'latin1'),
      deflateSync(Buffer.alloc(64 << 20, ' ')),
    ]);
    const file = pngWith(await pngFile(photo(20, 10)), [{ type: 'iTXt', data }]);
    assert.equal((await inspect(file, DEFAULT_LIMITS)).embedded.xmp, null);
  });
});

describe('malformed IPTC', () => {
  it('gives what can be read or nothing, wherever it is cut or wrong', () => {
    for (const damaged of [
      ...truncations(CAMERA_IPTC),
      ...mutations(CAMERA_IPTC, 1000),
      Buffer.alloc(10 << 20, '8BIM'),
    ]) {
      for (const policy of POLICIES) {
        const left = filterIptc(damaged, policy);
        if (left) assert.ok(left.length <= CAMERA_IPTC.length + 12);
      }
      const { xmp } = iptcInXmp({ iptc: damaged, xmp: null });
      if (xmp) assert.ok(filterXmp(xmp, 'private-stripped'));
    }
  });
});

describe('blocks of 10 MB', () => {
  it('do not stop an image that holds them', async () => {
    const chunk = { type: 'eXIf', data: Buffer.alloc(10 << 20, 'MM\0*') };
    const file = pngWith(await pngFile(photo(20, 10)), [chunk]);
    assert.equal((await inspect(file, DEFAULT_LIMITS)).orientation, 1);
    const jpeg = jpegWith(await jpegFile(photo(20, 10)), { iptc: Buffer.alloc(60_000, '8BIM') });
    assert.ok((await inspect(jpeg, DEFAULT_LIMITS)).embedded.iptc);
  });
});
