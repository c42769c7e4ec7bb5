import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { jpegFile } from '../../../test/images/files.ts';
import { pdfFile, pdfPicture } from '../../../test/images/pdf.ts';
import { drawPdf } from '../../../test/images/pdf-drawn.ts';
import { dumpPdf } from '../../../test/images/pdf-dump.ts';
import { onePage, type PdfObject, pdfOf } from '../../../test/images/pdf-objects.ts';
import { inGrey, noise, photo } from '../../../test/images/pixels.ts';
import { ADOBE_RGB, rgbProfile } from '../../../test/images/profiles.ts';
import { DEFAULT_OPTIONS, type OptimizeOptions } from '../contract.ts';
import { optimize } from '../optimize.ts';
import { readDocument } from './document.ts';
import { changedImages } from './same.ts';

async function smaller(bytes: Uint8Array, options: Partial<OptimizeOptions> = {}): Promise<Uint8Array> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, effort: 'fast', ...options });
  assert.ok(outcome.status === 'done', JSON.stringify(outcome));
  assert.ok(outcome.outputs[0]!.data.length < bytes.length);
  return outcome.outputs[0]!.data;
}

const stream = (dictionary: string, data: Uint8Array | string): PdfObject => ({ dictionary, data });

describe('a PDF that is more than text', () => {
  const contents =
    '/P <</MCID 0>> BDC BT /F1 12 Tf 10 10 Td (tagged text \\(with \\101 escapes\\)) Tj ET EMC\n';
  const objects = [
    ...onePage(contents.repeat(30), {
      page: '/Resources<</Font<</F1 5 0 R>>>>/StructParents 0/Annots[6 0 R 7 0 R 8 0 R 9 0 R]/Tabs/S',
      catalog:
        '/StructTreeRoot 10 0 R/MarkInfo<</Marked true>>/Outlines 12 0 R/PageLabels<</Nums[0<</S/r/P(App\\055)>>]>>' +
        '/AcroForm<</Fields[8 0 R 9 0 R]/DR<</Font<</F1 5 0 R>>>>/DA(/F1 0 Tf 0 g)/NeedAppearances true>>' +
        '/Names<</EmbeddedFiles<</Names[(note.txt) 14 0 R]>>/Dests<</Names[(top)[3 0 R/XYZ 0 72 null]]>>>>' +
        '/Lang(en-GB)/ViewerPreferences<</DisplayDocTitle true>>/Metadata 18 0 R/OCProperties<</OCGs[17 0 R]/D<<>>>>',
    }),
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    '<</Type/Annot/Subtype/Link/Rect[0 0 50 20]/A<</S/URI/URI(https://example.org/?a=\\(1\\))>>>>',
    '<</Type/Annot/Subtype/Link/Rect[50 0 99 20]/Dest(top)>>',
    '<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V<FEFF00E90041>/Rect[0 30 50 50]/P 3 0 R/AP<</N 16 0 R>>>>',
    '<</Type/Annot/Subtype/Widget/FT/Btn/T(check)/V/Yes/AS/Yes/Rect[0 50 9 59]/AP<</N<</Yes 16 0 R/Off 16 0 R>>>>>>',
    '<</Type/StructTreeRoot/K 11 0 R/ParentTree<</Nums[0[11 0 R]]>>/RoleMap<</Absatz#20eins/P>>>>',
    '<</Type/StructElem/S/Absatz#20eins/P 10 0 R/Pg 3 0 R/K 0/Alt(what it shows)/ActualText<FEFF0041>>>',
    '<</Type/Outlines/First 13 0 R/Last 13 0 R/Count 1>>',
    '<</Title(First)/Parent 12 0 R/Dest[3 0 R/Fit]>>',
    '<</Type/Filespec/F(note.txt)/UF(note.txt)/EF<</F 15 0 R>>/AFRelationship/Data>>',
    stream('/Type/EmbeddedFile/Subtype/text#2Fplain/Params<</Size 450>>', 'attached\r\n'.repeat(45)),
    stream('/Type/XObject/Subtype/Form/BBox[0 0 9 9]', '0 0 9 9 re f\n'.repeat(20)),
    '<</Type/OCG/Name(Layer)>>',
    stream('/Type/Metadata/Subtype/XML', '<?xpacket begin=""?><x:xmpmeta/>'.padEnd(300)),
  ];
  for (const kind of ['table', 'stream'] as const) {
    it(`keeps tags, outlines, links, forms, attachments, labels and layers, read by another library (${kind})`, async () => {
      const bytes = pdfOf(objects, { kind, trailer: '/ID[<00><01>]' });
      assert.deepEqual(await dumpPdf(await smaller(bytes)), await dumpPdf(bytes));
    });
  }

  it('does not grow: it is smaller or declined', async () => {
    for (const text of ['', '(a) Tj', contents, contents.repeat(9)]) {
      const bytes = pdfOf(onePage(text));
      const outcome = await optimize(bytes, DEFAULT_OPTIONS);
      if (outcome.status === 'done') assert.ok(outcome.outputs[0]!.data.length < bytes.length);
      else assert.match(outcome.reason, /no-gain|already-optimal/);
    }
  });
});

