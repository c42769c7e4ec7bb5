import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { drawPdf } from '../../../test/images/pdf-drawn.ts';
import { dumpPdf } from '../../../test/images/pdf-dump.ts';
import { ascii85, lzw, runLengths, tiffDifferences } from '../../../test/images/pdf-filters.ts';
import { onePage, pdfOf } from '../../../test/images/pdf-objects.ts';
import { noise, photo } from '../../../test/images/pixels.ts';
import { DEFAULT_OPTIONS, type EffortLevel, type Output } from '../contract.ts';
import { optimize } from '../optimize.ts';
import { readDocument } from './document.ts';
import { decodeLzw } from './lzw.ts';
import { isStream, type Stream, writeValue } from './objects.ts';
import { changedImages } from './same.ts';

async function outputOf(bytes: Uint8Array, effort: EffortLevel = 'usual'): Promise<Output> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, fidelity: 'lossless', effort });
  assert.ok(outcome.status === 'done', JSON.stringify(outcome));
  return outcome.outputs[0]!;
}

async function lossless(bytes: Uint8Array): Promise<Uint8Array> {
  const { data } = await outputOf(bytes);
  assert.ok(data.length < bytes.length);
  return data;
}

/** What the result says of the stream with the given entry in its dictionary, or none but its filter. */
function storedWith(bytes: Uint8Array, key: string): string {
  const streams = [...readDocument(bytes).objects.values()].filter(isStream);
  const stream = streams.find(({ dictionary }) => dictionary.has(key)) as Stream;
  return writeValue(stream.dictionary, () => null);
}

const TEXT = Buffer.from(
  Array.from({ length: 400 }, (_, at) => `BT ${at % 7} ${(at * 37) % 71} Td (${at * at}) Tj ET\n`).join(''),
);
const CODINGS: [string, string, (data: Uint8Array) => Uint8Array][] = [
  ['LZW', '/Filter/LZWDecode', lzw],
  ['LZW of late changes', '/Filter/LZWDecode/DecodeParms<</EarlyChange 0>>', (data) => lzw(data, 0)],
  ['run lengths', '/Filter/RunLengthDecode', runLengths],
  ['base 85', '/Filter/ASCII85Decode', ascii85],
  ['hexadecimal', '/Filter/ASCIIHexDecode', (data) => Buffer.from(`${Buffer.from(data).toString('hex')}>`)],
  ['LZW in base 85', '/Filter[/ASCII85Decode/LZWDecode]', (data) => ascii85(lzw(data))],
];

describe('contents that old filters encoded', () => {
  for (const [name, dictionary, encode] of CODINGS)
    it(`are packed by Flate instead of ${name}, and say the same to another library`, async () => {
      const bytes = pdfOf(onePage({ dictionary: `/Extra true${dictionary}`, data: encode(TEXT) }));
      const data = await lossless(bytes);
      assert.match(storedWith(data, 'Extra'), /\/Filter\/FlateDecode/);
      const plain = pdfOf(onePage({ dictionary: '/Extra true', data: TEXT }));
      assert.deepEqual(await dumpPdf(data), await dumpPdf(plain));
    });
});

const SIDE = 96;
const PAGE = { page: '/Resources<</XObject<</Im 5 0 R>>>>' };
const TWO = '[/DeviceN[/A/B]/DeviceGray<</FunctionType 2/Domain[0 1]/N 1>>]';

interface Kind {
  space: string;
  bits: number;
  components: number;
}
const KINDS: Record<string, Kind> = {
  RGB: { space: '/DeviceRGB', bits: 8, components: 3 },
  'RGB of 16 bits': { space: '/DeviceRGB', bits: 16, components: 3 },
  'RGB of 4 bits': { space: '/DeviceRGB', bits: 4, components: 3 },
  grey: { space: '/DeviceGray', bits: 8, components: 1 },
  'grey of 1 bit': { space: '/DeviceGray', bits: 1, components: 1 },
  inks: { space: '/DeviceCMYK', bits: 8, components: 4 },
  'two spot colours': { space: TWO, bits: 8, components: 2 },
};

/** Slopes with some noise, each sample in as many bytes or bits as it has. */
function samplesOf({ bits, components }: Kind): Buffer {
  const rowBytes = (SIDE * components * bits) / 8;
  const grain = noise(SIDE, SIDE).data;
  return Buffer.from(
    Uint8Array.from({ length: rowBytes * SIDE }, (_, at) => {
      const [x, y] = [at % rowBytes, Math.floor(at / rowBytes)];
      return x * 2 + y * 5 + (at % components) * 40 + grain[at % grain.length]! / 64;
    }),
  );
}

function pageWith({ space, bits }: Kind, coding: string, data: Uint8Array, more = ''): Uint8Array {
  const entries = `/Width ${SIDE}/Height ${SIDE}/ColorSpace${space}/BitsPerComponent ${bits}${coding}`;
  const image = { dictionary: `/Type/XObject/Subtype/Image${entries}`, data };
  return pdfOf([...onePage(`q 100 0 0 70 9 1 cm /Im Do Q ${more}`, PAGE), image]);
}

const predicted = ({ bits, components }: Kind, predictor: number) =>
  `/DecodeParms<</Predictor ${predictor}/Colors ${components}/BitsPerComponent ${bits}/Columns ${SIDE}>>`;

