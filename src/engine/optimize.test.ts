import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  avifFile,
  deepPng,
  gifFile,
  jpegFile,
  orientedJpeg,
  pngFile,
  tiffFile,
  webpFile,
  wideGamutJpeg,
} from '../../test/images/files.ts';
import { flat, logo, meanDifference, noise, photo, screenshot } from '../../test/images/pixels.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_OPTIONS,
  type OptimizeOptions,
  type Outcome,
  type Output,
} from './contract.ts';
import { decode } from './decode.ts';
import { gatedScore } from './gate.ts';
import { createJudge } from './judge.ts';
import { optimize } from './optimize.ts';

const picture = photo(320, 240);

function run(bytes: Uint8Array, over: Partial<OptimizeOptions> = {}): Promise<Outcome> {
  return optimize(bytes, { ...DEFAULT_OPTIONS, ...over });
}

async function outputs(bytes: Uint8Array, over: Partial<OptimizeOptions> = {}): Promise<Output[]> {
  const outcome = await run(bytes, over);
  assert.equal(outcome.status, 'done', JSON.stringify(outcome));
  return outcome.outputs;
}

/** What anyone can check from outside: the promise, on the bytes themselves. */
async function assertFaithful(source: Uint8Array, output: Output, floor: number): Promise<void> {
  const reference = await decode(source, DEFAULT_LIMITS);
  const judge = createJudge(reference, DEFAULT_LIMITS);
  const judgement = await judge.judge(output.data);
  judge.release();
  assert.ok(output.data.length < source.length, `${output.format} is larger`);
  assert.ok(gatedScore(judgement) >= floor, `${output.format} scores ${gatedScore(judgement)}`);
  if (output.quality !== null)
    assert.deepEqual(judgement, { score: output.score, worstTile: output.worstTile });
  assert.equal(output.sha256, createHash('sha256').update(output.data).digest('hex'));
  assert.deepEqual([output.width, output.height], [reference.width, reference.height]);
}

const SOURCES: Record<string, () => Promise<Uint8Array>> = {
  jpeg: () => jpegFile(picture, { quality: 97 }),
  png: () => pngFile(picture),
  webp: () => webpFile(picture, { lossless: true }),
  avif: () => avifFile(picture, { quality: 95 }),
  gif: () => gifFile(screenshot(320, 240)),
  tiff: () => tiffFile(picture),
};

for (const [format, make] of Object.entries(SOURCES)) {
  for (const fidelity of ['lossless', 'glossy', 'lossy'] as const) {
    test(`a ${format} source gives a smaller, faithful ${fidelity} result or a reason`, async () => {
      const source = await make();
      const floor = fidelity === 'glossy' ? 90 : 85;
      const outcome = await run(source, {
        fidelity,
        floor,
        targets: ['auto'],
        accept: ['jpeg', 'png', 'webp'],
      });
      if (outcome.status === 'declined') {
        assert.ok(
          ['already-optimal', 'no-gain', 'below-floor', 'unsupported'].includes(outcome.reason),
          outcome.reason,
        );
        assert.ok(outcome.detail.endsWith('.'));
      } else {
        for (const output of outcome.outputs)
          await assertFaithful(source, output, fidelity === 'lossless' ? 100 : floor);
      }
    });
  }
}

test('each format asked for is its own output, and auto is the smallest of those accepted', async () => {
  const source = await pngFile(picture);
  const all = await outputs(source, { targets: ['jpeg', 'png', 'webp', 'avif'] });
  assert.deepEqual(
    all.map(({ format }) => format),
    ['jpeg', 'png', 'webp', 'avif'],
  );
  for (const output of all) await assertFaithful(source, output, 85);
  const [best] = await outputs(source, { targets: ['auto'] });
  assert.equal(best!.data.length, Math.min(...all.map(({ data }) => data.length)));
  const [accepted] = await outputs(source, { targets: ['auto'], accept: ['png', 'jpeg'] });
  assert.equal(accepted!.format, 'jpeg');
});