const SIDE = 96;
const RGB = Buffer.from(photo(SIDE, SIDE).data);
const GREY = RGB.filter((_, at) => at % 3 === 0);
/** Nobody looks into it. */
const CODED = Buffer.from(noise(SIDE, SIDE).data);
const flate = (samples: Uint8Array) => deflateSync(samples, { level: 1 });
const image = (space: string, data: Uint8Array, entries = '/BitsPerComponent 8/Filter/FlateDecode') =>
  stream(
    `/Type/XObject/Subtype/Image/Width ${SIDE}/Height ${SIDE}${space && `/ColorSpace${space}`}${entries}`,
    data,
  );
const TINT = '<</FunctionType 2/Domain[0 1]/C0[0 0 0]/C1[1 0 0]/N 1>>';

/** One page that draws one image, which is object 5; `more` are numbered from 6. */
function pageWith(picture: PdfObject, more: PdfObject[] = [], contents = ''): Uint8Array {
  const page = '/Resources<</XObject<</Im 5 0 R>>>>';
  const drawn = `q 100 0 0 70 9 1 cm /Im Do Q ${contents}% a remark that may be packed well\n`.repeat(9);
  return pdfOf([...onePage(drawn, { page }), picture, ...more]);
}

describe('an image in a PDF', () => {
  const mayLose: [string, () => Promise<Uint8Array>][] = [
    ['in DeviceRGB', async () => pageWith(image('/DeviceRGB', flate(RGB)))],
    ['in DeviceGray', async () => pageWith(image('/DeviceGray', flate(GREY)))],
    [
      'as a JPEG',
      async () => pageWith(image('/DeviceRGB', await jpeg(), '/BitsPerComponent 8/Filter/DCTDecode')),
    ],
    ['with a profile', async () => pageWith(image('[/ICCBased 6 0 R]', flate(RGB)), [icc()])],
    [
      'with a soft mask',
      async () => pageWith(image('/DeviceRGB', flate(RGB), masked('/SMask 6 0 R')), [mask()]),
    ],
    [
      'that another masks',
      async () => pageWith(image('/DeviceRGB', flate(RGB), masked('/Mask 6 0 R')), [stencil()]),
    ],
    [
      'with the usual Decode',
      async () => pageWith(image('/DeviceRGB', flate(RGB), masked('/Decode[0 1 0 1 0 1]'))),
    ],
  ];
  const jpeg = () => jpegFile(photo(SIDE, SIDE), { quality: 98 });
  const masked = (entry: string) => `/BitsPerComponent 8/Filter/FlateDecode${entry}`;
  const icc = () => stream('/N 3', rgbProfile(ADOBE_RGB));
  const mask = (entries = '') => image('/DeviceGray', flate(GREY), masked(entries));
  const stencil = () =>
    image('', flate(GREY.subarray(0, SIDE * 12)), '/ImageMask true/BitsPerComponent 1/Filter/FlateDecode');
  for (const [name, make] of mayLose) {
    it(`is coded anew ${name}, and nothing beside it`, async () => {
      const bytes = await make();
      const after = readDocument(await smaller(bytes));
      assert.deepEqual(
        changedImages(readDocument(bytes), after).map(({ number }) => number),
        [5],
      );
    });
  }

  const stays: [string, () => Promise<Uint8Array> | Uint8Array][] = [
    [
      'in Indexed',
      () => pageWith(image(`[/Indexed/DeviceRGB 255<${RGB.subarray(0, 768).toString('hex')}>]`, flate(GREY))),
    ],
    ['in Separation', () => pageWith(image(`[/Separation/Spot/DeviceRGB ${TINT}]`, flate(GREY)))],
    ['in DeviceN', () => pageWith(image(`[/DeviceN[/Spot]/DeviceRGB ${TINT}]`, flate(GREY)))],
    ['in Lab', () => pageWith(image('[/Lab<</WhitePoint[0.95 1 1.09]>>]', flate(RGB)))],
    [
      'with colours that are turned round',
      () => pageWith(image('/DeviceRGB', flate(RGB), masked('/Decode[1 0 1 0 1 0]'))),
    ],
    [
      'with colours that are transparent',
      () => pageWith(image('/DeviceRGB', flate(RGB), masked('/Mask[0 9 0 9 0 9]'))),
    ],
    [
      'with a mask that it was blended by',
      () => pageWith(image('/DeviceRGB', flate(RGB), masked('/SMask 6 0 R')), [mask('/Matte[0 0 0]')]),
    ],
    ['as a stencil', () => pageWith(stencil())],
    [
      'of 1 bit',
      () =>
        pageWith(
          image('/DeviceGray', flate(GREY.subarray(0, SIDE * 12)), '/BitsPerComponent 1/Filter/FlateDecode'),
        ),
    ],
    [
      'of 16 bits',
      () =>
        pageWith(
          image(
            '/DeviceGray',
            flate(RGB.subarray(0, SIDE * SIDE * 2)),
            '/BitsPerComponent 16/Filter/FlateDecode',
          ),
        ),
    ],
    ...['CCITTFax', 'JBIG2', 'JPX', 'LZW'].map((coding): [string, () => Uint8Array] => [
      `in ${coding}`,
      () => pageWith(image('/DeviceGray', CODED, `/BitsPerComponent 8/Filter/${coding}Decode`)),
    ]),
    [
      'in the contents of a page',
      () =>
        pageWith(
          stencil(),
          [],
          `BI /W 8 /H 8 /CS /RGB /BPC 8 /F /AHx ID ${RGB.subarray(0, 192).toString('hex')}> EI `,
        ),
    ],
    ['with more samples said than there are', () => pageWith(image('/DeviceRGB', flate(GREY)))],
    [
      'of absurd size',
      () =>
        pageWith(
          stream(
            '/Type/XObject/Subtype/Image/Width 2000000000/Height 2000000000/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode',
            flate(RGB),
          ),
        ),
    ],
  ];
  for (const [name, make] of stays) {
    it(`stays what it is ${name}, for another library, too`, async () => {
      const bytes = await make();
      const data = await smaller(bytes);
      const changed = changedImages(readDocument(bytes), readDocument(data)).map(({ number }) => number);
      assert.deepEqual(changed, []);
      assert.deepEqual(await dumpPdf(data), await dumpPdf(bytes));
    });
  }

  it('is judged in grey as it is drawn', async () => {
    const grey = await jpegFile(inGrey(photo(SIDE, SIDE)), { quality: 98 });
    const bytes = pageWith(image('/DeviceRGB', grey, '/BitsPerComponent 8/Filter/DCTDecode'));
    assert.ok((await optimize(bytes, DEFAULT_OPTIONS)).status === 'done');
  });
});

