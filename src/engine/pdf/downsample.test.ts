import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { jpegFile } from '../../../test/images/files.ts';
import { onePage, type PdfObject, pdfOf } from '../../../test/images/pdf-objects.ts';
import { photo } from '../../../test/images/pixels.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions, type Output } from '../contract.ts';
import { gatedScore } from '../gate.ts';
import { compare } from '../judge.ts';
import { optimize } from '../optimize.ts';
import { readDocument } from './document.ts';
import { plannedSizes } from './downsample.ts';
import { isStream, numberOf } from './objects.ts';

const PAGE = '/Resources<</XObject<</Im 5 0 R/Fm 6 0 R>>>>';
const IMAGE =
  '/Type/XObject/Subtype/Image/Width 300/Height 200/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/DCTDecode';
const dots = { dictionary: IMAGE, data: 'not looked at' };
const form = (data: string, entries = '') => ({
  dictionary: `/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Matrix[2 0 0 2 0 0]${entries}`,
  data,
});

/** The size that the image should have at 100 dots an inch, where it has 300 x 200. */
function planned(
  contents: Parameters<typeof onePage>[0],
  { page = PAGE, image = dots as PdfObject, more = [] as PdfObject[], catalog = '' } = {},
): string {
  const objects = [...onePage(contents, { page, catalog }), image, ...more];
  const size = plannedSizes(readDocument(pdfOf(objects)), 100).get(5);
  return size ? `${size.width} x ${size.height}` : 'its own';
}

describe('the size of an image in a PDF', () => {
  it('follows the matrices in which it is drawn', () => {
    assert.equal(planned('q 72 0 0 48 10 10 cm /Im Do Q'), '100 x 67');
    assert.equal(planned('q 1 0 0 1 5 5 cm q 36 0 0 24 0 0 cm 2 0 0 2 0 0 cm /Im Do Q Q'), '100 x 67');
    assert.equal(planned('q 0 72 -48 0 60 0 cm /Im Do Q'), '100 x 67');
    assert.equal(planned('0.5 0 0 0.5 0 0 cm 144 0 0 96 0 0 cm /Im Do'), '100 x 67');
    assert.equal(planned('72 0 0 48 0 0 cm /Im Do', { page: `${PAGE}/UserUnit 2` }), '200 x 134');
  });

  it('is that of the largest drawing, on both sides, and in proportion', () => {
    assert.equal(planned('q 9 0 0 6 0 0 cm /Im Do Q q 72 0 0 48 0 0 cm /Im Do Q'), '100 x 67');
    assert.equal(planned('72 0 0 24 0 0 cm /Im Do'), '100 x 67');
    assert.equal(planned('36 0 0 48 0 0 cm /Im Do'), '100 x 67');
  });

  it('is found in forms, with their own resources or those of the page', () => {
    const more = [form('36 0 0 24 0 0 cm /Im Do')];
    assert.equal(planned('/Fm Do', { more }), '100 x 67');
    const own = [form('18 0 0 12 0 0 cm /X Do', '/Resources<</XObject<</X 5 0 R>>>>')];
    assert.equal(planned('2 0 0 2 0 0 cm /Fm Do', { more: own }), '100 x 67');
  });

  it('passes over texts, inline images and comments that look like drawings', () => {
    const inline = 'BI /W 2 /H 2 /CS /G /BPC 8 ID \x01 EI\x02\x03 EI q Q';
    const others = `(9 0 0 9 0 0 cm) Tj <</A 1>> /T BDC % 9 0 0 9 0 0 cm\n${inline}`;
    assert.equal(planned(`${others} 72 0 0 48 0 0 cm /Im Do`), '100 x 67');
  });

  it('is the same for images that are equal, by the one drawn largest', () => {
    const page = '/Resources<</XObject<</Im 5 0 R/Two 6 0 R>>>>';
    const contents = 'q 9 0 0 6 0 0 cm /Im Do Q 72 0 0 48 0 0 cm /Two Do';
    assert.equal(planned(contents, { page, more: [dots] }), '100 x 67');
  });

  it('stays its own where it is drawn at no more dots, or hardly more', () => {
    assert.equal(planned('216 0 0 144 0 0 cm /Im Do'), 'its own');
    assert.equal(planned('200 0 0 134 0 0 cm /Im Do'), 'its own');
  });

  it('stays its own where it is not known how large it is drawn', () => {
    const drawn = '72 0 0 48 0 0 cm /Im Do';
    const pattern = '<</Type/Pattern/PatternType 1/PaintType 1/Resources<</XObject<</I 5 0 R>>>>>>';
    const cases: [string, Parameters<typeof planned>[0], Parameters<typeof planned>[1]][] = [
      ['never drawn', 'q Q', {}],
      ['drawn flat', '0 0 0 0 0 0 cm /Im Do', {}],
      ['damaged contents', `${drawn} ]`, {}],
      ['contents that are not unpacked', { dictionary: '/Filter/LZWDecode', data: drawn }, {}],
      ['a matrix of words', `/a /b /c /d /e /f cm ${drawn}`, {}],
      ['a form that draws itself', `${drawn} /Fm Do`, { more: [form('/Fm Do')] }],
      ['a pattern, too', drawn, { catalog: '/Extra 6 0 R', more: [pattern] }],
      ['an annotation, too', drawn, { more: [form('/I Do', '/Resources<</XObject<</I 5 0 R>>>>')] }],
      ['a thumbnail, too', drawn, { page: `${PAGE}/Thumb 5 0 R` }],
      ['glyphs of the page', drawn, { page: PAGE.replace('>>>>', '>>/Font<</F<</Subtype/Type3>>>>>>') }],
    ];
    for (const [name, contents, how] of cases) assert.equal(planned(contents, how), 'its own', name);
  });
});

