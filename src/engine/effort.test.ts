import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pngFile } from '../../test/images/files.ts';
import { logo, photo, screenshot } from '../../test/images/pixels.ts';
import { libaomEffort } from './codecs/avif/avif.ts';
import { DEFAULT_OPTIONS, type OptimizeOptions, type Output } from './contract.ts';
import { gatedScore } from './gate.ts';
import { optimize } from './optimize.ts';

async function outputOf(source: Uint8Array, options: Partial<OptimizeOptions>): Promise<Output> {
  const outcome = await optimize(source, { ...DEFAULT_OPTIONS, ...options });
  assert.ok(outcome.status === 'done', JSON.stringify(outcome));
  return outcome.outputs[0]!;
}

test('less effort judges fewer candidates over several photographs, and each result reaches the floor', async () => {
  const evaluations = { fast: 0, usual: 0 };
  for (const seed of [1, 2, 3]) {
    const source = await pngFile(photo(400, 300, seed));
    for (const format of ['jpeg', 'webp'] as const) {
      for (const effort of ['fast', 'usual'] as const) {
        const output = await outputOf(source, { targets: [format], effort });
        assert.ok(gatedScore(output) >= DEFAULT_OPTIONS.floor);
        evaluations[effort] += output.evaluations;
      }
    }
  }
  assert.ok(evaluations.fast < evaluations.usual, JSON.stringify(evaluations));
});

test('thorough work without loss is smaller than the usual, and exact', async () => {
  for (const pixels of [photo(120, 90), screenshot(200, 150), logo(100, 100)]) {
    const source = await pngFile(pixels);
    const [usual, thorough] = await Promise.all(
      (['usual', 'thorough'] as const).map((effort) => outputOf(source, { fidelity: 'lossless', effort })),
    );
    assert.ok(thorough!.data.length < usual!.data.length, `${thorough!.data.length} ${usual!.data.length}`);
    assert.equal(thorough!.score, 100);
  }
});

test('libaom gets less effort the more pixels there are, and the less was asked for', () => {
  const sides = [100, 1000, 3000, 5000, 5900];
  for (const level of ['fast', 'usual', 'thorough'] as const) {
    const efforts = sides.map((side) => libaomEffort({ width: side, height: side }, level, 300_000));
    assert.deepEqual(
      efforts,
      efforts.toSorted((a, b) => b - a),
    );
  }
  for (const side of sides) {
    const size = { width: side, height: side };
    const [fast, usual, thorough] = (['fast', 'usual', 'thorough'] as const).map((level) =>
      libaomEffort(size, level, 300_000),
    );
    assert.ok(fast! < usual! && usual! <= thorough!, `${fast} ${usual} ${thorough} at ${side}`);
  }
});

test('libaom gets the effort that fits the time of a job', () => {
  const size = { width: 3000, height: 2000 };
  const efforts = [1000, 60_000, 100_000, 1_000_000].map((timeMs) => libaomEffort(size, 'thorough', timeMs));
  assert.deepEqual(efforts, [0, 1, 2, 4]);
});

test('a job of little time ends with a larger AVIF instead of none', async () => {
  const source = await pngFile(photo(400, 300, 4));
  const [long, short] = await Promise.all(
    [300_000, 100].map((jobTimeMs) =>
      outputOf(source, { targets: ['avif'], limits: { ...DEFAULT_OPTIONS.limits, jobTimeMs } }),
    ),
  );
  assert.ok(gatedScore(short!) >= DEFAULT_OPTIONS.floor);
  assert.ok(long!.data.length < short!.data.length, `${long!.data.length} ${short!.data.length}`);
});
