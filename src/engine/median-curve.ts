/**
 * The median image's score at each quality of an encoder: where a search starts, and the axis on
 * which it interpolates. The points are learned by `npm run bench -- learn`.
 */
import type { OutputFormat } from './contract.ts';

export interface MedianCurve {
  /** The quality, as a real number, at which the median image has this score; extrapolated linearly beyond the ends. */
  qualityFor(score: number): number;
}

type Points = readonly (readonly [quality: number, score: number])[];

/** Straight from nothing to the best: where nothing was learned. */
const UNLEARNED: Points = [
  [1, 20],
  [100, 95],
];

/** By format and the encoder's variant. */
const LEARNED: Record<string, Points> = {};

/** Palettes of photographs fail even at their best: asking that first costs one evaluation instead of three. */
const STARTS: Record<string, number> = { 'png palette': 100 };

/** @param variant as `LossyEncoder.variant`. */
export function curveFor(format: OutputFormat, variant: string): MedianCurve {
  return medianCurve(LEARNED[`${format} ${variant}`] ?? UNLEARNED);
}

/** The quality to judge first, where that is not the median image's. */
export function startFor(format: OutputFormat, variant: string): number | undefined {
  return STARTS[`${format} ${variant}`];
}

/** @param points [quality, score] in rising order of both. */
export function medianCurve(points: Points): MedianCurve {
  return {
    qualityFor(score) {
      const above = points.findIndex(([, pointScore]) => pointScore >= score);
      const right = above < 0 ? points.length - 1 : Math.max(1, above);
      const [q0, s0] = points[right - 1]!;
      const [q1, s1] = points[right]!;
      return q0 + ((score - s0) * (q1 - q0)) / (s1 - s0);
    },
  };
}