describe('a PDF whose images should have so many dots an inch', () => {
  const samples = Buffer.from(photo(300, 200, 7).data);
  async function document(): Promise<Uint8Array> {
    const contents = 'q 72 0 0 48 0 0 cm /Im Do Q q 72 0 0 48 72 0 cm /Fm Do Q';
    const objects = onePage(contents, { page: PAGE });
    const flate = { dictionary: IMAGE.replace('DCT', 'Flate'), data: deflateSync(samples) };
    return pdfOf([...objects, { ...dots, data: await jpegFile(photo(300, 200), { quality: 95 }) }, flate]);
  }
  async function smaller(bytes: Uint8Array, options: Partial<OptimizeOptions>): Promise<Output> {
    const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, imageDpi: 100, ...options });
    assert.ok(outcome.status === 'done', JSON.stringify(outcome));
    return outcome.outputs[0]!;
  }
  const sizesIn = (bytes: Uint8Array) =>
    [...readDocument(bytes).objects.values()]
      .flatMap((each) => (isStream(each) && each.dictionary.has('Width') ? [each.dictionary] : []))
      .map((each) => numberOf(each.get('Width')));

  for (const fidelity of ['lossy', 'lossless'] as const) {
    it(`has smaller ones, judged against what they should look like, ${fidelity}`, async () => {
      const bytes = await document();
      const output = await smaller(bytes, { fidelity });
      assert.deepEqual(sizesIn(output.data), [100, 100]);
      assert.ok(gatedScore(output) >= (fidelity === 'lossy' ? DEFAULT_OPTIONS.floor : 90));
      const { score, worstTile, visibility } = await compare(bytes, output.data, {
        limits: DEFAULT_LIMITS,
        transforms: { imageDpi: 100 },
      });
      assert.deepEqual([score, worstTile, visibility], [output.score, output.worstTile, output.visibility]);
    });
  }

  it('is not taken for the same by who was not told that images became smaller, or by how much', async () => {
    const bytes = await document();
    const { data } = await smaller(bytes, {});
    for (const transforms of [{}, { imageDpi: 90 }])
      await assert.rejects(compare(bytes, data, { limits: DEFAULT_LIMITS, transforms }), /differ in/);
  });

  it('keeps them as large as they are where they have fewer', async () => {
    const { data } = await smaller(await document(), { imageDpi: 600 });
    assert.deepEqual(sizesIn(data), [300, 300]);
  });
});
