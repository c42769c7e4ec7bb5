/** `npm run train -- --study` as its users run it, in a copy of the project so that nothing here is overwritten. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { estimateWith } from '../../../src/engine/metric/jnd.ts';
import type { CandidateFacts } from '../../../src/studies/study.ts';
import { madeUpTable } from '../made-up-table.ts';
import { train } from '../train.ts';
import { metricsBy, type Simulation, simulateStudy, USUAL } from './simulated-study.ts';

const ROOT = join(import.meta.dirname, '../../..');
const copy = mkdtempSync(join(tmpdir(), 'keeneye-train-'));
after(() => rmSync(copy, { recursive: true }));
for (const part of ['src', 'metric', 'package.json'])
  cpSync(join(ROOT, part), join(copy, part), { recursive: true });
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

const table = join(copy, 'table.csv');
writeFileSync(table, madeUpTable());
const { model } = train(madeUpTable(), 1);
const estimate = ({ score, visibility }: CandidateFacts) =>
  estimateWith(model, { ssimulacra2: score, iwssim: visibility.iwssim }).jnd;

function exportOf(name: string, wish: Partial<Simulation>): string {
  const file = join(copy, `${name}.json`);
  writeFileSync(file, JSON.stringify(simulateStudy({ ...USUAL, study: name, ...wish }, metricsBy(estimate))));
  return file;
}

function runTraining(...args: string[]) {
  const program = [join(copy, 'metric/train/main.ts'), '--aic4', table, ...args];
  return spawnSync(process.execPath, program, { cwd: copy, encoding: 'utf8' });
}

const written = () =>
  ['src/engine/metric/jnd-weights.ts', 'metric/TRAINING-REPORT.md', 'metric/MODEL-CARD.md'].map((file) =>
    readFileSync(join(copy, file), 'utf8'),
  );

test('answers that teach nothing are refused in words, and nothing is written', () => {
  const before = written();
  const agreeing = runTraining('--study', exportOf('agreeing', { imageSpread: 0 }));
  assert.equal(agreeing.status, 1, agreeing.stderr);
  assert.match(
    agreeing.stderr,
    /train: Held out by \w+, .*\ntrain: nothing was written; what ships stays as it is\.\n$/s,
  );
  assert.match(agreeing.stdout, /\*\*Not shipped:\*\*/);
  const few = runTraining('--study', exportOf('few', { viewers: 2 }));
  assert.equal(few.status, 1);
  assert.match(few.stderr, /2 viewers who passed the checks are too few: at least 4 are needed/);
  assert.deepEqual(written(), before);
});

test('what is no export of a study is refused in words, and so is a file that is missing', () => {
  const before = written();
  writeFileSync(join(copy, 'wrong.json'), '{"type":"keeneye-study/1","study":"x"}');
  const wrong = runTraining('--study', join(copy, 'wrong.json'));
  assert.deepEqual(
    [wrong.status, /train: This is no export of a study: images/.test(wrong.stderr)],
    [1, true],
  );
  const missing = runTraining('--study', join(copy, 'nowhere.json'));
  assert.deepEqual([missing.status, /train: .*nowhere\.json/.test(missing.stderr)], [1, true]);
  assert.deepEqual(written(), before);
});

test('answers that teach something are shipped: weights, report and card say so, the same each time', () => {
  const study = exportOf('keen', { threshold: 0.5, viewers: 16, clickers: 2 });
  const first = runTraining('--study', study);
  assert.equal(first.status, 0, first.stderr);
  const [weights, report, card] = written();
  assert.match(weights!, /recalibration: \{ scale: [12]\.\d+, power: [01]\.\d+, .*study:\s*'keen'/);
  assert.match(report!, /## First-hand answers[\s\S]*\| image \| as trained \|[\s\S]*\*\*Shipped\*\*/);
  assert.match(report!, /2 of 18 viewers were dropped|3 of 18 viewers were dropped/);
  assert.match(card!, /recalibrated \| yes, by \d+ first-hand answers of 1[56] viewers/);
  assert.equal(runTraining('--study', study).status, 0);
  assert.deepEqual(written(), [weights, report, card]);
  const shown = spawnSync(process.execPath, ['-e', ESTIMATE], { cwd: copy, encoding: 'utf8' });
  const [recalibrated, asTrained, version] = JSON.parse(shown.stdout);
  assert.match(version, /, recalibrated by keen:\d+\)$/);
  assert.ok(recalibrated > 1.3 * asTrained, shown.stdout + shown.stderr);
});

/** What the engine makes of one pair with the weights that were just written, and without their recalibration. */
const ESTIMATE = `
  const { estimateJnd, estimateWith } = await import('./src/engine/metric/jnd.ts');
  const { JND_MODEL } = await import('./src/engine/metric/jnd-weights.ts');
  const { ENGINE_VERSION } = await import('./src/engine/version.ts');
  const pair = { ssimulacra2: 100, iwssim: 0.995, format: 'webp' };
  console.log(JSON.stringify([estimateJnd(pair).jnd, estimateWith({ ...JND_MODEL, recalibration: null }, pair).jnd, ENGINE_VERSION]));
`;

test('training without studies says that it drops the recalibration', () => {
  const plain = runTraining();
  assert.equal(plain.status, 0);
  assert.match(plain.stderr, /recalibration that shipped until now is dropped/);
  assert.match(written()[0]!, /recalibration: null/);
});
