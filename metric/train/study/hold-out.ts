/**
 * Whether a recalibration helps with answers that it was not fitted to: each image's answers, and each viewer's, are
 * predicted from those of the others, and compared with a rival's predictions of the same.
 */
import { type Interval, mean, quantile, resamples } from '../statistics.ts';
import { EXPECTED, fitCurve } from './fit-curve.ts';
import type { Judgment } from './judgments.ts';
import { type Curve, type Habits, logLikelihood } from './psychometric.ts';

export type Split = 'image' | 'viewer';

/** Log likelihood per held-out answer, before and after. */
export interface Comparison {
  split: Split;
  before: number;
  after: number;
  /** After less before; above zero, recalibrated predictions are better. */
  gain: number;
  /** The middle 80 % of the gain over resampled images or viewers, as the split has it. */
  interval: Interval;
}

const MOST_FOLDS = 10;
const DRAWS = 2000;

/**
 * @param formats those that get a factor of their own.
 * @param rival what is compared with; its habits are those that the checks tell.
 * @param counts which answers are compared on.
 */
export function compareHeldOut(
  judgments: Judgment[],
  formats: string[],
  rival: Curve,
  split: Split,
  seed: number,
  counts: (judgment: Judgment) => boolean = () => true,
): Comparison {
  const pairs = foldsOf(judgments, split).flatMap((held) => {
    const others = judgments.filter((judgment) => !held.has(judgment[split]));
    const weights = others.map(() => 1);
    const fitted = fitCurve(others, weights, formats, EXPECTED);
    const habits = habitsOf(others);
    return judgments
      .filter((judgment) => held.has(judgment[split]) && judgment.kind === 'candidate' && counts(judgment))
      .map((judgment) => ({
        judgment,
        before: logLikelihood(judgment, rival, habits),
        after: logLikelihood(judgment, fitted.curve, fitted.habits),
      }));
  });
  const gains = pairs.map(({ before, after }) => after - before);
  return {
    split,
    before: mean(pairs.map(({ before }) => before)),
    after: mean(pairs.map(({ after }) => after)),
    gain: mean(gains),
    interval: intervalOf(
      gains,
      pairs.map(({ judgment }) => judgment),
      split,
      seed,
    ),
  };
}

/**
 * The habits that checks alone tell: were a rival's fitted to all answers, made-up lapses would make up for what its
 * curve gets wrong.
 */
function habitsOf(judgments: Judgment[]): Habits {
  const checks = judgments.filter(({ kind }) => kind !== 'candidate');
  const weights = checks.map(() => 1);
  return fitCurve(checks, weights, [], EXPECTED).habits;
}

/** Groups of images or viewers, in the order of appearance, dealt into folds. */
function foldsOf(judgments: Judgment[], split: Split): Set<string>[] {
  const groups = [...new Set(judgments.map((judgment) => judgment[split]))];
  const folds = Array.from({ length: Math.min(MOST_FOLDS, groups.length) }, () => new Set<string>());
  for (const [at, group] of groups.entries()) folds[at % folds.length]!.add(group);
  return folds;
}

/** Whole images, or whole viewers, are drawn anew with replacement: their answers depend on each other. */
function intervalOf(gains: number[], judgments: Judgment[], split: Split, seed: number): Interval {
  const groups = judgments.map((judgment) => judgment[split]);
  const means = resamples(groups, DRAWS, seed).map((draw) => mean(draw.map((at) => gains[at]!)));
  return [quantile(means, 0.1), quantile(means, 0.9)];
}
