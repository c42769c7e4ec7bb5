import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { animatedPng, animatedWebp, jpegWith, pngFile, pngWith } from '../../../../test/images/files.ts';
import { photo, screenshot } from '../../../../test/images/pixels.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_OPTIONS,
  type MetadataPolicy,
  type OptimizeOptions,
} from '../../contract.ts';
import { inspectFrames } from '../../inspect.ts';
import { optimize } from '../../optimize.ts';
import { NOTHING_EMBEDDED } from '../header.ts';
import { jpeg } from '../jpeg/jpeg.ts';
import { embeddedChunks } from '../png/carrier.ts';
import { writeAnimatedWebp } from '../webp/animation.ts';
import { readRiffChunks } from '../webp/chunks.ts';
import { type Field, numberBytes, readDirectories, writeDirectories } from './exif-directories.ts';
import { sizeExif } from './stated-size.ts';

const WIDTH = 96;
const HEIGHT = 64;
const PHOTO = photo(WIDTH, HEIGHT);
const FRAMES = [1, 2].map((seed) => screenshot(WIDTH, HEIGHT, seed));
const XMP = Buffer.from(
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:PixelXDimension="${WIDTH}"><exif:PixelYDimension>${HEIGHT}</exif:PixelYDimension></rdf:Description></rdf:RDF></x:xmpmeta>`,
);

/** As a camera writes it: the size in two directories, in numbers of both lengths. */
function sizedExif(orientation = 1): Uint8Array {
  const [short, long] = [3, 4];
  const number = (tag: number, type: number, value: number): Field => {
    return { tag, type, count: 1, value: numberBytes(value, type === short ? 2 : 4, true) };
  };
  return writeDirectories({
    littleEndian: true,
    main: [
      number(0x0100, long, WIDTH),
      number(0x0101, short, HEIGHT),
      { tag: 0x010f, type: 2, count: 7, value: Buffer.from('Camera\0') },
      number(0x0112, short, orientation),
    ],
    exif: [number(0xa002, short, WIDTH), number(0xa003, long, HEIGHT)],
    gps: [],
    interoperability: [],
  })!;
}

async function jpegStating(orientation = 1): Promise<Uint8Array> {
  return jpegWith(await jpeg.lossy.encode(PHOTO, 90, 'final'), { exif: sizedExif(orientation), xmp: XMP });
}

const SOURCES: Record<string, () => Promise<Uint8Array>> = {
  JPEG: jpegStating,
  PNG: async () => pngWith(await pngFile(PHOTO), embeddedChunks({ exif: sizedExif(), xmp: XMP })),
  'animated PNG': async () =>
    pngWith(await animatedPng(FRAMES), embeddedChunks({ exif: sizedExif(), xmp: XMP })),
  'animated WebP': async () => {
    const frames = readRiffChunks(await animatedWebp(FRAMES)).filter(({ type }) => type === 'ANMF');
    const embedded = { ...NOTHING_EMBEDDED, exif: sizedExif(), xmp: XMP };
    return writeAnimatedWebp({ width: WIDTH, height: HEIGHT, plays: 0 }, frames, embedded);
  },
};

const CHANGES: Record<string, { over: Partial<OptimizeOptions>; size: [number, number] }> = {
  'made smaller': { over: { resize: { width: 48, fit: 'inside' } }, size: [48, 32] },
  cropped: { over: { crop: { x: 8, y: 8, width: 40, height: 24 } }, size: [40, 24] },
  turned: { over: { turn: '90' }, size: [64, 96] },
};

async function made(file: Uint8Array, over: Partial<OptimizeOptions>): Promise<Uint8Array> {
  const outcome = await optimize(file, { ...DEFAULT_OPTIONS, gate: 'any', floor: 50, ...over });
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  return outcome.outputs[0]!.data;
}

/** Every size that a file's EXIF and XMP state. */
async function stated(file: Uint8Array): Promise<{ widths: number[]; heights: number[] }> {
  const { exif, xmp } = (await inspectFrames(file, DEFAULT_LIMITS)).embedded;
  const directories = exif && readDirectories(exif);
  const fields = directories ? [...directories.main, ...directories.exif] : [];
  const text = Buffer.from(xmp ?? []).toString();
  const numbers = (tags: number[], name: string) => [
    ...fields
      .filter(({ tag }) => tags.includes(tag))
      .map(({ value }) => Buffer.from(value).readUIntLE(0, value.length)),
    ...Array.from(text.matchAll(new RegExp(`exif:${name}(?:="|>)(\\d+)`, 'g')), ([, digits]) =>
      Number(digits),
    ),
  ];
  return {
    widths: numbers([0x0100, 0xa002], 'PixelXDimension'),
    heights: numbers([0x0101, 0xa003], 'PixelYDimension'),
  };
}

async function assertStates(file: Uint8Array, [width, height]: [number, number], least: number) {
  const { widths, heights } = await stated(file);
  assert.deepEqual([...new Set(widths)], [width]);
  assert.deepEqual([...new Set(heights)], [height]);
  assert.ok(widths.length >= least && heights.length >= least, `${widths}, ${heights}`);
}

describe('the size that metadata state', () => {
  for (const [container, source] of Object.entries(SOURCES)) {
    for (const [name, { over, size }] of Object.entries(CHANGES)) {
      it(`is that of the result: ${container}, ${name}`, async () => {
        for (const metadata of ['all', 'private-stripped'] satisfies MetadataPolicy[]) {
          for (const fidelity of ['lossy', 'lossless'] as const)
            await assertStates(await made(await source(), { ...over, metadata, fidelity }), size, 2);
        }
      });
    }
  }

  it('is that of the result in every format that it goes into', async () => {
    const { over, size } = CHANGES['made smaller']!;
    for (const target of ['jpeg', 'png', 'webp', 'avif'] as const)
      await assertStates(
        await made(await jpegStating(), { ...over, targets: [target], metadata: 'all' }),
        size,
        3,
      );
    // A GIF has a place for XMP, and none for EXIF.
    const gif = await made(await jpegStating(), { ...over, targets: ['gif'], metadata: 'all' });
    await assertStates(gif, size, 1);
  });

  it('is that of the upright image where it was stored turned', async () => {
    const file = await made(await jpegStating(6), { metadata: 'all', quality: 60 });
    await assertStates(file, [HEIGHT, WIDTH], 3);
  });

  it('stays where the image stays as it is stored', async () => {
    const file = await made(await jpegStating(6), { metadata: 'all', fidelity: 'lossless' });
    await assertStates(file, [WIDTH, HEIGHT], 3);
  });

  it('is left alone in a block that is damaged', () => {
    const exif = sizedExif();
    for (let length = 0; length < exif.length; length++)
      assert.equal(sizeExif(exif.subarray(0, length), { width: 1, height: 1 }).length, length);
  });
});