/** Each row by PNG's filter Up. */
function upRows(samples: Uint8Array, rowBytes: number): Buffer {
  const rows = Array.from({ length: samples.length / rowBytes }, (_, row) => [
    2,
    ...samples
      .subarray(row * rowBytes, (row + 1) * rowBytes)
      .map((sample, at) => sample - (samples[(row - 1) * rowBytes + at] ?? 0)),
  ]);
  return Buffer.from(rows.flat());
}

describe('the samples of an image', () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    const samples = samplesOf(kind);
    const rowBytes = samples.length / SIDE;
    const plain = pageWith(kind, '', samples);
    const codings: [string, Uint8Array][] = [
      ['/Filter/FlateDecode', deflateSync(samples)],
      [`/Filter/FlateDecode${predicted(kind, 12)}`, deflateSync(upRows(samples, rowBytes), { level: 1 })],
      ['/Filter/LZWDecode', lzw(samples)],
      [`/Filter/LZWDecode${predicted(kind, 15)}`, lzw(upRows(samples, rowBytes))],
    ];
    const { bits, components } = kind;
    if (bits === 8) {
      const differences = tiffDifferences(samples, SIDE, components);
      codings.push([`/Filter/LZWDecode${predicted(kind, 2)}`, lzw(differences)]);
    }

    it(`get predictors that suit them and stay what they are, in ${name}`, async () => {
      for (const [coding, data] of codings) {
        const bytes = pageWith(kind, coding, data);
        const result = await lossless(bytes);
        assert.deepEqual(changedImages(readDocument(bytes), readDocument(result)), []);
        assert.deepEqual(await dumpPdf(result), await dumpPdf(plain), coding);
        assert.match(storedWith(result, 'Width'), /\/Filter\/FlateDecode/);
        if (bits === 8) assert.match(storedWith(result, 'Width'), /\/Predictor 15/);
      }
    });

    it(`are drawn by another program as they were, in ${name}`, async (t) => {
      const drawn = drawPdf(plain);
      if (!drawn) return t.skip('pdftoppm is not installed');
      for (const [coding, data] of codings) {
        const bytes = pageWith(kind, coding, data);
        assert.ok(drawPdf(bytes)!.equals(drawn), coding);
        assert.ok(drawPdf(await lossless(bytes))!.equals(drawn), coding);
      }
    });
  }

  it('get fewer bytes with more effort, which the result names, and are the same', async () => {
    const kind = KINDS.RGB!;
    const bytes = pageWith(kind, '', samplesOf(kind), TEXT.toString());
    const [usual, thorough] = [await outputOf(bytes), await outputOf(bytes, 'thorough')];
    assert.ok(thorough.data.length < usual.data.length);
    assert.match(usual.encoder, /oxipng/);
    assert.match(thorough.encoder, /oxipng .*, zopfli$/);
    assert.deepEqual(await dumpPdf(thorough.data), await dumpPdf(bytes));
  });

  it('stay where its rows are of no size that there is', async () => {
    const { data } = photo(64, 64);
    for (const size of ['/Width -64', '/Width 0', '/Width 1.5', '/Width 99999999999', '/Width (a)']) {
      const dictionary = `/Subtype/Image${size}/Height 64/ColorSpace/DeviceRGB/BitsPerComponent 8`;
      const bytes = pdfOf([...onePage('/Im Do', PAGE), { dictionary, data }]);
      assert.doesNotMatch(storedWith(await lossless(bytes), 'Width'), /Predictor/);
    }
  });

  it('stay as they are coded behind predictors of rows that there are not', async () => {
    const data = deflateSync(TEXT, { level: 1 });
    for (const rows of [
      '/Colors -3',
      '/Colors 99',
      '/BitsPerComponent 3',
      '/Columns 0',
      '/Columns -1',
      '/Columns 1.5',
    ]) {
      const dictionary = `/Filter/FlateDecode/DecodeParms<</Predictor 15${rows}>>`;
      const bytes = pdfOf([...onePage({ dictionary, data })]);
      assert.ok(storedWith(await lossless(bytes), 'DecodeParms').includes(rows));
    }
  });
});

describe('LZW', () => {
  const bytes: [string, Uint8Array][] = [
    ['nothing', new Uint8Array()],
    ['one byte', Uint8Array.of(7)],
    ['one byte again and again', new Uint8Array(200_000)],
    ['a photo', photo(SIDE, SIDE).data],
    ['noise', noise(SIDE, SIDE).data],
  ];
  for (const [name, data] of bytes)
    for (const early of [0, 1] as const)
      it(`gives back ${name}, with codes that grow ${early ? 'early' : 'late'}`, () => {
        assert.deepEqual(decodeLzw(lzw(data, early), early, data.length), data);
      });

  it('stops at as many bytes as may come out', () => {
    assert.equal(decodeLzw(lzw(new Uint8Array(200_000)), 1, 199_999), 'too-long');
  });

  it('is damaged where a code is none', () => {
    assert.equal(decodeLzw(Uint8Array.of(0x80, 0x7f, 0xff), 1, 100), null);
    for (let seed = 1; seed < 200; seed++) {
      const out = decodeLzw(noise(20, 20, seed).data, 1, 1 << 20);
      assert.ok(out === null || out.length <= 1 << 20);
    }
  });
});
