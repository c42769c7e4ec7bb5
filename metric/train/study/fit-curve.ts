/**
 * Fits curve and habits to answers: the most likely ones, given that a study seldom departs far from what the model
 * was trained on. By Fisher's scoring, with steps halved until they gain.
 */
import { solve } from '../least-squares.ts';
import { mean } from '../statistics.ts';
import type { Judgment } from './judgments.ts';
import { type Curve, type Habits, probability } from './psychometric.ts';

export interface Fit {
  curve: Curve;
  habits: Habits;
}

/**
 * Standard deviations of what is expected, in logs. Screens, distances and people move the scale by half or so; the
 * slope is the engine's own curve's and moves less; how far codecs differ is measured on the training table.
 */
export interface Expectation {
  scale: number;
  power: number;
  format: number;
}

export const EXPECTED: Expectation = { scale: 0.5, power: 0.25, format: 0.2 };

/** Habits expected before any answer, on the scale of `logistic`: three in a hundred, give or take a factor of about four. */
const HABIT_LOGIT = Math.log(0.06 / 0.94);
const HABIT_SPREAD = 1.5;

const MAX_STEPS = 60;
const HALVINGS = 12;
/** Done when a step gains less than this in log likelihood. */
const SETTLED = 1e-9;

/**
 * @param judgments checks included: they tell the habits.
 * @param weights how often each judgment counts.
 * @param formats those that get a factor of their own.
 */
export function fitCurve(
  judgments: Judgment[],
  weights: number[],
  formats: string[],
  expected: Expectation,
): Fit {
  const means = [HABIT_LOGIT, HABIT_LOGIT, 0, 0, ...formats.map(() => 0)];
  const spreads = [
    ...[HABIT_SPREAD, HABIT_SPREAD],
    ...[expected.scale, expected.power, ...formats.map(() => expected.format)],
  ];
  const surprise = (point: number[]) =>
    -point.reduce(
      (sum, value, at) => sum - ((value - means[at]!) / spreads[at]!) ** 2 / 2,
      total(judgments, weights, point, formats),
    );
  let point = means;
  let cost = surprise(point);
  for (let step = 0; step < MAX_STEPS; step++) {
    const move = scoringStep(judgments, weights, point, formats, means, spreads);
    const next = halved(point, move, surprise, cost);
    if (!next || cost - next.cost < SETTLED) break;
    [point, cost] = [next.point, next.cost];
  }
  return toFit(point, formats);
}

function halved(
  point: number[],
  move: number[],
  surprise: (point: number[]) => number,
  cost: number,
): { point: number[]; cost: number } | null {
  for (let halving = 0, share = 1; halving < HALVINGS; halving++, share /= 2) {
    const next = point.map((value, at) => value + share * move[at]!);
    const nextCost = surprise(next);
    if (nextCost < cost) return { point: next, cost: nextCost };
  }
  return null;
}

/**
 * Parameters: logits of guess and lapse, logs of scale and power, log of each format's factor. What the factors have in
 * common is the scale's.
 */
function toFit(point: number[], formats: string[]): Fit {
  const [guess, lapse, scale = 0, power = 0, ...factors] = point;
  const common = factors.length > 0 ? mean(factors) : 0;
  return {
    habits: { guess: logistic(guess!), lapse: logistic(lapse!) },
    curve: {
      scale: Math.exp(scale + common),
      power: Math.exp(power),
      formats: Object.fromEntries(formats.map((format, at) => [format, Math.exp(factors[at]! - common)])),
    },
  };
}

/** Half of the habits' room: guesses and lapses are exceptions, or there is nothing to learn from. */
function logistic(value: number): number {
  return 0.5 / (1 + Math.exp(-value));
}

function total(judgments: Judgment[], weights: number[], point: number[], formats: string[]): number {
  const { curve, habits } = toFit(point, formats);
  return judgments.reduce((sum, judgment, at) => {
    if (weights[at] === 0) return sum;
    const different = probability(judgment, curve, habits);
    return sum + weights[at]! * Math.log(judgment.different ? different : 1 - different);
  }, 0);
}

/** (information + prior)^-1 (score + prior's pull). */
function scoringStep(
  judgments: Judgment[],
  weights: number[],
  point: number[],
  formats: string[],
  means: number[],
  spreads: number[],
): number[] {
  const fit = toFit(point, formats);
  const size = point.length;
  const matrix = Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => (row === column ? 1 / spreads[row]! ** 2 : 0)),
  );
  const right = point.map((value, at) => (means[at]! - value) / spreads[at]! ** 2);
  for (const [at, judgment] of judgments.entries()) {
    const weight = weights[at]!;
    if (weight === 0) continue;
    const { different, slopes } = slopesOf(judgment, fit, formats);
    const information = weight / (different * (1 - different));
    for (let row = 0; row < size; row++) {
      right[row]! += information * (Number(judgment.different) - different) * slopes[row]!;
      for (let column = 0; column < size; column++) {
        matrix[row]![column]! += information * slopes[row]! * slopes[column]!;
      }
    }
  }
  return solve(matrix, right);
}

/** How much a format's factor moves what is said of another: one without a factor of its own moves with all of them. */
function shareOf(format: string, other: string | null, formats: string[]): number {
  if (other !== null && formats.includes(other)) return Number(format === other);
  return 1 / formats.length;
}

/** The normal quantile of 0.75, as in the engine's curve. */
const QUARTILE = 0.6744897501960817;

/** P(different) and its derivatives by the parameters. */
function slopesOf(judgment: Judgment, fit: Fit, formats: string[]): { different: number; slopes: number[] } {
  const { guess, lapse } = fit.habits;
  const different = probability(judgment, fit.curve, fit.habits);
  const seen = (different - guess) / (1 - guess - lapse);
  const slopes = [2 * guess * (0.5 - guess) * (1 - seen), -2 * lapse * (0.5 - lapse) * seen];
  const isCandidate = judgment.kind === 'candidate' && judgment.jnd > 0;
  const factor = fit.curve.formats[judgment.format ?? ''] ?? 1;
  const jnd = isCandidate ? fit.curve.scale * factor * judgment.jnd ** fit.curve.power : 0;
  const rise =
    (1 - guess - lapse) * QUARTILE * Math.sqrt(2 / Math.PI) * Math.exp(-((QUARTILE * jnd) ** 2) / 2) * jnd;
  const bend = isCandidate ? rise * fit.curve.power * Math.log(judgment.jnd) : 0;
  return {
    different,
    slopes: [
      ...slopes,
      rise,
      bend,
      ...formats.map((format) => rise * shareOf(format, judgment.format, formats)),
    ],
  };
}
