/**
 * The monotone networks that answer in just noticeable differences: their shape and how they respond. The weights are
 * in jnd-weights.ts, how they came about in metric/train.
 */

/** One softplus unit: height * log(1 + exp(offset + slopes . features)). */
export interface Unit {
  /** Not negative, like all slopes: with more distance a response can only grow. */
  height: number;
  offset: number;
  slopes: number[];
}

/** Some units, added up. Without distance (a feature of minus infinity) the response is zero. */
export type Network = Unit[];

/** How far an estimate is off, as a standard deviation: scale * jnd ^ power. */
export interface ErrorModel {
  scale: number;
  power: number;
}

/** What first-hand answers of studies say that the estimates should be. */
export interface Recalibration {
  /** jnd = scale * factor of the format * estimate ^ power; all are positive, so that order is kept. */
  scale: number;
  power: number;
  /** Factors of the formats that were answered about often enough; of others 1. */
  formats: Record<string, number>;
  /** What it rests on: each study with its answers about candidates, and viewers whose answers counted or did not. */
  studies: { study: string; answers: number; viewers: number; dropped: number }[];
}

/** Everything that training hands over. */
export interface JndModel {
  /** Of the table that it was trained on. */
  dataSha256: string;
  seed: number;
  /** Members on IW-SSIM, and as many on SSIMULACRA 2. */
  structure: Network[];
  score: Network[];
  /** See `weakened`. */
  doubt: number;
  /** Errors on held-out sources: of the whole, and of the members on SSIMULACRA 2 alone. */
  error: ErrorModel;
  scoreError: ErrorModel;
  /** Null: as the table has it. */
  recalibration: Recalibration | null;
}

/** The smallest distance that counts as one. */
const LEAST = 1e-12;

/** The feature of an IW-SSIM: log of what is missing to 1. */
export function structureFeature(iwssim: number): number {
  return Math.log(Math.max(LEAST, 1 - iwssim));
}

/** The feature of a SSIMULACRA 2 score: log of what is missing to 100. */
export function scoreFeature(ssimulacra2: number): number {
  return Math.log(Math.max(LEAST, 100 - ssimulacra2));
}

/** log(1 + exp(x)) without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** What a network makes of the features that its units have slopes for. */
export function respond(network: Network, features: number[]): number {
  return network.reduce((sum, { height, offset, slopes }) => {
    const input = slopes.reduce((total, slope, at) => total + slope * features[at]!, offset);
    return sum + height * softplus(input);
  }, 0);
}

/**
 * An answer less `doubt` times its square root, at least zero: what it says for certain. Errors grow with the
 * difference, but not in proportion; the exponent is fixed halfway rather than fitted to few sources.
 */
export function weakened(jnd: number, doubt: number): number {
  return Math.max(0, jnd - doubt * Math.sqrt(jnd));
}

/**
 * An estimate in the terms of first-hand answers.
 * @param format of the candidate's file, where that is known.
 */
export function recalibrate(
  jnd: number,
  { scale, power, formats }: Pick<Recalibration, 'scale' | 'power' | 'formats'>,
  format: string | null,
): number {
  return scale * (formats[format ?? ''] ?? 1) * jnd ** power;
}
