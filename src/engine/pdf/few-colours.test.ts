import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { drawPdf } from '../../../test/images/pdf-drawn.ts';
import { onePage, type PdfObject, pdfOf } from '../../../test/images/pdf-objects.ts';
import { randomNumbers } from '../../../test/images/pixels.ts';
import { ADOBE_RGB, greyProfile, rgbProfile } from '../../../test/images/profiles.ts';
import { DEFAULT_OPTIONS } from '../contract.ts';
import { optimize } from '../optimize.ts';
import { type PdfDocument, readDocument } from './document.ts';
import { type IndirectObject, isStream, type Stream, writeValue } from './objects.ts';
import { changedImages } from './same.ts';
import { bytesOfString, stringOf } from './strings.ts';

/** No multiple of eight, so that rows end within bytes. */
const [WIDTH, HEIGHT] = [93, 61];
const IMAGE = `/Type/XObject/Subtype/Image/Width ${WIDTH}/Height ${HEIGHT}`;
const TINT = '<</FunctionType 2/Domain[0 1]/C0[0 0 0]/C1[1 0 0]/N 1>>';
const random = randomNumbers(7);
/** For every pixel a number below 1, the same for all pictures. */
const CHOICES = Array.from({ length: WIDTH * HEIGHT }, random);

/** Pixels that are each one of these, all of which there are. */
function pictureOf(colours: number[][]): Buffer {
  const pixels = CHOICES.map(
    (choice, at) => colours[at < colours.length ? at : Math.floor(choice * colours.length)]!,
  );
  return Buffer.from(pixels.flat());
}

const levels = (...each: number[]) => pictureOf(each.map((level) => [level]));
/** Among them those that strings must escape. */
const colours = (count: number) =>
  Array.from({ length: count }, (_, at) => [[40, 41, 92, 13, 10][at % 5]!, (at * 7) % 256, at >> 3]);

/** One page that draws one image, which is object 5; `more` are numbered from 6. */
function pageWith(
  space: string,
  data: Uint8Array,
  entries = '',
  more: PdfObject[] = [],
  resources = '',
): Uint8Array {
  const page = `/Resources<</XObject<</Im 5 0 R>>${resources}>>`;
  const dictionary = `${IMAGE}/ColorSpace${space}/Filter/FlateDecode${entries || '/BitsPerComponent 8'}`;
  const image = { dictionary, data: deflateSync(data, { level: 9 }) };
  return pdfOf([
    ...onePage('0 1 0 rg 0 0 144 72 re f q 100 0 0 70 9 1 cm /Im Do Q\n'.repeat(9), { page }),
    image,
    ...more,
  ]);
}

async function lossless(bytes: Uint8Array): Promise<Uint8Array> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, fidelity: 'lossless' });
  assert.ok(outcome.status === 'done', JSON.stringify(outcome));
  return outcome.outputs[0]!.data;
}

const imageIn = ({ objects }: PdfDocument, said = '') =>
  [...objects].find(
    (entry): entry is [number, Stream] =>
      isStream(entry[1]) &&
      writeValue(entry[1].dictionary, () => 0).includes(`/Width ${WIDTH}/Height ${HEIGHT}${said}`),
  )!;

/** What a result says of its image's samples. */
async function samplingOf(bytes: Uint8Array): Promise<[space: string, bits: string]> {
  const result = await lossless(bytes);
  const [source, document] = [readDocument(bytes), readDocument(result)];
  assert.deepEqual(changedImages(source, document), []);
  const [, { dictionary }] = imageIn(document);
  const text = (key: string) => writeValue(dictionary.get(key)!, () => 0);
  const drawn = drawPdf(bytes);
  if (drawn) assert.ok(drawPdf(result)!.equals(drawn), 'poppler draws another picture');
  return [text('ColorSpace'), text('BitsPerComponent')];
}

