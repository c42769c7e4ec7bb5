import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onePage, pdfOf } from '../../../test/images/pdf-objects.ts';
import { DEFAULT_OPTIONS } from '../contract.ts';
import { optimize } from '../optimize.ts';

/** @returns the result's text. */
async function resultFor(catalog: string, packet = '', version = '1.4'): Promise<string> {
  const metadata = { dictionary: '/Type/Metadata/Subtype/XML', data: packet };
  const objects = [
    ...onePage('0 0 9 9 re f\n'.repeat(99), { catalog: `/Metadata 5 0 R${catalog}` }),
    metadata,
    ...Array.from({ length: 40 }, (_, at) => `<</Title(one of many objects)/Number ${at}>>`),
    `[${Array.from({ length: 40 }, (_, at) => `${at + 6} 0 R`).join(' ')}]`,
  ];
  const text = Buffer.from(pdfOf(objects, { trailer: '/ID[<00><01>]/Many 46 0 R' })).toString('latin1');
  const outcome = await optimize(Buffer.from(text.replace('%PDF-1.5', `%PDF-${version}`), 'latin1'), {
    ...DEFAULT_OPTIONS,
    fidelity: 'lossless',
  });
  assert.ok(outcome.status === 'done', JSON.stringify(outcome));
  return Buffer.from(outcome.outputs[0]!.data).toString('latin1');
}

const packet = (part: string) =>
  `<?xpacket begin=""?><x:xmpmeta><rdf:Description ${part.includes('=') ? part : `>${part}</rdf:Description`}></x:xmpmeta>`;
const PRINT = '/OutputIntents[<</S/GTS_PDFX/OutputConditionIdentifier(x)>>]';

describe('a PDF for archives or print', () => {
  const forbidden: [string, string, string][] = [
    ['PDF/A-1, as an attribute', '', packet('pdfaid:part="1"')],
    ['PDF/A-1, as an element', '', packet('<pdfaid:part>1</pdfaid:part>')],
    ['PDF/X-3', PRINT, ''],
  ];
  for (const [name, catalog, said] of forbidden)
    it(`has no object streams and a table as it must: ${name}`, async () => {
      const text = await resultFor(catalog, said);
      assert.doesNotMatch(text, /\/ObjStm|\/XRef/);
      assert.match(text, /^%PDF-1\.4\s+%[\x80-\xff]{4}/);
      assert.match(text, /trailer.*\/ID ?\[/s);
      assert.ok(text.includes(said), 'the packet is not readable');
    });

  const allowed: [string, string, string, string][] = [
    ['PDF/A-2', '', packet('pdfaid:part="2"'), '1.7'],
    ['PDF/X-4', PRINT, '', '1.6'],
    ['neither', '', '', '1.4'],
  ];
  for (const [name, catalog, said, version] of allowed)
    it(`has object streams where they are allowed: ${name}`, async () => {
      const text = await resultFor(catalog, said, version);
      assert.match(text, /\/ObjStm/);
      assert.match(text, version === '1.4' ? /^%PDF-1\.5/ : new RegExp(`^%PDF-${version}`));
      assert.ok(text.includes(said), 'the packet is not readable');
    });
});
