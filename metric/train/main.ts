/**
 * `npm run train`: with `--aic4` trains the networks that answer in JND, recalibrates them by first-hand answers where
 * `--study` gives some, prints how they and their rivals do on what was held out, and ships them; not when the answers
 * make the model no better. With `--ladders` trains the search.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { estimateWith } from '../../src/engine/metric/jnd.ts';
import { JND_MODEL } from '../../src/engine/metric/jnd-weights.ts';
import type { CandidateFacts } from '../../src/studies/study.ts';
import { reportOn } from './report.ts';
import { trainSearch } from './search/train-search.ts';
import { ship } from './ship.ts';
import { recalibrateBy } from './study/recalibration.ts';
import { parseStudy } from './study/study-export.ts';
import { reportOnStudies } from './study/study-report.ts';
import { type Training, train } from './train.ts';

const USAGE = `usage: npm run train -- --aic4 FILE.csv [--study EXPORT.json ...] [--seed N]
       npm run train -- --ladders FILE.json ...`;

const OPTIONS = {
  aic4: { type: 'string' },
  study: { type: 'string', multiple: true, default: [] as string[] },
  ladders: { type: 'string', multiple: true, default: [] as string[] },
  seed: { type: 'string', default: '1' },
} as const;

interface Wish {
  aic4: string | null;
  studies: string[];
  ladders: string[];
  seed: number;
}

async function main(): Promise<void> {
  const wish = readWish();
  if (wish === null) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  try {
    if (wish.aic4 !== null) trainJnd(wish.aic4, wish.studies, wish.seed);
    if (wish.ladders.length > 0) await trainSearch(wish.ladders);
  } catch (error) {
    console.error(`train: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

/** Null for a command line that makes no sense. */
function readWish(): Wish | null {
  try {
    const { aic4 = null, study, ladders, seed } = parseArgs({ options: OPTIONS }).values;
    const asks = aic4 !== null || (study.length === 0 && ladders.length > 0);
    return asks && /^\d{1,9}$/.test(seed) ? { aic4, studies: study, ladders, seed: Number(seed) } : null;
  } catch (error) {
    console.error(`train: ${(error as Error).message}`);
    return null;
  }
}

/** Writes nothing when the answers of studies do not make the model better. */
function trainJnd(aic4: string, studies: string[], seed: number): void {
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
  ship(taught?.training ?? training, report);
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

await main();
