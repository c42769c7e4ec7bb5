import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { mutations } from '../../../../test/images/broken.ts';
import { animatedWebp, jpegFile } from '../../../../test/images/files.ts';
import { cameraExif } from '../../../../test/images/jpegs.ts';
import { photo, screenshot } from '../../../../test/images/pixels.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions } from '../../contract.ts';
import { inspectFrames } from '../../inspect.ts';
import { optimize } from '../../optimize.ts';
import { CODECS } from '../codecs.ts';
import { type Embedded, NOTHING_EMBEDDED } from '../header.ts';
import { writeAnimatedWebp } from '../webp/animation.ts';
import { readRiffChunks } from '../webp/chunks.ts';
import { type Field, numberBytes, readDirectories, writeDirectories } from './exif-directories.ts';
import { withoutPreviews, withoutThumbnail } from './previews.ts';

const [WIDTH, HEIGHT] = [96, 64];
const PHOTO = photo(WIDTH, HEIGHT);
const FORMATS = ['jpeg', 'png', 'webp', 'avif'] as const;

const KEEPING: Record<string, Partial<OptimizeOptions>> = {
  'encoded again': {},
  'made smaller in proportion': { resize: { width: 50, fit: 'inside' } },
  'cropped to all of it': { crop: { x: 0, y: 0, width: WIDTH, height: HEIGHT } },
  'covering a box of its own shape': { resize: { width: 48, height: 32, fit: 'cover' } },
};
const DROPPING: Record<string, Partial<OptimizeOptions>> = {
  cropped: { crop: { x: 8, y: 8, width: 48, height: 32 } },
  'covering another box': { resize: { width: 40, height: 40, fit: 'cover' } },
  'covering another box with what catches the eye': {
    resize: { width: 40, height: 40, fit: 'cover', gravity: 'smart' },
  },
  stretched: { resize: { width: 48, height: 48, fit: 'fill' } },
  turned: { turn: '90' },
};

let thumbnail: Buffer;
let exif: Uint8Array;

before(async () => {
  thumbnail = Buffer.from(await jpegFile(photo(32, 21, 7)));
  exif = cameraExif({ orientation: 1, width: WIDTH, height: HEIGHT, thumbnail });
});

async function made(file: Uint8Array, over: Partial<OptimizeOptions>): Promise<Embedded & { data: Buffer }> {
  const options: OptimizeOptions = { ...DEFAULT_OPTIONS, metadata: 'all', gate: 'any', ...over };
  const outcome = await optimize(file, options);
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  const { data } = outcome.outputs[0]!;
  return { ...(await inspectFrames(data, DEFAULT_LIMITS)).embedded, data: Buffer.from(data) };
}

/** Without the markers at its ends, so that what is left of a damaged one counts, too. */
function holdsThumbnail(data: Uint8Array): boolean {
  return Buffer.from(data).includes(thumbnail.subarray(thumbnail.length - 60, -4));
}

describe('the thumbnail in EXIF', () => {
  for (const format of FORMATS) {
    const source = () =>
      CODECS[format].lossy.encode(PHOTO, CODECS[format].lossy.qualities.max, 'final', {
        ...NOTHING_EMBEDDED,
        exif,
      });

    for (const [name, over] of Object.entries(KEEPING))
      it(`stays in ${format.toUpperCase()} that is ${name}`, async () => {
        const { data } = await made(await source(), { quality: 60, ...over });
        assert.ok(holdsThumbnail(data));
      });

    for (const [name, over] of Object.entries(DROPPING))
      it(`is not in ${format.toUpperCase()} that is ${name}`, async () => {
        for (const target of FORMATS) {
          const { data, exif: left } = await made(await source(), {
            quality: 60,
            targets: [target],
            ...over,
          });
          assert.ok(!holdsThumbnail(data), target);
          assert.ok(left && readDirectories(left)!.main.length > 0, target);
        }
      });
  }

  it('is not in results of pixels without loss', async () => {
    const source = await CODECS.png.lossless!(
      await inspectFrames(
        await CODECS.png.lossy.encode(PHOTO, 100, 'final', { ...NOTHING_EMBEDDED, exif }),
        DEFAULT_LIMITS,
      ),
      null,
      'all',
    );
    assert.ok(holdsThumbnail(source!));
    for (const target of ['png', 'webp'] as const) {
      const { data } = await made(source!, {
        ...DROPPING.cropped,
        fidelity: 'lossless',
        targets: [target],
      });
      assert.ok(!holdsThumbnail(data), target);
    }
  });

  it('is not in an animation that is cropped, and stays in one that is not', async () => {
    const frames = [1, 2].map((seed) => screenshot(WIDTH, HEIGHT, seed));
    const chunks = readRiffChunks(await animatedWebp(frames)).filter(({ type }) => type === 'ANMF');
    const shape = { width: WIDTH, height: HEIGHT, plays: 0 };
    const file = writeAnimatedWebp(shape, chunks, { ...NOTHING_EMBEDDED, exif });
    assert.ok(holdsThumbnail((await made(file, {})).data));
    assert.ok(!holdsThumbnail((await made(file, DROPPING.cropped!)).data));
  });

  it('leaves every other byte where it is', () => {
    const without = Buffer.from(withoutThumbnail(exif));
    const end = exif.length - thumbnail.length;
    const pointer = 34;
    assert.equal(without.length, end);
    assert.equal(without.readUInt32LE(pointer), 0);
    assert.deepEqual(without.subarray(0, pointer), Buffer.from(exif.subarray(0, pointer)));
    assert.deepEqual(without.subarray(pointer + 4), Buffer.from(exif.subarray(pointer + 4, end)));
  });
});

