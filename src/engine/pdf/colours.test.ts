import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { onePage, pdfOf } from '../../../test/images/pdf-objects.ts';
import { cmykProfile } from '../../../test/images/profiles.ts';
import { colourOf } from './colours.ts';
import { readDocument } from './document.ts';
import type { Dictionary } from './objects.ts';

describe('a profile', () => {
  it('is unpacked once, however many images have it', async () => {
    const profile = { dictionary: '/N 4/Filter/FlateDecode', data: deflateSync(cmykProfile()) };
    const document = readDocument(pdfOf([...onePage('q', { catalog: '/Profile 5 0 R' }), profile]));
    const image: Dictionary = new Map([['ColorSpace', [{ name: 'ICCBased' }, { to: 5, generation: 0 }]]]);
    const before = document.budget.leftBytes;
    for (let times = 0; times < 9; times++) {
      const colour = await colourOf(image, document);
      assert.equal(colour?.components, 4);
      assert.deepEqual(Uint8Array.from(colour.icc!), Uint8Array.from(cmykProfile()));
    }
    assert.equal(before - document.budget.leftBytes, cmykProfile().length);
  });
});
