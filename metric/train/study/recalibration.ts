/**
 * From the answers of studies to a recalibration, or to the reasons why there is none: too few answers, or none that
 * predicts held-out answers better. Pure: the same in, the same out.
 */

import type { Recalibration } from '../../../src/engine/metric/jnd-network.ts';
import type { StudyExport } from '../../../src/studies/export.ts';
import { type Interval, interval, resamples } from '../statistics.ts';
import { EXPECTED, type Fit, fitCurve } from './fit-curve.ts';
import { type Comparison, compareHeldOut } from './hold-out.ts';
import {
  checkViewers,
  type EstimateJnd,
  type Judgment,
  keepReliable,
  readJudgments,
  type Viewer,
} from './judgments.ts';
import { AS_TRAINED, thresholdOf } from './psychometric.ts';

export interface Recalibrating {
  studies: StudyExport[];
  viewers: Viewer[];
  /** Of viewers who are not dropped. */
  judgments: Judgment[];
  /** Null when there was too little to fit. */
  fit: Fit | null;
  /** Against the model as trained, split by image and by viewer. */
  comparisons: Comparison[];
  /** Against what ships now, where that is another and has not seen all the answers. */
  againstShipped: Comparison[];
  /** Why it must not ship; empty when it may. */
  refusals: string[];
  /** What would ship. */
  recalibration: Recalibration | null;
}

/** Fewer than these say more about who and what was there than about people and images. */
export const LEAST = { viewers: 4, images: 4, answers: 150, formatAnswers: 60, formatImages: 4 } as const;
const DRAWS = 200;

/**
 * @param estimate the model as trained, without any recalibration.
 * @param shipped the recalibration that ships now.
 */
export function recalibrateBy(
  studies: StudyExport[],
  estimate: EstimateJnd,
  shipped: Recalibration | null,
  seed: number,
): Recalibrating {
  const all = readJudgments(studies, estimate);
  const viewers = checkViewers(all);
  const judgments = keepReliable(all, viewers);
  const base = { studies, viewers, judgments };
  const missing = [...givenTwice(studies), ...tooFew(judgments), ...leftOut(studies, shipped)];
  if (missing.length > 0) return { ...base, ...NOTHING, refusals: missing };
  const formats = formatsWithEnough(judgments);
  const fit = fitCurve(judgments, ones(judgments), formats, EXPECTED);
  const comparisons = (['image', 'viewer'] as const).map((split) =>
    compareHeldOut(judgments, formats, AS_TRAINED, split, seed),
  );
  const againstShipped = compareWithShipped(judgments, formats, studies, shipped, seed);
  return {
    ...base,
    fit,
    comparisons,
    againstShipped,
    refusals: [...comparisons.flatMap(notBetter), ...againstShipped.flatMap(worseThanShipped)],
    recalibration: { ...rounded(fit.curve), studies: studies.map((study) => countsOf(study, all, viewers)) },
  };
}

const NOTHING = {
  fit: null,
  comparisons: [],
  againstShipped: [],
  recalibration: null,
};

function givenTwice(studies: StudyExport[]): string[] {
  const names = studies.map(({ study }) => study);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  return twice === undefined ? [] : [`Study ${twice} is given twice: give its latest export only.`];
}

function tooFew(judgments: Judgment[]): string[] {
  const { viewers, images, answers } = countsIn(judgments);
  const say = (have: number, least: number, what: string) =>
    have < least ? [`${have} ${what} are too few: at least ${least} are needed.`] : [];
  return [
    ...say(viewers, LEAST.viewers, 'viewers who passed the checks'),
    ...say(images, LEAST.images, 'images'),
    ...say(answers, LEAST.answers, 'answers about candidates'),
  ];
}

/** What counts: answers about candidates of viewers who passed. */
export function countsIn(judgments: Judgment[]): { viewers: number; images: number; answers: number } {
  const candidates = judgments.filter(({ kind }) => kind === 'candidate');
  const distinct = (key: 'viewer' | 'image') => new Set(candidates.map((judgment) => judgment[key])).size;
  return { viewers: distinct('viewer'), images: distinct('image'), answers: candidates.length };
}

/** Answers that what ships rests on must not fall away unnoticed. */
function leftOut(studies: StudyExport[], shipped: Recalibration | null): string[] {
  const given = new Set(studies.map(({ study }) => study));
  const missing = (shipped?.studies ?? []).filter(({ study }) => !given.has(study));
  return missing.map(
    ({ study }) =>
      `What ships now rests on study ${study} too: give its export as well, or train without any study first.`,
  );
}

function formatsWithEnough(judgments: Judgment[]): string[] {
  const formats = new Set(judgments.flatMap(({ format }) => format ?? []));
  return [...formats].sort().filter((format) => {
    const { answers, images } = countsIn(judgments.filter((judgment) => judgment.format === format));
    return answers >= LEAST.formatAnswers && images >= LEAST.formatImages;
  });
}

/** On answers that what ships has not seen; none where it has seen all. */
function compareWithShipped(
  judgments: Judgment[],
  formats: string[],
  studies: StudyExport[],
  shipped: Recalibration | null,
  seed: number,
): Comparison[] {
  const seen = new Set(shipped?.studies.map(({ study }) => study));
  if (!shipped || studies.every(({ study }) => seen.has(study))) return [];
  return (['image', 'viewer'] as const).map((split) =>
    compareHeldOut(judgments, formats, shipped, split, seed, ({ study }) => !seen.has(study)),
  );
}

function notBetter({ split, gain, interval }: Comparison): string[] {
  if (gain <= 0) return [`Held out by ${split}, answers are predicted worse than by the model as trained.`];
  if (interval[0] <= 0)
    return [`Held out by ${split}, answers are predicted better, but by no more than chance could do.`];
  return [];
}

function worseThanShipped({ split, gain }: Comparison): string[] {
  return gain < 0 ? [`Held out by ${split}, answers are predicted worse than by what ships now.`] : [];
}

/**
 * Of the estimate at which half of the viewers see the difference: the middle 95 % over resampled viewers and over
 * resampled images, whichever reaches further on either side.
 */
export function thresholdInterval(judgments: Judgment[], seed: number): Interval {
  const formats = formatsWithEnough(judgments);
  const spans = (['image', 'viewer'] as const).map((split) => {
    const groups = judgments.map((judgment) => judgment[split]);
    return interval(
      resamples(groups, DRAWS, seed).map((draw) => {
        const drawn = draw.map((at) => judgments[at]!);
        return thresholdOf(fitCurve(drawn, ones(drawn), formats, EXPECTED).curve);
      }),
    );
  });
  return [Math.min(...spans.map(([low]) => low)), Math.max(...spans.map(([, high]) => high))];
}

function countsOf(
  { study }: StudyExport,
  all: Judgment[],
  viewers: Viewer[],
): Recalibration['studies'][number] {
  const own = viewers.filter(({ viewer }) => viewer.startsWith(`${study} `));
  const kept = keepReliable(
    all.filter((judgment) => judgment.study === study),
    own,
  );
  const dropped = own.filter((viewer) => viewer.dropped !== null).length;
  return { study, answers: countsIn(kept).answers, viewers: own.length - dropped, dropped };
}

/** Four digits: more than answers can tell. */
function rounded({ scale, power, formats }: Fit['curve']): Fit['curve'] {
  const round = (value: number) => Number(value.toPrecision(4));
  const factors = Object.entries(formats).map(([format, factor]) => [format, round(factor)]);
  return { scale: round(scale), power: round(power), formats: Object.fromEntries(factors) };
}

function ones(judgments: Judgment[]): number[] {
  return judgments.map(() => 1);
}