test('the same format asked for twice is answered once', async () => {
  const found = await outputs(await jpegFile(picture, { quality: 97 }), { targets: ['same', 'jpeg'] });
  assert.equal(found.length, 1);
});

test('same keeps the format; a source that cannot be written back becomes the best accepted one', async () => {
  const [jpeg] = await outputs(await jpegFile(picture, { quality: 97 }));
  assert.equal(jpeg!.format, 'jpeg');
  const [other] = await outputs(await tiffFile(screenshot(320, 240)), { accept: ['png', 'webp'] });
  const [gif] = await outputs(await pngFile(screenshot(320, 240)), { targets: ['gif'], gate: 'any' });
  assert.equal((await outputs(gif!.data, { fidelity: 'lossless', gate: 'any' }))[0]!.format, 'gif');
  assert.ok(['png', 'webp'].includes(other!.format));
});

test('a lower floor gives a smaller file, and both pass theirs', async () => {
  const source = await jpegFile(picture, { quality: 97 });
  const sizes: number[] = [];
  for (const floor of [90, 85, 70, 50]) {
    const [output] = await outputs(source, { floor });
    await assertFaithful(source, output!, floor);
    sizes.push(output!.data.length);
  }
  assert.deepEqual(
    sizes,
    sizes.toSorted((a, b) => b - a),
  );
});

test('a source that is already small is declined, and never answered with more bytes', async () => {
  const [once] = await outputs(await jpegFile(picture, { quality: 97 }), { floor: 60 });
  const twice = await run(once!.data, { floor: 95 });
  assert.equal(twice.status, 'declined');
  assert.equal(twice.reason, 'already-optimal');
  const again = await run(once!.data, { fidelity: 'lossless' });
  assert.equal(again.status, 'declined');
  assert.equal(again.reason, 'already-optimal');
});

test('noise that no palette can hold ships as good as the floor or not at all', async () => {
  const source = await pngFile(noise(128, 128));
  const outcome = await run(source, { targets: ['png'] });
  if (outcome.status === 'done') await assertFaithful(source, outcome.outputs[0]!, 85);
  else assert.ok(['below-floor', 'no-gain'].includes(outcome.reason));
});

test('any result may ship when the submission accepts any, and it says what it scored', async () => {
  const source = await jpegFile(picture, { quality: 30 });
  const [output] = await outputs(source, { targets: ['webp'], gate: 'any', quality: 100 });
  assert.equal(output!.format, 'webp');
  assert.ok(output!.data.length > source.length);
  assert.equal(output!.quality, 100);
  const [poor] = await outputs(source, { targets: ['webp'], gate: 'any', quality: 10 });
  assert.ok(poor!.score < 85 && poor!.data.length < output!.data.length);
});

test('a result of a chosen quality passes the gates like any other, unless any result may ship', async () => {
  const source = await jpegFile(picture, { quality: 97 });
  const reasonAt = async (quality: number) => {
    const outcome = await run(source, { targets: ['webp'], quality });
    return outcome.status === 'declined' ? outcome.reason : null;
  };
  assert.equal(await reasonAt(5), 'below-floor');
  const [good] = await outputs(source, { targets: ['webp'], quality: 92 });
  await assertFaithful(source, good!, 85);
  const [small] = await outputs(source, { floor: 50 });
  const larger = await run(small!.data, { targets: ['webp'], quality: 100 });
  assert.equal(larger.status === 'declined' && larger.reason, 'no-gain');
});

test('transparency is kept, and a format without it is declined', async () => {
  const source = await pngFile(logo(200, 160));
  const [webp] = await outputs(source, { targets: ['webp'] });
  await assertFaithful(source, webp!, 85);
  assert.equal((await decode(webp!.data, DEFAULT_LIMITS)).channels, 4);
  const jpeg = await run(source, { targets: ['jpeg'] });
  assert.equal(jpeg.status, 'declined');
  assert.equal(jpeg.reason, 'unsupported');
  assert.match(jpeg.detail, /it is transparent, and jpeg knows no transparency/);
  const those = await outputs(source, { targets: ['jpeg', 'webp'] });
  assert.deepEqual(
    those.map(({ format }) => format),
    ['webp'],
  );
});

