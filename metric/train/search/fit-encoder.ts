/** From the ladders of many images to what is learned of their encoder. */
import type { Spreads } from '../../../src/engine/forecast.ts';
import {
  fromSample,
  type LearnedEncoder,
  type LearnedSample,
  type Points,
  USUAL_PIXELS,
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
/** Images of so many doublings of the usual size tell what size adds. */
const LARGE_DOUBLINGS = 1.3;
/** Points a step that the curve must rise by: where it is flatter, a score says nothing of quality. */
const LEAST_SLOPE = 0.3;
/** Nearest rungs that tell of a corrected score, in points. */
const REACH = 2;
/** Steps apart at which it is measured how far a forecast drifts. */
const FAR = 4;
/** The share of errors within 1.2816 standard deviations of a normal distribution: what lies beyond are oddities. */
const USUAL = { share: 0.8, deviations: 1.2816 };

type Seen = Rung & { sample: NonNullable<Rung['sample']> };

/** The rungs of an image that has a sample, and its size in doublings of the usual one. */
interface Image {
  rungs: Seen[];
  pixels: number;
  doublings: number;
}

/** @param ladders of one encoder; those of images without a sample count for the curve only. */
export function fitEncoder(ladders: Ladder[]): LearnedEncoder {
  const points = fitCurve(ladders);
  const images = ladders.map(toImage).filter(({ rungs }) => rungs.some(isInRange));
  if (images.length === 0) throw new Error(`no image of ${ladders[0]?.encoder} has a sample`);
  const sample = fitSample(images);
  return {
    curve: points,
    growth: fitGrowth(ladders),
    sample,
    spreads: fitSpreads(images, medianCurve(points), sample),
  };
}

function toImage({ rungs, pixels }: Ladder): Image {
  return { rungs: rungs.filter(hasSample), pixels, doublings: Math.log2(pixels / USUAL_PIXELS) };
}

function hasSample(rung: Rung): rung is Seen {
  return rung.sample !== null;
}

function isInRange({ score }: Rung): boolean {
  return score >= RANGE.from && score <= RANGE.to;
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

/** By medians of the steps between neighbouring rungs, one after the other. */
function fitGrowth(ladders: Ladder[]): Points {
  const qualities = [...new Set(ladders.flatMap(({ rungs }) => rungs.map(({ quality }) => quality)))];
  const rising = qualities.toSorted((a, b) => a - b);
  const points: [number, number][] = [[rising[0]!, 0]];
  for (const quality of rising.slice(1)) {
    const [from, sum] = points.at(-1)!;
    const steps = ladders.flatMap(({ rungs }) => growthBetween(rungs, from, quality));
    if (steps.length > 0) points.push([quality, Number((sum + quantile(steps, 0.5)).toFixed(3))]);
  }
  return points;
}

/** The logarithm of how much larger the one is; nothing where either is missing. */
function growthBetween(rungs: Rung[], from: number, to: number): number[] {
  const [lower, upper] = [from, to].map((quality) => rungs.find((rung) => rung.quality === quality));
  return lower && upper ? [Math.log(upper.bytes / lower.bytes)] : [];
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

/** Offsets from small images, and from large ones what size adds to them. */
function fitSample(images: Image[]): LearnedSample {
  const isLarge = ({ doublings }: Image) => doublings >= LARGE_DOUBLINGS;
  const offset = fitOffset(images.filter((image) => !isLarge(image)));
  const factors = images.map(({ rungs }) => rungs.map((rung) => Math.log(rung.bytes / rung.sample.bytes)));
  const flat = { offset, doubling: 0, bytes: round(Math.exp(medianOfMeans(factors))) };
  const beyond = images
    .filter(isLarge)
    .map(({ rungs, doublings }) =>
      rungs.filter(isInRange).map((rung) => (rung.score - guessOf(flat, rung, USUAL_PIXELS)) / doublings),
    );
  return { ...flat, doubling: round(medianOfMeans(beyond) || 0) };
}

function fitOffset(images: Image[]): Points {
  return SAMPLE_SCORES.map((score) => {
    const offsets = images.map(({ rungs }) => {
      const near = rungs.filter((rung) => Math.abs(rung.sample.score - score) <= REACH);
      return near.map((rung) => rung.score - rung.sample.score);
    });
    return [score, round(medianOfMeans(offsets))];
  });
}

function guessOf(sample: LearnedSample, rung: Seen, pixels: number): number {
  return fromSample(sample, pixels, rung.sample.score, rung.sample.bytes).score;
}

/** NaN of nothing. */
function medianOfMeans(images: number[][]): number {
  return quantile(images.filter((values) => values.length > 0).map(mean), 0.5);
}

function fitSpreads(images: Image[], curve: MedianCurve, sample: LearnedSample): Spreads {
  const toMedian = (score: number) => curve.qualityFor(score);
  const wrong = images.map(({ rungs, pixels }) =>
    rungs.filter(isInRange).map((rung) => toMedian(rung.score) - toMedian(guessOf(sample, rung, pixels))),
  );
  const apart = (steps: number) =>
    wrong.flatMap((errors) => errors.slice(steps).map((error, at) => error - errors[at]!));
  const judged = spreadOf(apart(1));
  const blind = images.flatMap(({ rungs }) =>
    rungs.filter(isInRange).map(({ quality, score }) => toMedian(score) - quality),
  );
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