/** A block of one maker's note, and behind it a directory of these fields and some bytes. */
function twoDirectories(note: Uint8Array, fieldsAt: (behind: number) => Field[], behind: Uint8Array): Buffer {
  const main = [{ tag: 0x927c, type: 7, count: note.length, value: note }];
  const plain = { littleEndian: true, exif: [], gps: [], interoperability: [] };
  const first = Buffer.from(writeDirectories({ ...plain, main })!);
  const place = (end: number) =>
    Buffer.from(writeDirectories({ ...plain, main: fieldsAt(end) }) ?? Buffer.alloc(8)).subarray(8);
  const length = place(0).length;
  first.writeUInt32LE(first.length, first.readUInt32LE(4) + 2 + 12 * main.length);
  return Buffer.concat([first, place(first.length + length), behind]);
}

describe('other pictures in EXIF', () => {
  const long = (tag: number, value: number): Field => {
    return { tag, type: 4, count: 1, value: numberBytes(value, 4, true) };
  };

  it('are not left either: previews in makers’ notes', async () => {
    const preview = await jpegFile(photo(48, 32, 9));
    const note = Buffer.concat([Buffer.from('MAKER-BEFORE'), preview, Buffer.from('MAKER-BEHIND')]);
    const without = withoutThumbnail(twoDirectories(note, () => [], Buffer.of()));
    const text = Buffer.from(without).toString('latin1');
    assert.ok(text.includes('MAKER-BEFORE') && text.includes('MAKER-BEHIND'));
    assert.ok(!text.includes(Buffer.from(preview.subarray(-60, -4)).toString('latin1')));
  });

  it('are not left either: thumbnails without compression', () => {
    const samples = Buffer.alloc(60, 'secret');
    const block = twoDirectories(
      Buffer.from('a note that is no picture'),
      (at) => [long(0x0111, at), long(0x0117, samples.length)],
      samples,
    );
    assert.ok(block.includes('secret'));
    const without = Buffer.from(withoutThumbnail(block));
    assert.ok(!without.includes('secret') && without.includes('a note that is no picture'));
  });

  it('are not left of a JPEG that is cut short', async () => {
    const cut = cameraExif({ orientation: 1, width: 1, height: 1, thumbnail: thumbnail.subarray(0, -2) });
    assert.ok(holdsThumbnail(Buffer.concat([cut, thumbnail.subarray(-2)])));
    assert.ok(!holdsThumbnail(Buffer.concat([withoutThumbnail(cut), thumbnail.subarray(-2)])));
  });

  it('do no harm in blocks that are damaged or lead in circles', () => {
    const circle = Buffer.from(exif);
    circle.writeUInt32LE(8, circle.readUInt32LE(34) + 2 + 12 * circle.readUInt16LE(circle.readUInt32LE(34)));
    const damaged = [circle, ...mutations(exif, 300, 5)];
    for (let length = 0; length < 130; length++) damaged.push(Buffer.from(exif.subarray(0, length)));
    for (const block of damaged) assert.ok(withoutThumbnail(block).length <= block.length);
    assert.ok(!holdsThumbnail(withoutThumbnail(circle)));
  });
});

describe('previews in XMP and in Photoshop’s resources', () => {
  const packet = (inner: string) =>
    Buffer.from(
      `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:p="http://ns.adobe.com/xap/1.0/" xmlns:g="http://ns.adobe.com/xap/1.0/g/img/" p:CreatorTool="a tool">${inner}</rdf:Description></rdf:RDF></x:xmpmeta>`,
    );
  const THUMBNAILS =
    '<p:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource"><g:image>c2VjcmV0</g:image></rdf:li></rdf:Alt></p:Thumbnails>';
  const resource = (id: number, name: string, data: string) => {
    const bytes = Buffer.concat([
      Buffer.from('8BIM\0\0', 'latin1'),
      Buffer.from([name.length, ...Buffer.from(name)]),
      Buffer.alloc(1 - (name.length % 2)),
      Buffer.alloc(4),
      Buffer.from(data, 'latin1'),
    ]);
    bytes.writeUInt16BE(id, 4);
    bytes.writeUInt32BE(data.length, bytes.length - data.length - 4);
    return bytes;
  };
  const clean = (over: Partial<Embedded>) => withoutPreviews({ ...NOTHING_EMBEDDED, ...over });

  it('are taken out, and nothing else', () => {
    const { xmp } = clean({ xmp: packet(THUMBNAILS) });
    assert.match(String(xmp), /p:CreatorTool="a tool"/);
    assert.doesNotMatch(String(xmp), /c2VjcmV0/);
    const path = resource(0x07d0, 'a named path', 'as it stands');
    const iptc = Buffer.concat([resource(0x040c, '', 'secret'), path, resource(0x0409, '', 'secret')]);
    assert.deepEqual(Buffer.from(clean({ iptc }).iptc!), path);
  });

  it('are taken out of IPTC records', () => {
    const record = (number: number, text: string) =>
      String.fromCharCode(0x1c, 2, number, 0, text.length) + text;
    const iptc = resource(0x0404, '', record(120, 'a caption ') + record(202, 'secret'));
    const text = Buffer.from(clean({ iptc }).iptc!).toString('latin1');
    assert.ok(text.includes('a caption') && !text.includes('secret'));
  });

  it('take with them a packet that cannot be read', () => {
    assert.equal(clean({ xmp: Buffer.from('<p:Thumbnails>c2VjcmV0') }).xmp, null);
  });

  it('leave untouched what has none', () => {
    const xmp = packet('');
    assert.equal(clean({ xmp }).xmp, xmp);
  });
});
