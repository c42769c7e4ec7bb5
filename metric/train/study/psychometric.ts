/**
 * How likely 'different' is as an answer: viewers who see the difference say so, unless their attention lapses, and
 * some say so without having seen any. The curve in between is the engine's own.
 */
import { visibleProbability } from '../../../src/engine/metric/jnd.ts';
import type { Recalibration } from '../../../src/engine/metric/jnd-network.ts';
import { recalibrate } from '../../../src/engine/metric/jnd-network.ts';
import type { Judgment } from './judgments.ts';

/** How answers depart from what is seen. */
export interface Habits {
  /** Probability of 'different' where nothing differs. */
  guess: number;
  /** Probability of 'same' where the difference is plain. */
  lapse: number;
}

export type Curve = Pick<Recalibration, 'scale' | 'power' | 'formats'>;

/** What the model says as it was trained, without any study. */
export const AS_TRAINED: Curve = { scale: 1, power: 1, formats: {} };

/** P(different). */
export function probability(
  { jnd, format }: Pick<Judgment, 'jnd' | 'format'>,
  curve: Curve,
  habits: Habits,
): number {
  const seen = jnd === Number.POSITIVE_INFINITY ? 1 : visibleProbability(recalibrate(jnd, curve, format));
  return habits.guess + (1 - habits.guess - habits.lapse) * seen;
}

/** Log of the probability of the answer that was given. */
export function logLikelihood(judgment: Judgment, curve: Curve, habits: Habits): number {
  const different = probability(judgment, curve, habits);
  return Math.log(judgment.different ? different : 1 - different);
}

/** The estimate, before recalibration, at which half of the viewers see the difference. */
export function thresholdOf({ scale, power }: Curve): number {
  return (1 / scale) ** (1 / power);
}
