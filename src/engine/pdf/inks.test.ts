import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { drawPdf } from '../../../test/images/pdf-drawn.ts';
import { onePage, type PdfObject, pdfOf } from '../../../test/images/pdf-objects.ts';
import { photo } from '../../../test/images/pixels.ts';
import { cmykProfile } from '../../../test/images/profiles.ts';
import { inksAsTiff } from '../codecs/tiff/carrier.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions, type Output } from '../contract.ts';
import { gatedScore } from '../gate.ts';
import { compare } from '../judge.ts';
import { optimize } from '../optimize.ts';
import { readDocument } from './document.ts';
import { marked } from './inks.ts';
import { isStream, type Stream } from './objects.ts';
import { changedImages } from './same.ts';

const [WIDTH, HEIGHT] = [160, 120];
const { data: PHOTO } = photo(WIDTH, HEIGHT);
/** Four a pixel, some black in all of them. */
const INKS = Buffer.from(
  Array.from({ length: WIDTH * HEIGHT }, (_, at) => {
    const [red, green, blue] = PHOTO.subarray(at * 3, at * 3 + 3);
    const black = (255 - Math.max(red!, green!, blue!)) >> 1;
    return [255 - red! - black, 255 - green! - black, 255 - blue! - black, black];
  }).flat(),
);
const inverted = (samples: Uint8Array) => samples.map((sample) => 255 - sample);
const INVERSE = '/Decode[1 0 1 0 1 0 1 0]';

function keepInks(file: Uint8Array) {
  return sharp(file, { ignoreIcc: true }).pipelineColourspace('cmyk').toColourspace('cmyk');
}
/** With Adobe's marker, full ink being 0. */
const adobe = (inks: Uint8Array) =>
  keepInks(inksAsTiff({ data: inks, width: WIDTH, height: HEIGHT }))
    .jpeg({ quality: 98, chromaSubsampling: '4:4:4' })
    .toBuffer();
/** The first three components are YCC of what is not inked. */
async function ycck(inks: Uint8Array): Promise<Uint8Array> {
  const asYcc = Buffer.from(inks);
  for (let at = 0; at < inks.length; at += 4) {
    const [red, green, blue] = inks.subarray(at, at + 3) as unknown as [number, number, number];
    const light = 0.299 * red + 0.587 * green + 0.114 * blue;
    const coded = [light, 128 + (blue - light) / 1.772, 128 + (red - light) / 1.402];
    asYcc.set(
      coded.map((level) => 255 - Math.min(255, Math.max(0, Math.round(level)))),
      at,
    );
  }
  const file = Buffer.from(await adobe(asYcc));
  file[file.indexOf('Adobe') + 11] = 2;
  return file;
}

function page(data: Uint8Array, filter: string, more = '', space = '/DeviceCMYK', beside: PdfObject[] = []) {
  const said = `/Type/XObject/Subtype/Image/Width ${WIDTH}/Height ${HEIGHT}/BitsPerComponent 8`;
  const dictionary = `${said}/ColorSpace${space}/Filter/${filter}${more}`;
  const resources = { page: '/Resources<</XObject<</Im 5 0 R>>>>' };
  return pdfOf([...onePage('q 144 0 0 72 0 0 cm /Im Do Q', resources), { dictionary, data }, ...beside]);
}

async function smaller(bytes: Uint8Array, options: Partial<OptimizeOptions> = {}): Promise<Output> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, effort: 'fast', ...options });
  assert.ok(outcome.status === 'done', JSON.stringify(outcome));
  return outcome.outputs[0]!;
}

const imageIn = (bytes: Uint8Array) =>
  [...readDocument(bytes).objects.values()].find(
    (each): each is Stream => isStream(each) && each.dictionary.has('Width'),
  )!;
const distance = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, level, at) => sum + Math.abs(level - b[at]!), 0) / a.length;

/** The inks of a JPEG as the document says them. */
async function inksIn(bytes: Uint8Array): Promise<Uint8Array> {
  const { data, dictionary } = imageIn(bytes);
  const asOfFile = await keepInks(data).raw().toBuffer();
  return dictionary.has('Decode') ? asOfFile : inverted(asOfFile);
}