const CORPUS = new URL('../../../../shared/corpus/mixed/pdf/', import.meta.url);

describe('the pages of a result, drawn by poppler', () => {
  it('are those that it finds, too, where the table is lost or hides objects from old readers', async (t) => {
    const whole = Buffer.from(await pdfFile({ picture: pdfPicture() })).toString('latin1');
    const lost = Buffer.from(whole.replace(/startxref\n\d+/, 'startxref\n7'), 'latin1');
    const page = '/Resources<</Font<</F1 5 0 R>>>>';
    const text = onePage('BT /F1 30 Tf 9 9 Td (hidden) Tj ET\n'.repeat(30), { page });
    const font = '<</Type/Font/Subtype/Type1/BaseFont/Courier-Bold>>';
    const hybrid = pdfOf([...text, font], { kind: 'appended', packed: [5] });
    if (!drawPdf(lost)) return t.skip('pdftoppm is not installed');
    for (const bytes of [lost, hybrid])
      assert.ok(drawPdf(bytes)!.equals(drawPdf(await smaller(bytes, { fidelity: 'lossless' }))!));
  });

  it('are those of the original, without loss to the last pixel, else nearly', async (t) => {
    const generated = await pdfFile({ picture: pdfPicture() });
    const corpus = existsSync(CORPUS)
      ? readdirSync(CORPUS).map((name) => readFileSync(new URL(name, CORPUS)))
      : [];
    if (!drawPdf(generated)) return t.skip('pdftoppm is not installed');
    for (const bytes of [generated, ...corpus]) {
      const before = drawPdf(bytes)!;
      assert.ok(before.equals(drawPdf(await smaller(bytes, { fidelity: 'lossless' }))!));
      for (const options of bytes === generated ? [{}, { imageDpi: 100 }] : [{ imageDpi: 100 }]) {
        const after = drawPdf(await smaller(bytes, options))!;
        assert.equal(after.length, before.length);
        const distance = after.reduce((sum, sample, at) => sum + Math.abs(sample - before[at]!), 0);
        assert.ok(distance / after.length < 3, `${distance / after.length}`);
      }
    }
  });
});
