import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { pngFile, webpFile } from '../../../test/images/files.ts';
import { flat } from '../../../test/images/pixels.ts';
import type { Pace } from '../../engine/codecs/animation.ts';
import { REPORT_TYPE, type Report, reportVisibility } from '../../lib/report.ts';
import { createSigner, makePrivateKey } from '../../lib/signature.ts';
import {
  checkFormats,
  checkMeasurement,
  checkOptimized,
  checkOriginal,
  checkSigner,
  findOutput,
} from './checks.ts';
import { readReport } from './read-report.ts';

const [original, optimized] = [Buffer.from('original'), Buffer.from('optimized')];
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const measured = {
  score: 86.25,
  worstTile: { x: 0, y: 128, width: 256, height: 256, score: 85.125 },
  visibility: { jnd: 0.2, spread: 0.21, probability: 0.11, iwssim: 0.9985 },
  width: 400,
  height: 300,
  frames: 1,
  worstFrame: 1,
  pace: null as Pace | null,
};
const { visibility, pace: _, ...scores } = measured;
const output = {
  ...scores,
  ...reportVisibility(visibility),
  format: 'webp',
  bytes: optimized.length,
  sha256: sha256(optimized),
  encoder: 'none',
  quality: 80,
  evaluations: 2,
};
const report: Report = {
  type: REPORT_TYPE,
  status: 'done',
  reason: null,
  detail: null,
  engine: 'engine 1',
  fidelity: 'lossy',
  floor: 85,
  gate: 'smaller',
  options: {},
  input: { bytes: original.length, width: 400, height: 300, format: 'png', sha256: sha256(original) },
  outputs: [output],
  createdAt: '2030-01-01T00:00:00.000Z',
  finishedAt: null,
  engineMs: null,
};

const failing = (checks: { name: string; passed: boolean }[]) =>
  checks.filter(({ passed }) => !passed).map(({ name }) => name);
const measure = (claimed: Partial<typeof output>, of: Partial<Report> = {}, found = measured) =>
  failing(checkMeasurement({ ...report, ...of }, { ...output, ...claimed }, found, 'engine 1'));

test('a report of these files, measured alike, passes', () => {
  assert.ok(checkOriginal(report, original).passed);
  assert.ok(checkOptimized(report, findOutput(report, optimized)).passed);
  assert.deepEqual(measure({}), []);
  assert.deepEqual(measure({ score: 86.2500009 }), []);
});

test('what is claimed too high, elsewhere or of another size is found', () => {
  assert.deepEqual(measure({ score: 86.250002 }), ['score']);
  assert.deepEqual(measure({ score: Number.NaN }), ['score']);
  assert.deepEqual(measure({ width: 399 }), ['size']);
  for (const change of [{ x: 128 }, { height: 128 }, { score: 86 }])
    assert.deepEqual(measure({ worstTile: { ...output.worstTile, ...change } }), ['worst tile']);
});

test('what is claimed of visibility is measured too, where it is claimed at all', () => {
  for (const change of [
    { iwssim: 1 },
    { iwssim: null },
    { visibleProbability: 0.1 },
    { jnd: { value: 0, spread: 0.21 } },
  ])
    assert.deepEqual(measure(change), ['visibility'], JSON.stringify(change));
  assert.deepEqual(measure({ jnd: undefined, iwssim: undefined, visibleProbability: undefined }), []);
});

test('a floor that was promised has to hold, and one that was not promised need not', () => {
  assert.deepEqual(measure({}, { floor: 85.2 }), ['floor']);
  assert.deepEqual(measure({}, { floor: 90, gate: 'any' }), []);
  assert.deepEqual(measure({}, { floor: null }), []);
});

test('frames that are not as many as reported are found', () => {
  const moving = { ...measured, frames: 12 };
  assert.deepEqual(measure({ frames: 12 }, {}, moving), []);
  assert.deepEqual(measure({ frames: 1 }, {}, moving), ['frames']);
  assert.deepEqual(measure({ frames: 12 }), ['frames']);
  assert.deepEqual(measure({ frames: undefined }, {}, moving), []);
});

test('an animation has to move as the original does, whatever the report says', () => {
  const moving = (difference: string | null) => ({
    ...measured,
    frames: 12,
    pace: { seconds: 1.2, plays: 0, difference },
  });
  const late = 'Frame 3 stands for 0.5 s instead of 0.1 s';
  assert.deepEqual(measure({ frames: 12 }, {}, moving(null)), []);
  assert.deepEqual(measure({ frames: 12 }, { gate: 'any', floor: null }, moving(late)), ['pace']);
  const lines = (difference: string | null) =>
    checkMeasurement(report, output, moving(difference), 'engine 1').find(({ name }) => name === 'pace')
      ?.detail;
  assert.equal(lines(late), late);
  assert.equal(lines(null), '1.2 s, for ever, as the original');
});