const SOURCES: Record<string, () => Promise<Uint8Array> | Uint8Array> = {
  'as Flate': () => page(deflateSync(INKS), 'FlateDecode'),
  'as Flate, full ink being 0': () => page(deflateSync(inverted(INKS)), 'FlateDecode', INVERSE),
  'as a JPEG with the marker, full ink being 0': async () => page(await adobe(INKS), 'DCTDecode', INVERSE),
  'as a JPEG with the marker': async () => page(await adobe(inverted(INKS)), 'DCTDecode'),
  'as a JPEG': async () => page(marked(await adobe(inverted(INKS)), false), 'DCTDecode'),
  'as a JPEG, full ink being 0': async () => page(marked(await adobe(INKS), false), 'DCTDecode', INVERSE),
  'as YCCK': async () => page(await ycck(inverted(INKS)), 'DCTDecode'),
  'as YCCK, full ink being 0': async () => page(await ycck(INKS), 'DCTDecode', INVERSE),
};

describe('an image of inks in a PDF', () => {
  for (const [name, make] of Object.entries(SOURCES)) {
    it(`keeps each of its inks ${name}, and is judged by what is verified`, async () => {
      const bytes = await make();
      const output = await smaller(bytes);
      assert.ok(output.data.length < bytes.length * 0.9 && output.quality !== null);
      assert.ok(gatedScore(output) >= DEFAULT_OPTIONS.floor);
      assert.deepEqual(
        imageIn(output.data).dictionary.get('ColorSpace'),
        imageIn(bytes).dictionary.get('ColorSpace'),
      );
      const inks = await inksIn(output.data);
      assert.equal(inks.length, INKS.length);
      for (const ink of [0, 1, 2, 3]) {
        const [is, was] = [inks, INKS].map((each) => each.filter((_, at) => at % 4 === ink));
        assert.ok(distance(is!, was!) < 6, `ink ${ink}: ${distance(is!, was!)}`);
      }
      const { score, visibility } = await compare(bytes, output.data, { limits: DEFAULT_LIMITS });
      assert.deepEqual([score, visibility], [output.score, output.visibility]);
      const hadMarker = Buffer.from(imageIn(bytes).data).includes('Adobe');
      assert.equal(Buffer.from(imageIn(output.data).data).includes('Adobe'), hadMarker);
    });

    it(`is drawn alike by another program ${name}`, async (t) => {
      const bytes = await make();
      const drawn = [page(deflateSync(INKS), 'FlateDecode'), bytes, (await smaller(bytes)).data].map(drawPdf);
      if (drawn.includes(null)) return t.skip('pdftoppm is not installed');
      const [plain, before, after] = drawn as [Buffer, Buffer, Buffer];
      assert.ok(distance(before, plain) < 3 && distance(after, plain) < 3);
    });
  }

  it('is judged through its profile', async () => {
    const profile = { dictionary: '/N 4', data: cmykProfile() };
    const make = (space: string, beside: PdfObject[]) =>
      page(deflateSync(INKS), 'FlateDecode', '', space, beside);
    const bytes = make('[/ICCBased 6 0 R]', [profile]);
    const output = await smaller(bytes, { quality: 70, floor: 50 });
    const plain = await smaller(make('/DeviceCMYK', []), { quality: 70, floor: 50 });
    assert.deepEqual(imageIn(output.data).data, imageIn(plain.data).data);
    assert.notEqual(output.score, plain.score);
    assert.equal((await compare(bytes, output.data, { limits: DEFAULT_LIMITS })).score, output.score);
  });

  it('keeps its coefficients where nothing may be lost, and samples that no JPEG is made of', async () => {
    const bytes = await SOURCES['as YCCK']!();
    const exact = await smaller(bytes, { fidelity: 'lossless', effort: 'usual' });
    assert.deepEqual([exact.quality, exact.score], [null, 100]);
    assert.deepEqual(await inksIn(exact.data), await inksIn(bytes));
    const samples = page(deflateSync(INKS, { level: 0 }), 'FlateDecode');
    const packed = await smaller(samples, { fidelity: 'lossless' });
    assert.deepEqual(changedImages(readDocument(samples), readDocument(packed.data)).length, 0);
  });

  it('becomes as small as it is drawn', async () => {
    const output = await smaller(await SOURCES['as YCCK']!(), { imageDpi: 50 });
    assert.deepEqual(imageIn(output.data).dictionary.get('Width'), { atom: '100' });
    assert.ok(gatedScore(output) >= DEFAULT_OPTIONS.floor);
  });

  it('stays what it is where its samples mean other than all of the range', async () => {
    const bytes = page(deflateSync(INKS, { level: 0 }), 'FlateDecode', '/Decode[0 1 0 1 0 1 0 .5]');
    const output = await smaller(bytes);
    assert.equal(output.score, 100);
    assert.equal(changedImages(readDocument(bytes), readDocument(output.data)).length, 0);
  });
});
