/** How far estimates are off on sources that no network has seen, and whether that is what they admit. */
import type { ErrorModel } from '../../src/engine/metric/jnd-network.ts';
import type { HeldOut } from './folds.ts';
import { mean } from './statistics.ts';

/** Powers that are tried; above zero, so that equal images have no error. */
const POWERS = Array.from({ length: 20 }, (_, at) => (at + 1) / 20);
/** Estimates below this count as this. */
const LEAST_JND = 0.02;

/** The most likely scale and power, errors taken as normal. */
export function fitErrorModel({ samples, predictions }: HeldOut): ErrorModel {
  const errors = predictions.map((jnd, at) => jnd - samples[at]!.jnd);
  const levels = predictions.map((jnd) => Math.max(LEAST_JND, jnd));
  const fits = POWERS.map((power) => {
    const scale = Math.sqrt(mean(errors.map((error, at) => (error / levels[at]! ** power) ** 2)));
    const surprise = Math.log(scale) + power * mean(levels.map((level) => Math.log(level)));
    return { scale, power, surprise };
  });
  const { scale, power } = fits.reduce((best, fit) => (fit.surprise < best.surprise ? fit : best));
  return { scale, power };
}

/** Share of samples whose human value lies within `deviations` of the error model around the prediction. */
export function coverage(
  { samples, predictions }: HeldOut,
  { scale, power }: ErrorModel,
  deviations: number,
): number {
  const within = predictions.map((jnd, at) =>
    Number(Math.abs(jnd - samples[at]!.jnd) <= deviations * scale * Math.max(LEAST_JND, jnd) ** power),
  );
  return mean(within);
}
