import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jpegFile } from '../../../../test/images/files.ts';
import { sampledJpeg } from '../../../../test/images/jpegs.ts';
import { photo, randomNumbers } from '../../../../test/images/pixels.ts';
import { DEFAULT_LIMITS } from '../../contract.ts';
import { inspect } from '../../inspect.ts';
import { openImage } from '../sharp.ts';
import { type Coefficients, digestCoefficients, readCoefficients } from './coefficients.ts';
import { layOut } from './layout.ts';
import type { Step } from './progressive.ts';
import { acScan, dcScan } from './scan-segments.ts';
import { readSegments, SOS } from './segments.ts';
import { transcodeJpeg } from './transcode.ts';
import { writeCoefficients, writeProgressive } from './write-coefficients.ts';

/** @returns one component of 8 pixels times 8 times `blocks`, all quantized by 1. */
function greyBlocks(blocks: Int16Array): Coefficients {
  const layout = layOut((blocks.length / 64 / 8) * 8, 64, [{ id: 1, across: 1, down: 1 }]);
  return { ...layout, components: [{ ...layout.components[0]!, blocks, quantization: ones() }] };
}

function ones(): Uint16Array {
  return new Uint16Array(64).fill(1);
}

/** Values of every length and sign, dense in some blocks and rare in others, up to the longest that there are. */
function randomBlocks(count: number, density: number): Int16Array {
  const random = randomNumbers(count);
  return Int16Array.from({ length: 64 * count }, (_, at) => {
    if (at % 64 === 0) return Math.round(2000 * (random() - 0.5));
    const length = Math.floor(11 * random() ** 3);
    return random() < density ? Math.round((2 * random() - 1) * ((1 << length) - 1)) : 0;
  });
}

/** Puts scans of the test's choice in the place of those that the writer chose. */
function withSteps(coefficients: Coefficients, steps: Step[]): Uint8Array {
  const { components } = coefficients;
  const file = writeProgressive(coefficients, [], 'usual');
  const head = file.subarray(0, readSegments(file).list.find(({ marker }) => marker === 0xc2)!.end);
  const scans = [
    dcScan(coefficients, components, [0]),
    ...steps.map((step) => acScan(components[0]!, step)),
  ].flat();
  return Buffer.concat([head, ...scans, Uint8Array.of(0xff, 0xd9)]);
}

async function samples(jpeg: Uint8Array): Promise<Buffer> {
  return openImage(jpeg, DEFAULT_LIMITS).raw().toBuffer();
}

describe('progressive JPEG', () => {
  const band = (first: number, last: number, shift: number, isRefinement = false) => ({
    first,
    last,
    shift,
    isRefinement,
  });
  const scripts: Record<string, Step[]> = {
    'at once': [band(1, 63, 0)],
    'in bands': [band(1, 1, 0), band(2, 9, 0), band(10, 63, 0)],
    'bit by bit': [band(1, 63, 3), ...[2, 1, 0].map((shift) => band(1, 63, shift, true))],
    'in bands, then bits of other bands': [
      band(1, 5, 1),
      band(6, 63, 1),
      band(1, 20, 0, true),
      band(21, 63, 0, true),
    ],
  };

  for (const [name, steps] of Object.entries(scripts)) {
    it(`holds the same coefficients and pixels when it is coded ${name}`, async () => {
      for (const density of [0.002, 0.05, 0.6, 1]) {
        const blocks = greyBlocks(randomBlocks(8 * 20, density));
        const file = withSteps(blocks, steps);
        assert.equal(digestCoefficients(readCoefficients(file)), digestCoefficients(blocks));
        assert.ok((await samples(file)).equals(await samples(writeCoefficients(blocks))));
      }
    });
  }

  it('tells of more empty blocks in a row than one symbol can', async () => {
    const blocks = greyBlocks(new Int16Array(64 * 8 * 5000));
    blocks.components[0]!.blocks[5] = 2;
    blocks.components[0]!.blocks[64 * 39_000 + 5] = -1;
    const file = withSteps(blocks, scripts['bit by bit']!);
    assert.equal(digestCoefficients(readCoefficients(file)), digestCoefficients(blocks));
    assert.ok((await samples(file)).equals(await samples(writeCoefficients(blocks))));
  });

  it('holds the same coefficients and pixels at any sampling and effort', async () => {
    for (const sampling of [
      ['1x1'],
      ['2x2'],
      ['2x1', '1x1', '1x1'],
      ['1x2', '1x1', '1x1'],
      ['4x1', '1x1', '1x1'],
    ])
      for (const effort of ['usual', 'thorough'] as const) {
        const file = sampledJpeg(83, 61, sampling);
        const own = writeProgressive(readCoefficients(file), [], effort);
        const digest = digestCoefficients(readCoefficients(file));
        assert.equal(digestCoefficients(readCoefficients(own)), digest, `${sampling}`);
        assert.ok((await samples(own)).equals(await samples(file)), `${sampling}`);
      }
  });

  it('has a scan for each component where a unit would have more than ten blocks', () => {
    const large = sampledJpeg(83, 61, ['4x2', '2x2', '1x1']);
    const own = writeProgressive(readCoefficients(large), [], 'usual');
    const scans = readSegments(own).list.filter(({ marker }) => marker === SOS);
    assert.ok(scans.every(({ payload }) => payload[0] === 1));
    assert.equal(digestCoefficients(readCoefficients(own)), digestCoefficients(readCoefficients(large)));
  });

  it('has fewer scans than careful decoders stand, some of which stop at a hundred', async () => {
    const file = await jpegFile(photo(300, 200), { quality: 98, chroma: '4:4:4' });
    const own = writeProgressive(readCoefficients(file), [], 'thorough');
    assert.ok(readSegments(own).list.filter(({ marker }) => marker === SOS).length < 100);
  });
});

describe('effort for lossless JPEG', () => {
  it('makes it smaller than the transcoder does, and thorough effort smaller still', async () => {
    const source = await inspect(await jpegFile(photo(640, 480), { quality: 92 }), DEFAULT_LIMITS);
    const sizes = [];
    for (const effort of ['fast', 'usual', 'thorough'] as const)
      sizes.push((await transcodeJpeg(source, 'none', effort))!.length);
    assert.ok(sizes[1]! < sizes[0]! && sizes[2]! <= sizes[1]!, sizes.join(' '));
  });
});
