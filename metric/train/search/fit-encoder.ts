/** From the ladders of many images to what is learned of their encoder. */
import type { Spreads } from '../../../src/engine/forecast.ts';
import {
  fromSample,
  type LearnedEncoder,
  type LearnedSample,
  type Points,
} from '../../../src/engine/learned.ts';
import { type MedianCurve, medianCurve } from '../../../src/engine/median-curve.ts';
import { mean, quantile } from '../statistics.ts';
import type { Ladder, Rung } from './ladder.ts';

/** Where the median curve has its points, */
const QUALITIES = [10, 25, 40, 50, 60, 68, 75, 80, 86, 90, 92, 94, 96, 98, 100];
/** where the scores of samples are corrected, */
const SAMPLE_SCORES = [74, 78, 82, 86, 90, 94];
/** and the scores around the usual floors, at which spreads are measured. */
const RANGE = { from: 78, to: 92 };
/** Points a step that the curve must rise by: where it is flatter, a score says nothing of quality. */
const LEAST_SLOPE = 0.3;
/** Nearest rungs that tell of a corrected score, in points. */
const REACH = 2;
/** Steps apart at which it is measured how far a forecast drifts. */
const FAR = 4;
/** The share of errors within 1.2816 standard deviations of a normal distribution: what lies beyond are oddities. */
const USUAL = { share: 0.8, deviations: 1.2816 };

type Seen = Rung & { sample: NonNullable<Rung['sample']> };

/** @param ladders of one encoder; those of images without a sample count for the curve only. */
export function fitEncoder(ladders: Ladder[]): LearnedEncoder {
  const points = fitCurve(ladders);
  const curve = medianCurve(points);
  const seen = ladders.map(inRange).filter((rungs) => rungs.length > 0);
  const sample = fitSample(ladders.map(({ rungs }) => rungs.filter(hasSample)));
  return { curve: points, sample, spreads: fitSpreads(seen, curve, sample) };
}

function hasSample(rung: Rung): rung is Seen {
  return rung.sample !== null;
}

function inRange({ rungs }: Ladder): Seen[] {
  return rungs.filter(hasSample).filter(({ score }) => score >= RANGE.from && score <= RANGE.to);
}

function fitCurve(ladders: Ladder[]): Points {
  const points: [number, number][] = [];
  for (const quality of QUALITIES) {
    const scores = ladders.map(({ rungs }) => scoreAt(rungs, quality)).filter((score) => score !== null);
    const score = quantile(scores, 0.5);
    const [lastQuality, lastScore] = points.at(-1) ?? [0, Number.NEGATIVE_INFINITY];
    if (score - lastScore >= LEAST_SLOPE * (quality - lastQuality)) points.push([quality, round(score)]);
  }
  return points;
}

/** Linear between rungs; null beyond them. */
function scoreAt(rungs: Rung[], quality: number): number | null {
  const above = rungs.find((rung) => rung.quality >= quality);
  const below = rungs.findLast((rung) => rung.quality <= quality);
  if (!above || !below) return null;
  if (above === below) return above.score;
  const share = (quality - below.quality) / (above.quality - below.quality);
  return below.score + share * (above.score - below.score);
}

function fitSample(images: Seen[][]): LearnedSample {
  const offset = SAMPLE_SCORES.map((score): [number, number] => {
    const offsets = images.map((rungs) => {
      const near = rungs.filter((rung) => Math.abs(rung.sample.score - score) <= REACH);
      return near.map((rung) => rung.score - rung.sample.score);
    });
    return [score, round(medianOfMeans(offsets))];
  });
  const factors = images.map((rungs) => rungs.map((rung) => Math.log(rung.bytes / rung.sample.bytes)));
  return { offset, bytes: round(Math.exp(medianOfMeans(factors))) };
}

function medianOfMeans(images: number[][]): number {
  return quantile(images.filter((values) => values.length > 0).map(mean), 0.5);
}

function fitSpreads(images: Seen[][], curve: MedianCurve, sample: LearnedSample): Spreads {
  const toMedian = (score: number) => curve.qualityFor(score);
  const wrong = images.map((rungs) =>
    rungs.map((rung) => {
      const guess = fromSample(sample, rung.sample.score, rung.sample.bytes).score;
      return toMedian(rung.score) - toMedian(guess);
    }),
  );
  const apart = (steps: number) =>
    wrong.flatMap((errors) => errors.slice(steps).map((error, at) => error - errors[at]!));
  const judged = spreadOf(apart(1));
  const blind = images.flatMap((rungs) => rungs.map(({ quality, score }) => toMedian(score) - quality));
  return {
    blind: round(spreadOf(blind)),
    sample: round(spreadOf(wrong.flat())),
    judged: round(judged),
    drift: round(Math.max(0, (spreadOf(apart(FAR)) - judged) / (FAR - 1))),
  };
}

/** The standard deviation of the usual ones among errors. */
function spreadOf(errors: number[]): number {
  return quantile(errors.map(Math.abs), USUAL.share) / USUAL.deviations;
}

/** Three digits: more than is known. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}
