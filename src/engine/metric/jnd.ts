/**
 * From the two metrics to what people see: just noticeable differences, estimated by a small monotone ensemble
 * trained on human judgments (metric/MODEL-CARD.md), and the probability that a careful viewer sees anything.
 */
import {
  type ErrorModel,
  type JndModel,
  recalibrate,
  respond,
  scoreFeature,
  structureFeature,
  weakened,
} from './jnd-network.ts';
import { JND_MODEL } from './jnd-weights.ts';

export interface JndEstimate {
  /** Estimated difference in just noticeable differences, 0 = none. */
  jnd: number;
  /** Standard deviation to expect of `jnd`: how far the members disagree and how far they were off on held-out images. */
  spread: number;
  /** Probability, 0 to 1, that a careful viewer sees any difference. */
  visibleProbability: number;
}

/** At one JND three of four answers in a forced choice of two are right: the normal quantile of 0.75. */
const QUARTILE = 0.6744897501960817;

/** What is known of a pair. */
export interface Metrics {
  /** The score of the whole image, 100 = equal. */
  ssimulacra2: number;
  /** With all five levels; null where there is none or fewer (a side under 176 px), which makes the estimate less certain. */
  iwssim: number | null;
  /** Of the candidate's file, where that is known: first-hand answers may have found that formats differ. */
  format?: string | null;
}

/**
 * Estimates how different two images look: what IW-SSIM tells, unless SSIMULACRA 2 tells more even when weakened by
 * its usual error. That is where IW-SSIM is blind, colour mostly. More distance in either never lowers `jnd`.
 */
export function estimateJnd(metrics: Metrics): JndEstimate {
  return estimateWith(JND_MODEL, metrics);
}

/** `estimateJnd` with another model than the one that ships. */
export function estimateWith(model: JndModel, { ssimulacra2, iwssim, format = null }: Metrics): JndEstimate {
  const { error, scoreError, doubt, recalibration } = model;
  const inTerms = (jnd: number) => (recalibration ? recalibrate(jnd, recalibration, format) : jnd);
  const score = model.score.map((network) => respond(network, [scoreFeature(ssimulacra2)]));
  if (iwssim === null) return estimateFrom(inTerms(mean(score)), score.map(inTerms), [error, scoreError]);
  const structure = model.structure.map((network) => respond(network, [structureFeature(iwssim)]));
  const certain = (jnd: number) => weakened(jnd, doubt);
  const answers = structure.map((answer, member) => Math.max(answer, certain(score[member]!)));
  const jnd = Math.max(mean(structure), certain(mean(score)));
  return estimateFrom(inTerms(jnd), answers.map(inTerms), [error]);
}

/** @param errors of which the larger counts: less known is never more certain. */
function estimateFrom(jnd: number, answers: number[], errors: ErrorModel[]): JndEstimate {
  const disagreement = mean(answers.map((answer) => (answer - jnd) ** 2));
  const error = Math.max(...errors.map(({ scale, power }) => scale * jnd ** power));
  const spread = Math.hypot(Math.sqrt(disagreement), error);
  return { jnd, spread, visibleProbability: visibleProbability(jnd) };
}

/**
 * The probability that a careful viewer sees a difference of `jnd` rather than guesses.
 *
 * The scale is Thurstone's Case V as JPEG AIC-3 uses it: in a choice between the original and the other image, the
 * right answer has probability Phi(0.6745 jnd), 75 % at one JND (Testolina et al., "Fine-grained subjective
 * visual quality assessment for high-fidelity compressed images", arXiv 2410.09501). A viewer who sees nothing guesses
 * right half of the time, so right = seen + (1 - seen) / 2, and seen = 2 Phi(0.6745 jnd) - 1: half of the viewers
 * at one JND, none at zero.
 */
export function visibleProbability(jnd: number): number {
  return erf((QUARTILE * Math.max(0, jnd)) / Math.SQRT2);
}

/** The error function for x >= 0, by its series of positive terms. */
function erf(x: number): number {
  if (x > 6) return 1;
  let term = x;
  let sum = x;
  for (let n = 1; term > Number.EPSILON * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return Math.min(1, (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum);
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
