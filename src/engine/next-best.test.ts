import assert from 'node:assert/strict';
import { test } from 'node:test';
import { animatedGif, avifFile, gifFile, jpegFile, pngFile, webpFile } from '../../test/images/files.ts';
import { logo, photo, screenshot } from '../../test/images/pixels.ts';
import { reportedFloor } from '../lib/report.ts';
import { DEFAULT_LIMITS, DEFAULT_OPTIONS, type OptimizeOptions } from './contract.ts';
import { gatedScore, mostJnd } from './gate.ts';
import { compare } from './judge.ts';
import { nextBest } from './next-best.ts';
import { optimize } from './optimize.ts';

const PHOTO = photo(480, 360);
const NARROW = { width: 200, fit: 'inside' } as const;

async function only(bytes: Uint8Array, over: Partial<OptimizeOptions>) {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, fidelity: 'lossless', ...over });
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  return outcome.outputs[0]!;
}

async function reasonOf(bytes: Uint8Array, over: Partial<OptimizeOptions>): Promise<string> {
  const outcome = await optimize(bytes, { ...DEFAULT_OPTIONS, fidelity: 'lossless', ...over });
  return outcome.status === 'done' ? 'done' : outcome.reason;
}

for (const [what, transforms] of Object.entries({
  resized: { resize: NARROW },
  cropped: { crop: { x: 100, y: 50, width: 240, height: 200 } },
})) {
  test(`a JPEG that is ${what} without loss is smaller, all but exact, and says so`, async () => {
    const source = await jpegFile(PHOTO, { quality: 92 });
    const output = await only(source, transforms);
    assert.ok(output.format === 'jpeg' && output.data.length < source.length);
    assert.ok(output.quality !== null && gatedScore(output) >= 95);
    assert.ok(output.visibility.jnd <= mostJnd(95));
    assert.equal(reportedFloor({ fidelity: 'lossless', ...transforms }, [output]), 90);
    const { score, worstTile } = await compare(source, output.data, { limits: DEFAULT_LIMITS, transforms });
    assert.deepEqual([score, worstTile], [output.score, output.worstTile]);
  });
}

test('a JPEG that leaves no room for 95 is resized at 90, and what leaves none for that is left alone', async () => {
  const output = await only(await jpegFile(PHOTO, { quality: 75 }), { resize: NARROW });
  assert.ok(gatedScore(output) >= 90 && gatedScore(output) < 95);
  const coarse = await jpegFile(PHOTO, { quality: 20 });
  assert.equal(await reasonOf(coarse, { resize: { width: 470, fit: 'inside' } }), 'no-gain');
});

test('what can hold the new pixels does, exactly', async () => {
  const drawing = screenshot(480, 360);
  for (const source of [await pngFile(drawing), await webpFile(drawing, { lossless: true })]) {
    const output = await only(source, { resize: NARROW, gate: 'any' });
    assert.deepEqual([output.quality, output.score], [null, 100]);
    assert.equal(reportedFloor({ fidelity: 'lossless', resize: NARROW }, [output]), null);
  }
  const output = await only(await jpegFile(PHOTO), { targets: ['auto'], resize: NARROW, gate: 'any' });
  assert.deepEqual([output.quality, output.score], [null, 100]);
});

test('a size that changes nothing leaves lossless what it is', async () => {
  const source = await jpegFile(PHOTO, { quality: 92 });
  const box = { width: 4000, fit: 'inside' } as const;
  assert.equal((await only(source, { resize: box })).quality, null);
  const moving = await animatedGif([screenshot(160, 120, 1), screenshot(160, 120, 2)]);
  assert.equal((await only(moving, { resize: box })).quality, null);
  assert.equal(await reasonOf(await pngFile(PHOTO), { targets: ['jpeg'], resize: box }), 'unsupported');
});

test('a resized GIF is exact where its colours fit, close where they are close, and else left alone', async () => {
  const flat = { ...PHOTO, data: PHOTO.data.map((level) => (level > 128 ? 255 : 0)) };
  const square = { crop: { x: 40, y: 40, width: 120, height: 120 } };
  assert.equal((await only(await gifFile(flat), square)).quality, null);
  assert.equal((await only(await animatedGif([flat, PHOTO]), square)).quality, null);
  for (const source of [await gifFile(PHOTO), await animatedGif([PHOTO, flat])])
    assert.equal(await reasonOf(source, { resize: NARROW }), 'below-floor');
});

test('AVIF, which is never exact here, is made of what is resized', async () => {
  const output = await only(await avifFile(PHOTO, { quality: 95 }), { resize: NARROW });
  assert.ok(output.format === 'avif' && gatedScore(output) >= 90);
});

test('a transparent image is resized over its background', async () => {
  const source = await pngFile(logo(480, 480), { compressionLevel: 0 });
  const output = await only(source, { targets: ['jpeg'], resize: NARROW, background: '#ffffff' });
  assert.ok(output.format === 'jpeg' && gatedScore(output) >= 95);
});

test('nothing but what is lossless and changes its size has a next best', () => {
  const lossless = { ...DEFAULT_OPTIONS, fidelity: 'lossless' } as const;
  assert.deepEqual(nextBest(lossless, false), []);
  assert.deepEqual(nextBest({ ...DEFAULT_OPTIONS, fidelity: 'lossy' }, true), []);
  assert.deepEqual(
    nextBest(lossless, true).map(({ floor }) => floor),
    [95, 90],
  );
});
