import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { truncations } from '../../test/images/broken.ts';
import { pdfFile, pdfPicture } from '../../test/images/pdf.ts';
import { onePage, pdfOf } from '../../test/images/pdf-objects.ts';
import { photo } from '../../test/images/pixels.ts';
import { type Coefficients, digestCoefficients, readCoefficients } from './codecs/jpeg/coefficients.ts';
import { DEFAULT_OPTIONS, type OptimizeOptions, type Output } from './contract.ts';
import { gatedScore } from './gate.ts';
import { optimize } from './optimize.ts';
import { readDocument } from './pdf/document.ts';
import { isStream, type Stream } from './pdf/objects.ts';
import { changedImages } from './pdf/same.ts';

const LOSSLESS = { fidelity: 'lossless' } as const;

async function smaller(bytes: Uint8Array, options: Partial<OptimizeOptions> = {}): Promise<Output> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, ...options });
  assert.ok(outcome.status === 'done', JSON.stringify(outcome));
  assert.ok(outcome.outputs[0]!.data.length < bytes.length);
  return outcome.outputs[0]!;
}

async function reasonFor(bytes: Uint8Array, options: Partial<OptimizeOptions> = {}): Promise<string> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, ...options });
  return outcome.status === 'declined' ? outcome.reason : 'none';
}

const changes = (a: Uint8Array, b: Uint8Array) => changedImages(readDocument(a), readDocument(b));

describe('a lossless PDF', () => {
  for (const objectStreams of [false, true]) {
    it(`says the same in fewer bytes, ${objectStreams ? 'packed' : 'plain'} as it came`, async () => {
      const bytes = await pdfFile({ objectStreams });
      const output = await smaller(bytes, LOSSLESS);
      assert.deepEqual(changes(bytes, output.data), []);
      assert.deepEqual([output.format, output.frames, output.width, output.height], ['pdf', 2, 400, 533]);
      assert.deepEqual([output.score, output.quality, output.evaluations], [100, null, 0]);
    });
  }

  it('keeps the coefficients of its JPEGs and the samples of other pictures', async () => {
    const bytes = await pdfFile({ picture: pdfPicture() });
    const output = await smaller(bytes, LOSSLESS);
    assert.equal(output.quality, null);
    const jpegs = changes(bytes, output.data);
    assert.equal(jpegs.length, 1);
    const [before, after] = [jpegs[0]!.before, jpegs[0]!.after].map(({ data }) => readCoefficients(data)) as [
      Coefficients,
      Coefficients,
    ];
    assert.equal(digestCoefficients(before), digestCoefficients(after));
  });

  it('carries nothing that was appended to it, and is not made smaller twice', async () => {
    const bytes = await pdfFile();
    const output = await smaller(Buffer.concat([bytes, Buffer.from('<script>alert(1)</script>')]), LOSSLESS);
    assert.equal(Buffer.from(output.data).indexOf('script'), -1);
    assert.equal(await reasonFor(output.data, LOSSLESS), 'already-optimal');
  });
});

describe('equal images of a PDF', () => {
  it('are stored once, also where they are found to be equal one after the other, by masks and profiles', async () => {
    const image = (space: string, more = '') => ({
      dictionary: `/Subtype/Image/Width 64/Height 64/BitsPerComponent 8/ColorSpace${space}${more}`,
      data: photo(64, 64).data,
    });
    const page = '/Resources<</XObject<</A 5 0 R/B 6 0 R/C 7 0 R>>>>';
    const masks = [8, 8, 9].map((mask) => image('/DeviceRGB', `/SMask ${mask} 0 R`));
    const profiles = [10, 11].map((profile) => image(`[/ICCBased ${profile} 0 R]`));
    const profile = { dictionary: '/N 1', data: 'a profile' };
    const objects = [...onePage('/A Do /B Do /C Do', { page }), ...masks, ...profiles, profile, profile];
    const { data } = await smaller(pdfOf(objects), LOSSLESS);
    const streams = [...readDocument(data).objects.values()].filter(isStream);
    assert.equal(streams.filter(({ dictionary }) => dictionary.has('Width')).length, 2);
  });
});