test('what is called lossless has to show the same pixels', () => {
  const same = { ...measured, score: 100, worstTile: { ...measured.worstTile, score: 100 } };
  const claim = { fidelity: 'lossless', floor: null };
  const { score, worstTile } = same;
  assert.deepEqual(measure({ score, worstTile, quality: null as never }, claim, same), []);
  assert.deepEqual(measure({}, claim), ['lossless']);
  assert.deepEqual(measure({ quality: null as never }), ['lossless']);
  assert.deepEqual(measure({}, { ...claim, options: { colours: 16 } }), []);
  assert.deepEqual(measure({ format: 'svg' }, claim), []);
});

test('what a turned JPEG may differ by is no loss, and more is', () => {
  const turned = { fidelity: 'lossless', floor: null, options: { turn: 90 } };
  const near = { ...measured, score: 96 };
  assert.deepEqual(measure({ format: 'jpeg', score: 96 }, turned, near), []);
  assert.deepEqual(measure({ format: 'jpeg' }, turned), ['lossless']);
  assert.deepEqual(measure({ score: 96 }, turned, near), ['lossless']);
});

test('formats are those of the files', async () => {
  const pixels = flat(8, 8, [1, 2, 3]);
  const [png, webp] = [await pngFile(pixels), await webpFile(pixels)];
  assert.ok(checkFormats(report, output, png, webp).passed);
  assert.ok(!checkFormats(report, { ...output, format: 'avif' }, png, webp).passed);
  assert.ok(!checkFormats(report, output, webp, webp).passed);
  assert.ok(checkFormats({ ...report, input: { ...report.input, format: null } }, output, webp, webp).passed);
});

test('another build is named where its numbers differ', () => {
  const checks = checkMeasurement(report, { ...output, score: 80 }, measured, 'engine 2');
  assert.match(checks[1]!.detail, /86\.25, reported were 80; it was made by engine 1, this is engine 2/);
});

test('visibility that another engine measures otherwise is told, not refused, unless it is too much', () => {
  const older = { ...report, engine: 'keeneye 0.1.0 (sharp 0.35.5, ssimulacra 2.1)' };
  const now = 'keeneye 0.2.0 (sharp 0.36.0, ssimulacra 2.1, visibility 2)';
  const check = (of: Report, found = measured) =>
    checkMeasurement(of, { ...output, jnd: { value: 0.1, spread: 0.21 } }, found, now);
  const line = (of: Report) => check(of).find(({ name }) => name === 'visibility')!;
  assert.deepEqual(line(older), {
    name: 'visibility',
    passed: true,
    detail: '0.20 JND by visibility 2, not to be compared: reported were 0.1 JND by visibility 1',
  });
  const seen = { ...measured, visibility: { ...measured.visibility, jnd: 3 } };
  assert.deepEqual(failing(check(older, seen)), ['floor']);
  assert.equal(line({ ...older, engine: now.replace('36', '35') }).passed, false);
  assert.equal(line({ ...older, engine: now.replace(')', ', recalibrated by a study:400)') }).passed, true);
});

test('files that are not those of the report are refused', () => {
  assert.ok(!checkOriginal(report, optimized).passed);
  assert.ok(!checkOriginal({ ...report, input: { ...report.input, bytes: 1 } }, original).passed);
  assert.equal(findOutput(report, original), null);
  assert.ok(!checkOptimized({ ...report, outputs: [] }, null).passed);
});

test('members that this version does not know are read past, and signed all the same', () => {
  const signer = createSigner(makePrivateKey());
  const later = { ...report, outputs: [{ ...output, depth: { value: 0.3 }, grain: 0.99 }] };
  const { statement, ...read } = readReport(JSON.stringify(signer.sign(later)));
  assert.deepEqual(failing(checkSigner(statement, null)), []);
  assert.equal(findOutput(read.report, optimized)?.score, 86.25);
  const changed = { ...statement, outputs: [{ ...later.outputs[0], grain: 1 }] };
  assert.deepEqual(failing(checkSigner(changed, null)), ['signature']);
});

test('what misses a member that a check relies on, or has it of another kind, is no report', () => {
  const broken: object[] = [
    { input: undefined },
    { outputs: [{ ...output, worstTile: null }] },
    { outputs: [{ ...output, sha256: 7 }] },
    { outputs: [{ ...output, jnd: 0.3 }] },
    { floor: '85' },
    { gate: 'none' },
    { engine: 1 },
    { options: null },
    { options: { resize: { width: 1e9, fit: 'inside' } } },
    { options: { resize: { width: 10, fit: 'stretch' } } },
    { options: { crop: { x: -1, y: 0, width: 1, height: 1 } } },
    { options: { background: 'white' } },
    { type: 'receipt' },
  ];
  for (const change of broken)
    assert.throws(() => readReport(JSON.stringify({ ...report, ...change })), /^Error: It is not a/);
});
