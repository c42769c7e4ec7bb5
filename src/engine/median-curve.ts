/** The median image's score at each quality of an encoder: where a search starts, and the axis on which it interpolates. */
import type { Points } from './learned.ts';

export interface MedianCurve {
  /** The quality, as a real number, at which the median image has this score; extrapolated linearly beyond the ends. */
  qualityFor(score: number): number;
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