test('an image too long for a format is told how long one may be', async () => {
  const outcome = await run(await pngFile(flat(16_400, 2, [9, 9, 9])), { targets: ['webp'] });
  assert.equal(outcome.status, 'declined');
  assert.match(outcome.detail, /it is 16400 x 2, and webp has at most 16383 pixels a side/);
});

test('an image of more pixels than decoders of AVIF must manage is no AVIF', async () => {
  const outcome = await run(await pngFile(flat(8000, 4457, [9, 9, 9])), { targets: ['avif'] });
  assert.equal(outcome.status, 'declined');
  assert.match(outcome.detail, /it is 8000 x 4457, and avif has at most 35651584 pixels/);
});

test('a screenshot ships lossless where that is smaller than lossy, however badly its source is packed', async () => {
  const source = await pngFile(screenshot(640, 480), { compressionLevel: 0 });
  const [asked] = await outputs(source, { targets: ['webp'] });
  const [lossless] = await outputs(source, { targets: ['webp'], fidelity: 'lossless' });
  assert.ok(asked!.data.length <= lossless!.data.length);
});

test('every orientation comes out upright, lossy and lossless', async () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    const source = await orientedJpeg(photo(160, 112), orientation);
    for (const fidelity of ['lossy', 'lossless'] as const) {
      const outcome = await run(source, { fidelity });
      if (outcome.status === 'declined') continue;
      assert.equal(outcome.source.width, 160);
      const shown = await decode(outcome.outputs[0]!.data, DEFAULT_LIMITS);
      assert.deepEqual([shown.width, shown.height], [160, 112], `${fidelity} ${orientation}`);
      assert.ok(meanDifference(shown, photo(160, 112)) < 6, `${fidelity} ${orientation}`);
    }
  }
});

test('wide-gamut colours look the same when the profile is dropped and when it is kept', async () => {
  const source = await wideGamutJpeg(picture);
  for (const metadata of ['none', 'all'] as const) {
    const [output] = await outputs(source, { metadata });
    await assertFaithful(source, output!, 85);
  }
});

test('a resize never enlarges, keeps proportions inside a box and fills a cover exactly', async () => {
  const source = await pngFile(picture);
  const size = async (resize: OptimizeOptions['resize']) => {
    const [output] = await outputs(source, { targets: ['webp'], resize });
    return [output!.width, output!.height];
  };
  assert.deepEqual(await size({ width: 160, fit: 'inside' }), [160, 120]);
  assert.deepEqual(await size({ width: 160, height: 60, fit: 'inside' }), [80, 60]);
  assert.deepEqual(await size({ width: 100, height: 100, fit: 'cover' }), [100, 100]);
  assert.deepEqual(await size({ width: 4000, fit: 'inside' }), [320, 240]);
});

test('16-bit sources stay 16-bit when nothing may be lost', async () => {
  const source = await deepPng(picture);
  const outcome = await run(source, { fidelity: 'lossless' });
  if (outcome.status === 'done') assert.equal(outcome.outputs[0]!.data[24], 16);
  else assert.equal(outcome.reason, 'already-optimal');
});

test('tiny images are served or declined, never failed', async () => {
  for (const [width, height] of [
    [1, 1],
    [1, 40],
    [7, 7],
    [8, 9],
    [113, 3],
  ] as const) {
    for (const targets of [['same'], ['auto']] as OptimizeOptions['targets'][]) {
      const outcome = await run(await pngFile(photo(width, height)), { targets });
      assert.ok(['done', 'declined'].includes(outcome.status), `${width} x ${height}`);
    }
  }
});

test('the same bytes and options give the same result', async () => {
  const source = await jpegFile(picture, { quality: 95 });
  const [a] = await outputs(source);
  const [b] = await outputs(source);
  assert.equal(a!.sha256, b!.sha256);
  assert.equal(a!.score, b!.score);
});
