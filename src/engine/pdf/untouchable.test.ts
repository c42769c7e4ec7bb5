import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pdfFile } from '../../../test/images/pdf.ts';
import { onePage, type PdfLayout, type PdfObject, pdfOf } from '../../../test/images/pdf-objects.ts';
import { DEFAULT_OPTIONS, FIDELITIES, type Outcome } from '../contract.ts';
import { optimize } from '../optimize.ts';

const TEXT = 'BT /F1 12 Tf 10 10 Td (nothing of it may be lost) Tj ET\n'.repeat(40);
const LAYOUTS: PdfLayout[] = [
  {},
  { kind: 'stream' },
  { kind: 'stream', packed: [1, 5] },
  { kind: 'hybrid', packed: [5] },
  { kind: 'appended', packed: [5] },
  { kind: 'split' },
  { kind: 'wrong' },
];

/** Whatever is asked for. */
async function outcomesOf(bytes: Uint8Array): Promise<Outcome[]> {
  return Promise.all(FIDELITIES.map((fidelity) => optimize(bytes, { ...DEFAULT_OPTIONS, fidelity })));
}

async function assertLeftAlone(bytes: Uint8Array, why: RegExp): Promise<void> {
  for (const outcome of await outcomesOf(bytes)) {
    assert.ok(outcome.status === 'declined', 'made smaller');
    assert.equal(outcome.reason, 'unsupported');
    assert.match(outcome.detail, why);
  }
}

/** A form of one field; `sixth` is numbered 6. */
function formOf(field: string, sixth: PdfObject = 'null', catalog = ''): PdfObject[] {
  const form = `/AcroForm<</Fields[5 0 R]/SigFlags 3>>${catalog}`;
  return [...onePage(TEXT, { catalog: form, page: '/Annots[5 0 R]' }), field, sixth];
}

const WIDGET = '/Type/Annot/Subtype/Widget/Rect[0 0 9 9]/FT/Sig/T(sign here)';
const SIGNATURE = '/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/Contents<0102>';
const RANGES = '/ByteRange[0 9 20 40]';

describe('a signed PDF', () => {
  const kinds: [string, PdfObject[]][] = [
    ['in a field', formOf(`<<${WIDGET}/V 6 0 R>>`, `<</Type/Sig${SIGNATURE}${RANGES}>>`)],
    ['within the object of its field', formOf(`<<${WIDGET}/V<<${SIGNATURE}${RANGES}>>>>`)],
    ['by a time stamp', formOf(`<<${WIDGET}/V 6 0 R>>`, `<</Type/DocTimeStamp${SIGNATURE}${RANGES}>>`)],
    ['by its author', formOf('null', `<<${SIGNATURE}${RANGES}>>`, '/Perms<</DocMDP 6 0 R>>')],
    ['for the rights of readers', formOf('null', `<<${SIGNATURE}${RANGES}>>`, '/Perms<</UR3 6 0 R>>')],
    ['over its objects', formOf('null', `<</Type/Sig${SIGNATURE}>>`, '/Perms<</UR 6 0 R>>')],
  ];
  for (const [name, objects] of kinds)
    it(`is left alone, signed ${name}, however its objects are stored`, async () => {
      for (const layout of LAYOUTS) await assertLeftAlone(pdfOf(objects, layout), /signed/);
    });

  it('is left alone with a later revision behind it', async () => {
    const [first, ...others] = kinds[0]![1];
    const signed = pdfOf([first!, ...others]);
    const at = signed.length;
    const newer = `4 0 obj\n<</Length 1>>\nstream\nq\nendstream\nendobj\n`;
    const start = Number(/startxref\n(\d+)/.exec(Buffer.from(signed).toString('latin1'))![1]);
    const table = `xref\n4 1\n${`${at}`.padStart(10, '0')} 00000 n \ntrailer\n<</Size 8/Root 1 0 R/Prev ${start}>>\n`;
    const end = `startxref\n${at + newer.length}\n%%EOF\n`;
    await assertLeftAlone(Buffer.concat([signed, Buffer.from(newer + table + end)]), /signed/);
  });

  it('is made smaller while nobody has signed it yet', async () => {
    for (const outcome of await outcomesOf(pdfOf(formOf(`<<${WIDGET}>>`))))
      assert.equal(outcome.status, 'done');
  });
});

describe('an encrypted PDF', () => {
  const handler = '<</Filter/Standard/V 4/R 4/P -44/Length 128/O<00>/U<00>>>';
  it('is left alone, with whatever says so', async () => {
    for (const trailer of [`/Encrypt ${handler}`, '/Encrypt 6 0 R', '/Encrypt<</Filter/Public>>'])
      for (const layout of LAYOUTS)
        await assertLeftAlone(pdfOf(formOf('null', handler), { ...layout, trailer }), /encrypted/);
  });

  it('is left alone as another library encrypts it', async () => {
    await assertLeftAlone(await pdfFile({ encrypted: true }), /encrypted/);
    await assertLeftAlone(await pdfFile({ encrypted: true, objectStreams: true }), /encrypted/);
  });
});