const ADOBE: PdfObject = { dictionary: '/N 3', data: rgbProfile(ADOBE_RGB) };
const TAGGED = await sharp(pictureOf(colours(1)), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
  .withIccProfile('srgb')
  .png()
  .toBuffer();
const SRGB: PdfObject = { dictionary: '/N 3', data: (await sharp(TAGGED).metadata()).icc! };
const GREY: PdfObject = { dictionary: '/N 1', data: greyProfile(1.8) };
const MATTE: PdfObject = {
  dictionary: `${IMAGE}/ColorSpace/DeviceGray/BitsPerComponent 8/Matte[0 0 0]/Filter/FlateDecode`,
  data: deflateSync(levels(0, 100, 255)),
};

describe('a picture of few colours', () => {
  it('gets a palette, and as few bits as its indices need', async () => {
    for (const [count, bits] of [
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
      [5, 4],
      [16, 4],
      [17, 8],
      [256, 8],
    ]) {
      const [space, said] = await samplingOf(pageWith('/DeviceRGB', pictureOf(colours(count!))));
      assert.ok(space.startsWith(`[/Indexed/DeviceRGB ${count! - 1}(`), space);
      assert.equal(said, `${bits}`);
    }
    assert.deepEqual(await samplingOf(pageWith('/DeviceRGB', pictureOf(colours(257)))), ['/DeviceRGB', '8']);
  });

  it('keeps a profile that says sRGB below the palette, and gets none with another', async () => {
    const [space] = await samplingOf(pageWith('[/ICCBased 6 0 R]', pictureOf(colours(9)), '', [SRGB]));
    assert.match(space, /^\[\/Indexed\[\/ICCBased 0 0 R\]8\(/);
    const [shared] = await samplingOf(
      pageWith(' 6 0 R', pictureOf(colours(9)), '', ['[/ICCBased 7 0 R]', SRGB], '/ColorSpace<</Cs 6 0 R>>'),
    );
    assert.match(shared, /^\[\/Indexed 0 0 R 8\(/);
    const [other] = await samplingOf(pageWith('[/ICCBased 6 0 R]', pictureOf(colours(9)), '', [ADOBE]));
    assert.equal(other, '[/ICCBased 0 0 R]');
  });

  it('has greys in as few bits as these need', async () => {
    for (const space of ['/DeviceGray', '[/CalGray<</WhitePoint[0.95 1 1.09]>>]', '[/ICCBased 6 0 R]']) {
      const bits = async (...each: number[]): Promise<string> =>
        (await samplingOf(pageWith(space, levels(...each), '', [GREY])))[1];
      assert.equal(await bits(0, 255), '1');
      assert.equal(await bits(255), '1');
      assert.equal(await bits(0, 85, 255), '2');
      assert.equal(await bits(17, 34, 238), '4');
      assert.equal(await bits(0, 1, 255), '8');
    }
    const nibbles = levels(...Array.from({ length: 256 }, (_, at) => (at % 2) * 15 + (at >> 7) * 240));
    const data = nibbles.subarray(0, Math.ceil(WIDTH / 2) * HEIGHT);
    assert.deepEqual(await samplingOf(pageWith('/DeviceGray', data, '/BitsPerComponent 4')), [
      '/DeviceGray',
      '1',
    ]);
  });

  it('has the indices of a palette in as few bits as these need, and the palette as it was', async () => {
    const palette = `[/Indexed/DeviceRGB 255<${Buffer.alloc(768, 'colours').toString('hex')}>]`;
    const bits = async (...each: number[]): Promise<string> => {
      const [space, said] = await samplingOf(pageWith(palette, levels(...each)));
      assert.equal(space, palette);
      return said;
    };
    assert.equal(await bits(0, 1), '1');
    assert.equal(await bits(0, 1, 3), '2');
    assert.equal(await bits(0, 1, 15), '4');
    assert.equal(await bits(0, 1, 16), '8');
  });

  it('has a soft mask in fewer bits', async () => {
    const mask = {
      ...MATTE,
      dictionary: (MATTE as { dictionary: string }).dictionary.replace('/Matte[0 0 0]', ''),
    };
    const bytes = pageWith('/DeviceRGB', pictureOf(colours(300)), '/BitsPerComponent 8/SMask 6 0 R', [
      { ...mask, data: deflateSync(levels(0, 85, 255)) },
    ]);
    const result = await lossless(bytes);
    assert.deepEqual(changedImages(readDocument(bytes), readDocument(result)), []);
    assert.ok(imageIn(readDocument(result), '/ColorSpace/DeviceGray/BitsPerComponent 2'));
    const drawn = drawPdf(bytes);
    if (drawn) assert.ok(drawPdf(result)!.equals(drawn));
  });

  const KEPT: [string, string, Uint8Array][] = [
    ['inks', '/DeviceCMYK', pictureOf(colours(9).map((colour) => [...colour, 0]))],
    ['a spot colour', `[/Separation/Spot/DeviceRGB ${TINT}]`, levels(0, 255)],
    [
      'spot colours',
      `[/DeviceN[/A/B]/DeviceGray<</FunctionType 4/Domain[0 1 0 1]/Range[0 1]>>]`,
      pictureOf([
        [0, 0],
        [255, 0],
      ]),
    ],
    ['Lab', '[/Lab<</WhitePoint[0.95 1 1.09]>>]', pictureOf(colours(9))],
  ];
  for (const [name, space, data] of KEPT)
    it(`keeps every bit in ${name}`, async () => {
      const [said, bits] = await samplingOf(pageWith(space, data));
      assert.equal(said.slice(0, 6), space.slice(0, 6));
      assert.equal(bits, '8');
    });

  it('keeps every bit where something else is said of its samples', async () => {
    const said = ['/Decode[1 0 1 0 1 0]', '/Mask[0 40 0 255 0 255]', '/SMask 6 0 R'];
    for (const entry of said) {
      const bytes = pageWith('/DeviceRGB', pictureOf(colours(9)), `/BitsPerComponent 8${entry}`, [MATTE]);
      assert.deepEqual(await samplingOf(bytes), ['/DeviceRGB', '8']);
    }
    const defaults = '/ColorSpace<</DefaultRGB[/ICCBased 6 0 R]>>';
    const bytes = pageWith('/DeviceRGB', pictureOf(colours(9)), '', [ADOBE], defaults);
    assert.deepEqual(await samplingOf(bytes), ['/DeviceRGB', '8']);
  });
});

describe('the proof of a picture of few colours', () => {
  const sources: Record<string, Uint8Array> = {
    'a palette': pageWith('/DeviceRGB', pictureOf(colours(9))),
    'fewer bits': pageWith('/DeviceGray', levels(0, 255)),
  };
  for (const [name, bytes] of Object.entries(sources)) {
    const alter = async (change: (image: Stream) => IndirectObject) => {
      const [before, after] = [readDocument(bytes), readDocument(await lossless(bytes))];
      const [number, image] = imageIn(after);
      after.objects.set(number, change(image));
      return () => changedImages(before, after);
    };

    it(`finds another pixel, with ${name}`, async () => {
      const isChanged = await alter(({ dictionary }) => {
        const plain = new Map(dictionary);
        plain.delete('Filter');
        plain.delete('DecodeParms');
        return {
          dictionary: plain,
          data: new Uint8Array(HEIGHT * Math.ceil((WIDTH * (name === 'a palette' ? 4 : 1)) / 8)),
        };
      });
      assert.throws(isChanged, /differ in/);
    });

    it(`finds another colour, with ${name}`, async () => {
      const isChanged = await alter(({ dictionary, data }) => {
        const space = dictionary.get('ColorSpace')!;
        const other = Array.isArray(space)
          ? [...space.slice(0, 3), stringOf(new Uint8Array(27))]
          : { name: 'CalGray' };
        return { dictionary: new Map(dictionary).set('ColorSpace', other), data };
      });
      assert.throws(isChanged, /differ in/);
    });
  }

  it('finds an index that no colour has, and a base that is another', async () => {
    const bytes = sources['a palette']!;
    for (const [at, value] of [
      [2, { atom: '7' }],
      [1, { name: 'CalRGB' }],
    ] as const) {
      const [before, after] = [readDocument(bytes), readDocument(await lossless(bytes))];
      const [number, { dictionary, data }] = imageIn(after);
      const space = (dictionary.get('ColorSpace') as IndirectObject[]).with(at, value) as never;
      after.objects.set(number, { dictionary: new Map(dictionary).set('ColorSpace', space), data });
      assert.throws(() => changedImages(before, after), /differ in/);
    }
  });
});

describe('a string', () => {
  it('gives back all bytes', () => {
    const all = Uint8Array.from({ length: 512 }, (_, at) => (at * 7) % 256);
    assert.deepEqual(Uint8Array.from(bytesOfString(stringOf(all))!), all);
  });

  it('is read with its escapes, its lines and its digits', () => {
    const text = (atom: string) => Buffer.from(bytesOfString({ atom })!).toString('latin1');
    assert.equal(text('(a\\n\\(b\\)(c)\\\\\\101\\7z\\q)'), 'a\n(b)(c)\\A\x07zq');
    assert.equal(text('(one\\\r\ntwo\rthree\r\nfour)'), 'onetwo\nthree\nfour');
    assert.equal(text('<48 65 6c6C 7>'), 'Hellp');
    assert.equal(bytesOfString({ atom: '12' }), null);
  });
});
