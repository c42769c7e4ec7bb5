/**
 * How many answers a study needs: simulated studies with known thresholds, and what training makes of them. Simulated
 * viewers differ among each other, guess, lapse, and one in ten clicks at random.
 */

import { thresholdOf } from '../metric/train/study/psychometric.ts';
import { countsIn, recalibrateBy } from '../metric/train/study/recalibration.ts';
import { metricsBy, simulateStudy, USUAL } from '../metric/train/study/simulated-study.ts';
import { estimateWith } from '../src/engine/metric/jnd.ts';
import { JND_MODEL } from '../src/engine/metric/jnd-weights.ts';
import type { CandidateFacts } from '../src/studies/study.ts';
import { printTable } from './table.ts';

const THRESHOLDS = [0.5, 0.67, 1, 1.5, 2];
const VIEWERS = [5, 10, 20, 40];

/** @param args how many studies of each kind. */
export async function run([count = '40']: string[]): Promise<void> {
  const model = { ...JND_MODEL, recalibration: null };
  const estimate = ({ score, visibility }: CandidateFacts) =>
    estimateWith(model, { ssimulacra2: score, iwssim: visibility.iwssim }).jnd;
  const metricsFor = metricsBy(estimate);
  const rows = VIEWERS.map((viewers) => {
    const found = THRESHOLDS.map((threshold) =>
      Array.from({ length: Number(count) }, (_, at) => {
        const wish = {
          ...USUAL,
          threshold,
          viewers,
          clickers: Math.round(viewers / 10),
          seed: 1000 * at + viewers,
        };
        const { refusals, fit, judgments } = recalibrateBy(
          [simulateStudy(wish, metricsFor)],
          estimate,
          null,
          1,
        );
        const error = fit ? Math.log(thresholdOf(fit.curve) / threshold) : Number.NaN;
        return { ships: refusals.length === 0, error, answers: countsIn(judgments).answers };
      }),
    );
    const errors = found.flat().flatMap(({ error }) => (Number.isNaN(error) ? [] : [error]));
    const spread = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    const answers = found.flat().reduce((sum, each) => sum + each.answers, 0) / found.flat().length;
    return [
      String(viewers),
      answers.toFixed(0),
      `${Math.round(100 * (Math.exp(spread) - 1))} %`,
      ...found.map(
        (studies) => `${Math.round((100 * studies.filter(({ ships }) => ships).length) / studies.length)} %`,
      ),
    ];
  });
  const head = [
    'viewers',
    'answers that count',
    'error of the threshold',
    ...THRESHOLDS.map((each) => `ships at ${each} JND`),
  ];
  printTable(head, rows);
}
