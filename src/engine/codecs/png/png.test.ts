import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import {
  cicpChunk,
  deepPng,
  gammaChunk,
  orientedPng,
  pngFile,
  pngWith,
  wideGamutPng,
} from '../../../../test/images/files.ts';
import {
  flat,
  gradient,
  inGrey,
  logo,
  meanDifference,
  photo,
  screenshot,
} from '../../../../test/images/pixels.ts';
import { DEFAULT_LIMITS, type MetadataPolicy, type Pixels } from '../../contract.ts';
import { decode, decodeSource } from '../../decode.ts';
import { inspect } from '../../inspect.ts';
import { coarsen, STEPS } from '../near-lossless.ts';
import { openImage } from '../sharp.ts';
import { findChunk, readChunks, writeChunks } from './chunks.ts';
import { tabulate } from './colour-table.ts';
import { toNearest } from './nearest-palette.ts';
import { png } from './png.ts';
import { transcodePng } from './transcode.ts';

const TEXT = { type: 'tEXt', data: Buffer.from('Author\0somebody', 'latin1') };

async function transcoded(bytes: Uint8Array, policy: MetadataPolicy = 'none'): Promise<Uint8Array> {
  return transcodePng(await inspect(bytes, DEFAULT_LIMITS), policy);
}

function typesOf(bytes: Uint8Array): string[] {
  return readChunks(bytes).map(({ type }) => type);
}

describe('lossless PNG', () => {
  it('is smaller than what common writers make', async () => {
    for (const pixels of [photo(120, 90), screenshot(120, 90), logo(80, 80)]) {
      const file = await pngFile(pixels);
      assert.ok((await transcoded(file)).length < file.length);
    }
  });

  it('keeps all 16 bits of deep samples', async () => {
    const file = await deepPng(photo(40, 30));
    const samples = (bytes: Uint8Array) =>
      openImage(bytes, DEFAULT_LIMITS).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer();
    assert.ok((await samples(await transcoded(file))).equals(await samples(file)));
  });

  it('is made of more samples than there is room for, which are not carried', async () => {
    const chunks = readChunks(await orientedPng(photo(30, 20), 6));
    const at = chunks.findIndex(({ type }) => type === 'IDAT');
    const rows = Buffer.concat([inflateSync(chunks[at]!.data), Buffer.alloc(999, 'secret')]);
    const longer = writeChunks(chunks.with(at, { type: 'IDAT', data: deflateSync(rows) }));
    const file = await transcoded(longer, 'all');
    assert.deepEqual((await decode(file, DEFAULT_LIMITS)).data, (await decode(longer, DEFAULT_LIMITS)).data);
    const idat = findChunk(readChunks(file), 'IDAT')!;
    assert.equal(inflateSync(idat).indexOf('secret'), -1);
  });

  it('keeps the chunks that say how colours look', async () => {
    const file = await pngFile(photo(30, 20));
    assert.ok(typesOf(await transcoded(pngWith(file, [gammaChunk(0.7)]))).includes('gAMA'));
    assert.ok(typesOf(await transcoded(pngWith(file, [cicpChunk(12, 13)]))).includes('cICP'));
    assert.ok(typesOf(await transcoded(await wideGamutPng(photo(30, 20)))).includes('iCCP'));
  });

  it('says sRGB in one byte instead of a profile', async () => {
    const { openPixels } = await import('../sharp.ts');
    const tagged = await openPixels(photo(30, 20)).withIccProfile('srgb').png().toBuffer();
    const types = typesOf(await transcoded(tagged));
    assert.ok(types.includes('sRGB') && !types.includes('iCCP'));
  });

  it('does not store grey under a profile for colours', async () => {
    const file = await transcoded(await wideGamutPng(inGrey(photo(30, 20))));
    assert.ok([2, 3, 6].includes(findChunk(readChunks(file), 'IHDR')![9]!));
  });

  it('keeps the orientation, and nothing else of the metadata unless told to', async () => {
    const file = pngWith(await orientedPng(photo(30, 20), 6), [TEXT]);
    const bare = await transcoded(file);
    assert.equal((await inspect(bare, DEFAULT_LIMITS)).orientation, 6);
    assert.ok(!typesOf(bare).includes('tEXt'));
    const full = await transcoded(file, 'all');
    assert.equal((await inspect(full, DEFAULT_LIMITS)).orientation, 6);
    assert.ok(typesOf(full).includes('tEXt'));
  });
});

describe('lossy PNG', () => {
  it('keeps a picture of few colours exactly', async () => {
    const pixels = screenshot(100, 70);
    const file = await png.lossy.encode(pixels, 100, 'final');
    assert.equal(meanDifference(await decode(file, DEFAULT_LIMITS), pixels), 0);
  });

  it('shows each pixel in the nearest of its colours, where there are many', async () => {
    const pixels = photo(90, 60);
    const shown = await decode(await png.lossy.encode(pixels, 90, 'final'), DEFAULT_LIMITS);
    const colours = tabulate(shown);
    const nearest = toNearest(pixels, colours.rgba);
    assert.ok(colours.counts.length > 64 && colours.counts.length <= 256);
    assert.ok(meanDifference(shown, pixels) < 8);
    // Means of their pixels' colours hardly move any more.
    const moved = nearest.palette.reduce((sum, sample, at) => sum + Math.abs(sample - colours.rgba[at]!), 0);
    assert.ok(moved / nearest.palette.length < 3, `${moved / nearest.palette.length}`);
  });

  it('keeps what is fully transparent so, and what is not opaque', async () => {
    const badge = logo(60, 60);
    const shown = await decode(await png.lossy.encode(badge, 100, 'final'), DEFAULT_LIMITS);
    for (let at = 3; at < badge.data.length; at += 4)
      assert.ok(badge.data[at] === shown.data[at] || Math.abs(badge.data[at]! - shown.data[at]!) < 24);
    assert.equal(shown.data[3], badge.data[3]);
  });

  it('carries no profile for colours in a grey file', async () => {
    const source = await inspect(await wideGamutPng(inGrey(photo(30, 20))), DEFAULT_LIMITS);
    const file = await png.lossy.encode(await decodeSource(source), 50, 'final', source.embedded);
    assert.notEqual(findChunk(readChunks(file), 'IHDR')![9]! % 4, 0);
  });
});

describe('near-lossless samples', () => {
  const largestChange = (a: Pixels, b: Pixels) =>
    a.data.reduce((most, sample, at) => Math.max(most, Math.abs(sample - b.data[at]!)), 0);

  it('differ by at most half the step', () => {
    const pixels = photo(80, 60);
    for (const step of STEPS) assert.ok(largestChange(coarsen(pixels, step), pixels) <= step / 2);
  });

  it('differ by no more than one level where the picture is smooth, so that no bands appear', () => {
    const pixels = gradient(256, 256);
    for (const step of STEPS) assert.ok(largestChange(coarsen(pixels, step), pixels) <= 1);
  });

  it('leave white, black and transparency alone', () => {
    for (const pixels of [flat(9, 9, [255, 255, 255]), screenshot(60, 40)]) {
      const coarse = coarsen(pixels, 16);
      pixels.data.forEach((sample, at) => {
        if (sample === 255 || sample === 0) assert.equal(coarse.data[at], sample);
      });
    }
    const badge = logo(40, 40);
    const coarse = coarsen(badge, 16);
    for (let at = 3; at < badge.data.length; at += 4) assert.equal(coarse.data[at], badge.data[at]);
  });
});
