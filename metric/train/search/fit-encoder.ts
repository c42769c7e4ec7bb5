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
/** where the scores of views are corrected, */
const SCORES = [74, 78, 82, 86, 90, 94];
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

/** Encoders with which looks at suspects pay. WebP takes as many evaluations without: its scores leap between neighbouring qualities. */
const SUSPECTING = /^(jpeg|avif) /;

/** What was looked at instead of the whole. */
type View = 'sample' | 'suspects';

/** The rungs at which an image was looked at, and its size in doublings of the usual one. */
interface Image {
  rungs: Rung[];
  pixels: number;
  doublings: number;
}

/** @param ladders of one encoder; those of images without a sample count for the curve only. */
export function fitEncoder(ladders: Ladder[]): LearnedEncoder {
  const points = fitCurve(ladders);
  const curve = medianCurve(points);
  const sampled = imagesWith('sample', ladders);
  if (sampled.length === 0) throw new Error(`no image of ${ladders[0]?.encoder} has a sample`);
  const suspected = imagesWith('suspects', ladders);
  const sample = fitView(sampled, 'sample');
  const suspects = fitView(suspected, 'suspects');
  const sampleErrors = errorsOf(sampled, 'sample', curve, sample);
  const suspectErrors = errorsOf(suspected, 'suspects', curve, suspects);
  return {
    curve: points,
    growth: fitGrowth(ladders),
    sample,
    ...(SUSPECTING.test(ladders[0]!.encoder) && { suspects }),
    spreads: {
      blind: round(spreadOf(blindErrors(sampled, curve))),
      sample: round(spreadOf(sampleErrors.flat())),
      suspects: round(spreadOf(suspectErrors.flat())),
      ...fitJudged(suspectErrors),
    },
  };
}

function imagesWith(view: View, ladders: Ladder[]): Image[] {
  return ladders
    .map(({ rungs, pixels }) => ({
      rungs: rungs.filter((rung) => rung[view] !== null),
      pixels,
      doublings: Math.log2(pixels / USUAL_PIXELS),
    }))
    .filter(({ rungs }) => rungs.some(isInRange));
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
function fitView(images: Image[], view: View): LearnedSample {
  const isLarge = ({ doublings }: Image) => doublings >= LARGE_DOUBLINGS;
  const offset = fitOffset(
    images.filter((image) => !isLarge(image)),
    view,
  );
  const factors = images.map(({ rungs }) => rungs.map((rung) => Math.log(rung.bytes / rung[view]!.bytes)));
  const flat = { offset, doubling: 0, bytes: round(Math.exp(medianOfMeans(factors))) };
  const beyond = images
    .filter(isLarge)
    .map(({ rungs, doublings }) =>
      rungs
        .filter(isInRange)
        .map((rung) => (rung.score - guessOf(flat, rung, view, USUAL_PIXELS)) / doublings),
    );
  return { ...flat, doubling: round(medianOfMeans(beyond) || 0) };
}

function fitOffset(images: Image[], view: View): Points {
  return SCORES.flatMap((score) => {
    const offsets = images.map(({ rungs }) => {
      const near = rungs.filter((rung) => Math.abs(rung[view]!.score - score) <= REACH);
      return near.map((rung) => rung.score - rung[view]!.score);
    });
    const isMeasured = offsets.some(({ length }) => length > 0);
    return isMeasured ? [[score, round(medianOfMeans(offsets))] as [number, number]] : [];
  });
}

function guessOf(learned: LearnedSample, rung: Rung, view: View, pixels: number): number {
  return fromSample(learned, pixels, rung[view]!.score, rung[view]!.bytes).score;
}

/** NaN of nothing. */
function medianOfMeans(images: number[][]): number {
  return quantile(images.filter((values) => values.length > 0).map(mean), 0.5);
}

/** Of each image how many steps a view was wrong at each of its qualities. */
function errorsOf(images: Image[], view: View, curve: MedianCurve, learned: LearnedSample): number[][] {
  return images.map(({ rungs, pixels }) =>
    rungs
      .filter(isInRange)
      .map((rung) => curve.qualityFor(rung.score) - curve.qualityFor(guessOf(learned, rung, view, pixels))),
  );
}

function blindErrors(images: Image[], curve: MedianCurve): number[] {
  return images.flatMap(({ rungs }) =>
    rungs.filter(isInRange).map(({ quality, score }) => curve.qualityFor(score) - quality),
  );
}

/** How far the errors of one image at two qualities lie apart. */
function fitJudged(errors: number[][]): Pick<Spreads, 'judged' | 'drift'> {
  const apart = (steps: number) =>
    spreadOf(errors.flatMap((each) => each.slice(steps).map((error, at) => error - each[at]!)));
  const judged = apart(1);
  return { judged: round(judged), drift: round(Math.max(0, (apart(FAR) - judged) / (FAR - 1))) };
}

/** The standard deviation of the usual ones among errors. */
function spreadOf(errors: number[]): number {
  return quantile(errors.map(Math.abs), USUAL.share) / USUAL.deviations;
}

/** Three digits: more than is known. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}
