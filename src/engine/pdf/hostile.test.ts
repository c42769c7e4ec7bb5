import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mutants, TEXT_DAMAGES } from '../../../test/images/fuzz.ts';
import { pdfFile } from '../../../test/images/pdf.ts';
import { drawPdf } from '../../../test/images/pdf-drawn.ts';
import { manyImagesPdf } from '../../../test/images/pdf-many-images.ts';
import { photo } from '../../../test/images/pixels.ts';
import { DEFAULT_OPTIONS, FIDELITIES, type Outcome } from '../contract.ts';
import { optimize } from '../optimize.ts';
import { readDocument } from './document.ts';
import { readPages } from './pages.ts';

const SOURCES: Record<string, () => Promise<Uint8Array> | Uint8Array> = {
  'of plain objects': () => manyImagesPdf(),
  'of packed objects': () => manyImagesPdf({ kind: 'stream', packed: [1, 2, 3] }),
  'of two revisions': () => manyImagesPdf({ kind: 'appended', packed: [1, 2, 3] }),
  'with a form and an attachment': () => pdfFile({ picture: photo(48, 36) }),
};
const COPIES = 80;
/** Of the copies that are made smaller, so many are drawn: by a number that meets all kinds of damage. */
const DRAWN = 5;

describe('a damaged PDF', () => {
  for (const [at, [name, make]] of Object.entries(SOURCES).entries()) {
    it(`${name} ends with a reason, or as a document that is read again`, async () => {
      const source = await make();
      const endings = new Set<string>();
      for (const [index, bytes] of mutants(source, at + 1, COPIES, TEXT_DAMAGES).entries()) {
        const fidelity = FIDELITIES[index % FIDELITIES.length]!;
        const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, fidelity, effort: 'fast' });
        endings.add(endingOf(bytes, outcome));
        if (outcome.status === 'done' && fidelity === 'lossless' && index % DRAWN === 0)
          assertDrawnAlike(bytes, outcome.outputs[0]!.data, `copy ${index}`);
      }
      assert.ok(endings.has('done') && endings.has('corrupt'), [...endings].join());
    });
  }
});

function endingOf(bytes: Uint8Array, outcome: Outcome): string {
  if (outcome.status === 'declined') {
    assert.match(outcome.reason, /^(corrupt|unsupported|too-large|already-optimal|no-gain)$/);
    assert.match(outcome.detail, /^[A-Z].*\.$/);
    return outcome.reason;
  }
  const { data } = outcome.outputs[0]!;
  assert.ok(data.length < bytes.length);
  assert.equal(readPages(readDocument(data)).count, readPages(readDocument(bytes)).count);
  return 'done';
}

/** What is damaged is drawn as damaged as it was; checked where poppler is installed and draws it at all. */
function assertDrawnAlike(before: Uint8Array, after: Uint8Array, name: string): void {
  const drawn = drawPdf(before);
  if (drawn && drawn.length > 0) assert.ok(drawPdf(after)!.equals(drawn), name);
}
