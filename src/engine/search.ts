/**
 * Finds the lowest quality of one lossy encoder whose decoded result the judge accepts.
 *
 * The model: every image follows the encoder's median curve (`median-curve.ts`), shifted and stretched
 * along the quality axis. A score is first turned into the quality at which the median image would
 * have it ("median quality"), where an image's points lie nearly on a line; then a secant between the
 * two judged qualities nearest the floor names the next one. The search stops when the winner is
 * expected to be within a step of the optimum, and never believes the model: only judged bytes win.
 */
import type { Judgement } from './contract.ts';
import { gatedScore } from './gate.ts';
import type { MedianCurve } from './median-curve.ts';

/** One judged encode. */
export interface Candidate extends Judgement {
  data: Uint8Array;
  quality: number;
}

export interface SearchTask {
  /** Encodes at a whole-numbered quality. */
  encode(quality: number): Promise<Uint8Array>;
  judge(data: Uint8Array): Promise<Judgement>;
  curve: MedianCurve;
  /** The quality to judge first, where that is not the median image's. */
  start?: number;
  qualities: { min: number; max: number };
  floor: number;
  /** A candidate that misses the floor and is at least this large ends the search: what passes would be larger still. */
  budgetBytes: number;
  signal?: AbortSignal;
}

export interface SearchResult {
  /** The smallest candidate that passed the floor, whatever its size; null when none did. */
  best: Candidate | null;
  /** The best-scoring candidate that missed the floor. */
  runnerUp: Candidate | null;
  /** Whether the search ended because passing would cost more than the budget. */
  overBudget: boolean;
  /** Every candidate, in the order of judging. */
  judged: Candidate[];
}

/** Far more than a well-behaved image needs; a guard against curves that are not monotone at all. */
const MAX_EVALUATIONS = 8;
/** Steps of quality between the winner and the predicted optimum that are not worth another evaluation. */
const TOLERANCE_STEPS = 1;

export async function search(task: SearchTask): Promise<SearchResult> {
  const judged: Candidate[] = [];
  let overBudget = false;
  for (
    let quality: number | null = firstQuality(task);
    quality !== null;
    quality = nextQuality(task, judged)
  ) {
    task.signal?.throwIfAborted();
    const data = await task.encode(quality);
    const candidate = { data, quality, ...(await task.judge(data)) };
    judged.push(candidate);
    overBudget = !passes(task, candidate) && data.length >= task.budgetBytes;
    if (overBudget || judged.length >= MAX_EVALUATIONS) break;
  }
  return {
    best: smallest(judged.filter((candidate) => passes(task, candidate))),
    runnerUp: bestScoring(judged.filter((candidate) => !passes(task, candidate))),
    overBudget,
    judged,
  };
}

function passes(task: SearchTask, candidate: Judgement): boolean {
  return gatedScore(candidate) >= task.floor;
}

function firstQuality({ start, curve, floor, qualities }: SearchTask): number {
  return clamp(start ?? Math.round(curve.qualityFor(floor)), qualities.min, qualities.max);
}

/** The quality to try next, or null when the winner stands. */
function nextQuality(task: SearchTask, judged: Candidate[]): number | null {
  const { min, max } = task.qualities;
  const failed = judged.filter((candidate) => !passes(task, candidate));
  const low = failed.reduce((highest, { quality }) => Math.max(highest, quality), min - 1);
  const passed = judged.filter((candidate) => passes(task, candidate) && candidate.quality > low);
  const high = passed.reduce((lowest, { quality }) => Math.min(lowest, quality), max + 1);
  if (high - low <= 1) return null;
  const predicted = predictQuality(task, judged);
  if (high <= max && high - predicted <= TOLERANCE_STEPS) return null;
  return clamp(Math.ceil(predicted), low + 1, high - 1);
}

/**
 * Where this image should meet the floor, as a real number: between the nearest points on either side of
 * it, or, with all points on one side, along the line through the two nearest.
 */
function predictQuality(task: SearchTask, judged: Candidate[]): number {
  const points = judged
    .map((candidate) => ({
      quality: candidate.quality,
      median: task.curve.qualityFor(gatedScore(candidate)),
      above: gatedScore(candidate) - task.floor,
    }))
    .sort((a, b) => Math.abs(a.above) - Math.abs(b.above));
  const near = points[0]!;
  const far = points.find(({ above }) => above >= 0 !== near.above >= 0) ?? points[1];
  const slope = far ? clamp((near.median - far.median) / (near.quality - far.quality), 0.4, 2.5) : 1;
  return near.quality + (task.curve.qualityFor(task.floor) - near.median) / slope;
}

function smallest(candidates: Candidate[]): Candidate | null {
  return candidates.reduce<Candidate | null>(
    (best, candidate) => (best && best.data.length <= candidate.data.length ? best : candidate),
    null,
  );
}

function bestScoring(candidates: Candidate[]): Candidate | null {
  return candidates.reduce<Candidate | null>(
    (best, candidate) => (best && gatedScore(best) >= gatedScore(candidate) ? best : candidate),
    null,
  );
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
