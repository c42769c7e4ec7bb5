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
const LEARNED: Record<string, Points> = {
  'jpeg 4:2:0': [
    [10, -2.0],
    [25, 44.0],
    [40, 57.0],
    [50, 62.8],
    [60, 66.9],
    [68, 71.0],
    [75, 74.3],
    [81, 77.8],
    [86, 81.0],
    [90, 83.7],
    [93, 85.7],
    [96, 88.1],
    [98, 89.0],
    [100, 89.4],
  ],
  'jpeg 4:4:4': [
    [10, 1.6],
    [25, 48.0],
    [40, 62.1],
    [50, 67.8],
    [60, 71.6],
    [68, 75.5],
    [75, 78.5],
    [81, 81.6],
    [86, 85.2],
    [90, 88.0],
    [93, 90.1],
    [96, 93.0],
    [98, 94.7],
    [100, 96.0],
  ],
  'png near-lossless': [
    [1, 81.5],
    [2, 90.0],
    [3, 94.2],
    [4, 96.3],
  ],
  'webp 4:2:0': [
    [10, 27.7],
    [25, 46.2],
    [40, 56.7],
    [50, 62.6],
    [60, 66.8],
    [68, 69.6],
    [75, 72.3],
    [81, 77.7],
    [86, 81.6],
    [90, 85.0],
    [93, 87.5],
    [96, 89.7],
    [98, 90.8],
    [100, 91.1],
  ],
  'avif 4:4:4': [
    [10, -9.6],
    [25, 21.8],
    [40, 53.1],
    [50, 66.3],
    [60, 76.3],
    [68, 82.0],
    [75, 84.6],
    [81, 87.2],
    [86, 89.9],
    [90, 92.5],
    [93, 94.0],
    [96, 96.0],
    [98, 96.6],
    [100, 100.0],
  ],
};

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
