import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { pdfFile } from '../../../test/images/pdf.ts';
import { onePage, type PdfLayout, type PdfObject, pdfOf } from '../../../test/images/pdf-objects.ts';
import { DEFAULT_OPTIONS, type Outcome } from '../contract.ts';
import { optimize } from '../optimize.ts';
import { readDocument } from './document.ts';
import { readPages } from './pages.ts';
import { createParser } from './parse.ts';
import { changedImages } from './same.ts';

const TEXT = 'BT /F1 12 Tf 10 10 Td (nothing of it may be lost) Tj ET\n';
const OBJECTS: PdfObject[] = [
  ...onePage(TEXT.repeat(40), { page: '/Resources<</Font<</F1 5 0 R>>>>', catalog: '/Extra 6 0 R' }),
  '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  '[(one) (two)]',
];

const lossless = (bytes: Uint8Array) => optimize(bytes, { ...DEFAULT_OPTIONS, fidelity: 'lossless' });

function reasonOf(outcome: Outcome): string {
  return outcome.status === 'declined' ? outcome.reason : 'none';
}

/** The objects and the trailer. */
function withoutTable(bytes: Uint8Array): Buffer {
  const text = Buffer.from(bytes).toString('latin1');
  const cut = text.replace(/xref\n0 [\s\S]*?trailer/, 'trailer').replace(/startxref\n\d+/, '');
  return Buffer.from(cut, 'latin1');
}

describe('a PDF', () => {
  const layouts: [string, PdfLayout][] = [
    ['a table', {}],
    ['a cross-reference stream', { kind: 'stream' }],
    ['object streams', { kind: 'stream', packed: [1, 2, 3, 5, 6] }],
    ['a table for old readers and a stream for others', { kind: 'hybrid', packed: [5, 6] }],
    ['such a stream in a later revision', { kind: 'appended', packed: [5, 6] }],
    ['two tables, laid out for the web', { kind: 'split' }],
    ['a table of wrong offsets', { kind: 'wrong' }],
  ];
  for (const [name, layout] of layouts) {
    it(`is read and made smaller with ${name}`, async () => {
      const bytes = pdfOf(OBJECTS, layout);
      const outcome = await lossless(bytes);
      assert.ok(outcome.status === 'done', JSON.stringify(outcome));
      const { data } = outcome.outputs[0]!;
      const plain = readDocument(pdfOf(OBJECTS));
      assert.deepEqual(changedImages(plain, readDocument(data)), []);
      assert.ok(data.length < bytes.length);
    });
  }
});

describe('a PDF whose table is lost', () => {
  it('is found by its objects, the newest of each', async () => {
    const newer = '6 0 obj\n[(three)]\nendobj\n';
    const bytes = Buffer.concat([withoutTable(pdfOf(OBJECTS)), Buffer.from(newer)]);
    const changed = [...OBJECTS.slice(0, 5), '[(three)]'];
    assert.deepEqual(changedImages(readDocument(pdfOf(changed)), readDocument(bytes)), []);
    assert.equal(reasonOf(await lossless(bytes)), 'none');
  });

  it('is found where lengths are objects, and objects in streams', async () => {
    const packed = withoutTable(pdfOf(OBJECTS, { kind: 'stream', packed: [1, 2, 3, 5, 6] }));
    assert.equal(readPages(readDocument(packed)).count, 1);
    const text = withoutTable(pdfOf([...OBJECTS, `${TEXT.length * 40}`])).toString('latin1');
    const indirect = text.replace(/\/Length \d+/, '/Length 7 0 R');
    assert.equal(readPages(readDocument(Buffer.from(indirect, 'latin1'))).count, 1);
  });

  it('does not take what it finds in a stream for objects', () => {
    const inner = { dictionary: '', data: '5 0 obj\n(another)\nendobj\ntrailer\n<</Root 5 0 R>>\n' };
    const objects = [...OBJECTS.slice(0, 5), '[7 0 R]', inner];
    const found = readDocument(withoutTable(pdfOf(objects)));
    assert.deepEqual(changedImages(readDocument(pdfOf(objects)), found), []);
  });

  it('is declined where an object, a page or the trailer is missing', async () => {
    for (const objects of [
      OBJECTS.slice(0, 5),
      [OBJECTS[0]!, '<</Type/Pages/Kids[3 0 R]/Count 2>>', ...OBJECTS.slice(2)],
    ])
      assert.equal(reasonOf(await lossless(withoutTable(pdfOf(objects)))), 'corrupt');
    const text = withoutTable(pdfOf(OBJECTS)).toString('latin1');
    assert.equal(reasonOf(await lossless(Buffer.from(text.replace('trailer', ''), 'latin1'))), 'corrupt');
  });

  it('is declined where a stream has another length than it says', async () => {
    const text = withoutTable(pdfOf(OBJECTS)).toString('latin1');
    const wrong = text.replace(/\/Length \d+/, '/Length 12');
    assert.equal(reasonOf(await lossless(Buffer.from(wrong, 'latin1'))), 'corrupt');
  });

  it('is still declined for being encrypted or signed', async () => {
    for (const bytes of [await pdfFile({ encrypted: true }), await pdfFile({ signed: true })])
      assert.equal(reasonOf(await lossless(withoutTable(bytes))), 'unsupported');
  });
});