describe('images that are equal as their masks are, and those as theirs', () => {
  it('are found a few masks deep, and all say the same', async () => {
    const deep = Array.from({ length: 40 }, (_, at) =>
      [0, 1].map((twin) => ({
        dictionary: `/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/SMask ${7 + 2 * at + twin} 0 R`,
        data: 'a',
      })),
    );
    const page = '/Resources<</XObject<</A 5 0 R/B 6 0 R>>>>';
    const { data } = await smaller(pdfOf([...onePage('/A Do /B Do', { page }), ...deep.flat()]), LOSSLESS);
    const left = [...readDocument(data).objects.values()].filter(isStream);
    assert.equal(left.length, 1 + 80 - 8);
  });
});

describe('a lossy PDF', () => {
  it('has pictures that pass the gate, and else says the same', async () => {
    const bytes = await pdfFile({ picture: pdfPicture() });
    const [exact, output] = [await smaller(bytes, LOSSLESS), await smaller(bytes)];
    assert.ok(output.data.length < exact.data.length * 0.9);
    assert.ok(
      gatedScore(output) >= DEFAULT_OPTIONS.floor && output.evaluations > 0 && output.quality !== null,
    );
    const changed = changes(bytes, output.data);
    assert.ok(changed.length >= 1);
    for (const { before, after } of changed) {
      assert.deepEqual(before.dictionary.get('ColorSpace'), after.dictionary.get('ColorSpace'));
      assert.deepEqual(after.data.subarray(0, 2), Buffer.from([0xff, 0xd8]));
    }
  });
});

describe('a PDF of many small images', () => {
  it('has as many of them coded anew as there is time for', async () => {
    const side = 64;
    const entries = `/Subtype/Image/Width ${side}/Height ${side}/BitsPerComponent 8/ColorSpace/DeviceRGB`;
    const images = [1, 2, 3, 4, 5].map((seed) => ({
      dictionary: entries,
      data: photo(side, side, seed).data,
    }));
    const page = '/Resources<</XObject<</A 5 0 R/B 6 0 R/C 7 0 R/D 8 0 R/E 9 0 R>>>>';
    const bytes = pdfOf([...onePage('/A Do', { page }), ...images]);
    const limits = { ...DEFAULT_OPTIONS.limits, maxPixels: 3 * 65_536 };
    assert.equal(changes(bytes, (await smaller(bytes, { limits })).data).length, 3);
  });
});

describe('the proof', () => {
  it('finds a byte of text, and an entry, that differ', async () => {
    const bytes = await pdfFile();
    const [before, after] = [readDocument(bytes), readDocument(bytes)];
    const page = [...after.objects].find(([, each]) => isStream(each) && each.dictionary.size === 1)!;
    const { dictionary } = page[1] as Stream;
    after.objects.set(page[0], { dictionary: new Map(), data: Buffer.from('nothing') });
    assert.throws(() => changedImages(before, after), /differ in/);
    after.objects.set(page[0], {
      dictionary: new Map(dictionary).set('Extra', { atom: '1' }),
      data: (page[1] as Stream).data,
    });
    assert.throws(() => changedImages(before, after), /differ in/);
  });
});

describe('a PDF that is left alone', () => {
  it('is encrypted or signed', async () => {
    assert.equal(await reasonFor(await pdfFile({ encrypted: true })), 'unsupported');
    assert.equal(await reasonFor(await pdfFile({ signed: true })), 'unsupported');
  });

  it('should become an image, or be resized', async () => {
    const bytes = await pdfFile();
    assert.equal(await reasonFor(bytes, { targets: ['jpeg'] }), 'unsupported');
    assert.equal(await reasonFor(bytes, { resize: { width: 10, fit: 'inside' } }), 'unsupported');
  });

  it('is cut short', async () => {
    for (const part of truncations(await pdfFile()))
      assert.match(await reasonFor(part), /corrupt|unsupported/);
  });
});
