/**
 * `npm run train -- --aic4 FILE.csv [--study EXPORT.json ...] [--seed N]`: trains the networks that answer in JND,
 * recalibrates them by first-hand answers where there are any, prints how they and their rivals do on what was held
 * out, and writes weights, report and the facts of the model card. Not when the answers make the model no better.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { estimateWith } from '../../src/engine/metric/jnd.ts';
import type { JndModel } from '../../src/engine/metric/jnd-network.ts';
import { JND_MODEL } from '../../src/engine/metric/jnd-weights.ts';
import type { CandidateFacts } from '../../src/studies/study.ts';
import { cardFacts, reportOn } from './report.ts';
import { recalibrateBy } from './study/recalibration.ts';
import { parseStudy } from './study/study-export.ts';
import { reportOnStudies } from './study/study-report.ts';
import { type Training, train } from './train.ts';

const ROOT = join(import.meta.dirname, '../..');
const WEIGHTS = join(ROOT, 'src/engine/metric/jnd-weights.ts');
const REPORT = join(ROOT, 'metric/TRAINING-REPORT.md');
const CARD = join(ROOT, 'metric/MODEL-CARD.md');

/** Between these two lines of the card everything is replaced. */
const FACTS = /(<!-- facts from training -->\n)[\s\S]*?(\n<!-- end of facts -->)/;

interface Wish {
  aic4: string;
  studies: string[];
  seed: number;
}

function main(): void {
  const wish = readWish();
  if (wish === null) {
    console.error('usage: npm run train -- --aic4 FILE.csv [--study EXPORT.json ...] [--seed N]');
    process.exitCode = 2;
    return;
  }
  try {
    run(wish);
  } catch (error) {
    console.error(`train: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

function readWish(): Wish | null {
  const { values } = parseArgs({
    options: {
      aic4: { type: 'string' },
      study: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: '1' },
    },
  });
  const seed = Number(values.seed);
  if (values.aic4 === undefined || !Number.isSafeInteger(seed)) return null;
  return { aic4: values.aic4, studies: values.study, seed };
}

/** Writes nothing when the answers of studies do not make the model better. */
function run({ aic4, studies, seed }: Wish): void {
  const training = train(readFileSync(aic4, 'utf8'), seed);
  const taught = studies.length > 0 ? learnFrom(studies, training, seed) : null;
  const report = reportOn(taught?.training ?? training, taught?.report);
  console.log(report);
  if (taught && taught.refusals.length > 0) {
    for (const refusal of taught.refusals) console.error(`train: ${refusal}`);
    console.error('train: nothing was written; what ships stays as it is.');
    process.exitCode = 1;
    return;
  }
  if (!taught && JND_MODEL.recalibration)
    console.error('train: without --study the recalibration that shipped until now is dropped.');
  write(taught?.training ?? training, report);
}

function learnFrom(
  files: string[],
  training: Training,
  seed: number,
): { training: Training; report: string; refusals: string[] } {
  const exports = files.map((file) => parseStudy(readFileSync(file, 'utf8')));
  const estimate = ({ score, visibility }: CandidateFacts) =>
    estimateWith(training.model, { ssimulacra2: score, iwssim: visibility.iwssim }).jnd;
  const outcome = recalibrateBy(exports, estimate, JND_MODEL.recalibration, seed);
  const model = { ...training.model, recalibration: outcome.recalibration };
  return {
    training: { ...training, model },
    report: reportOnStudies(outcome, seed),
    refusals: outcome.refusals,
  };
}

function write(training: Training, report: string): void {
  writeFileSync(WEIGHTS, weightsModule(training.model));
  writeFileSync(REPORT, report);
  const card = readFileSync(CARD, 'utf8');
  writeFileSync(
    CARD,
    card.replace(FACTS, (_all, begin, end) => `${begin}\n${cardFacts(training)}\n${end}`),
  );
}

/** The model as a module of the engine: a module needs no file to be read, and no copying when it is packed. */
function weightsModule(model: JndModel): string {
  return [
    '/** The trained networks: written by `npm run train`, not by hand. What they are is in metric/MODEL-CARD.md. */',
    "import type { JndModel } from './jnd-network.ts';",
    '',
    '// biome-ignore format: written by a program',
    `export const JND_MODEL: JndModel = ${printed(model)};`,
    '',
  ].join('\n');
}

/** JSON with one network a line. */
function printed(model: JndModel): string {
  const entries = Object.entries(model).map(([name, value]) => {
    if (!Array.isArray(value)) return `  ${name}: ${literal(value)},`;
    return `  ${name}: [\n${value.map((each) => `    ${literal(each)},\n`).join('')}  ],`;
  });
  return `{\n${entries.join('\n')}\n}`;
}

function literal(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll(/"(\w+)":/g, ' $1: ')
    .replaceAll('"', "'");
}

main();