describe('a PDF that would take too much', () => {
  const reason = async (bytes: Uint8Array) => reasonOf(await lossless(bytes));

  it('grows beyond all bounds when it is unpacked', async () => {
    const data = deflateSync(deflateSync(new Uint8Array(300 << 20), { level: 1 }), { level: 9 });
    const contents = { dictionary: '/Filter[/FlateDecode/FlateDecode]', data };
    assert.equal(await reason(pdfOf(onePage(contents))), 'too-large');
  });

  it('names a million objects and one, in its tables or in a stream of them', async () => {
    const rows = Buffer.alloc(500_001 * 20, '0000000009 00000 n \n');
    const table = [
      Buffer.from('%PDF-1.4\nxref\n0 500000\n'),
      rows.subarray(20),
      Buffer.from('500000 500001\n'),
      rows,
      Buffer.from('trailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF'),
    ];
    assert.equal(await reason(Buffer.concat(table)), 'too-large');
    const dictionary = '/Type/ObjStm/N 1000001/First 10';
    const lost = withoutTable(pdfOf([...OBJECTS, { dictionary, data: '1 0 2 0 3 0 ' }]));
    assert.equal(await reason(lost), 'too-large');
  });

  it('has objects of more parts than are read', () => {
    const parser = createParser(Buffer.from('[[0 0 0][0 0 0]]'), 0, { leftParts: 8 });
    assert.throws(() => parser.value(), { reason: 'too-large' });
  });

  it('has pages beyond all measure, whose size is then the largest there is', () => {
    const page = '/CropBox[0 0 99999999999999 1]/UserUnit 9999999';
    const { width, height } = readPages(readDocument(pdfOf(onePage('q', { page }))));
    assert.deepEqual([width, height], [2 ** 31 - 1, 13_333_332]);
  });

  it('leads back to itself: in its pages, lengths, tables or streams of objects', async () => {
    const [catalog, , ...rest] = OBJECTS as [PdfObject, PdfObject, ...PdfObject[]];
    const circle = '<</Type/Pages/Kids[2 0 R]/Count 1>>';
    assert.equal(await reason(pdfOf([catalog, circle, ...rest])), 'corrupt');
    const text = Buffer.from(pdfOf(OBJECTS)).toString('latin1');
    const own = text.replace(/\/Length \d+/, '/Length 4 0 R');
    assert.equal(await reason(Buffer.from(own, 'latin1')), 'corrupt');
    const tables = text.replace('/Root 1 0 R', `/Root 1 0 R/Prev ${text.lastIndexOf('xref\n0')}`);
    assert.equal(await reason(Buffer.from(tables, 'latin1')), 'none');
    const packed = Buffer.from(pdfOf(OBJECTS, { kind: 'stream', packed: [1, 2, 3, 5, 6] })).toString(
      'latin1',
    );
    const inside = packed.replace(/\/N 5/, '/N 7 0 R');
    assert.equal(await reason(Buffer.from(inside, 'latin1')), 'corrupt');
  });

  it('looks like objects or trailers in too many places that are none', async () => {
    for (const junk of ['1 0 obj <<\n', 'trailer [ '])
      assert.equal(await reason(Buffer.from(`%PDF-1.4\n${junk.repeat(300)}`)), 'corrupt');
  });
});
