/** How well predictions agree with people: rank and linear correlation, error, and intervals by resampling. */
import { createRandom } from './random.ts';

export interface Agreement {
  /** Spearman's rank correlation. */
  srocc: number;
  /** Pearson's correlation. */
  plcc: number;
  /** Root mean square error. */
  rmse: number;
}

/** A lower and an upper limit. */
export type Interval = [number, number];

export function agreement(predicted: number[], human: number[]): Agreement {
  return {
    srocc: pearson(ranks(predicted), ranks(human)),
    plcc: pearson(predicted, human),
    rmse: Math.sqrt(mean(predicted.map((value, at) => (value - human[at]!) ** 2))),
  };
}

export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param share 0 to 1; linear between neighbours. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (at - Math.floor(at)) * (sorted[Math.ceil(at)]! - low);
}

function pearson(a: number[], b: number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [at, value] of a.entries()) {
    const [x, y] = [value - meanA, b[at]! - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

/** Ranks from 1, equal values sharing the mean of theirs. */
function ranks(values: number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => values[a]! - values[b]!);
  const result = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let at = from; at < to; at++) result[order[at]!] = (from + to + 1) / 2;
    from = to;
  }
  return result;
}

/** Draws of whole groups with replacement, as lists of indices: members of a group depend on each other. */
export function resamples(groups: string[], count: number, seed: number): number[][] {
  const random = createRandom(seed);
  const members = new Map<string, number[]>();
  for (const [at, group] of groups.entries()) members.set(group, [...(members.get(group) ?? []), at]);
  const all = [...members.values()];
  return Array.from({ length: count }, () => all.flatMap(() => all[random.below(all.length)]!));
}

/** The middle 95 % of a figure's values over resamples. */
export function interval(values: number[]): Interval {
  return [quantile(values, 0.025), quantile(values, 0.975)];
}
