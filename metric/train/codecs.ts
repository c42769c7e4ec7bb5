/** What one JND means for each codec: on the scale of SSIMULACRA 2, and in the estimate's own terms. */
import type { Sample } from './aic4.ts';
import { sourcesOf } from './aic4.ts';
import type { HeldOut } from './folds.ts';
import { mean } from './statistics.ts';

export interface CodecFacts {
  codec: string;
  /** SSIMULACRA 2 where people see one JND, over the sources. */
  score: { mean: number; least: number; most: number };
  /** The held-out estimate there; above 1 the estimate is harsher than people. */
  estimate: number;
  /** Mean of held-out estimate minus human value over all levels. */
  bias: number;
}

/** One row per codec, the one that needs the highest score last. */
export function codecFacts({ samples, predictions }: HeldOut): CodecFacts[] {
  const estimates = new Map(samples.map((sample, at) => [sample, predictions[at]!]));
  const facts = [...new Set(samples.map(({ codec }) => codec))].map((codec) => {
    const own = samples.filter((sample) => sample.codec === codec);
    const sequences = sourcesOf(own).map((source) => own.filter((sample) => sample.source === source));
    const scores = crossings(sequences, ({ ssimulacra2 }) => ssimulacra2);
    return {
      codec,
      score: { mean: mean(scores), least: Math.min(...scores), most: Math.max(...scores) },
      estimate: mean(crossings(sequences, (sample) => estimates.get(sample)!)),
      bias: mean(own.map((sample) => estimates.get(sample)! - sample.jnd)),
    };
  });
  return facts.sort((a, b) => a.score.mean - b.score.mean);
}

/** A value where each sequence crosses one JND; sequences that stay on one side are left out. */
function crossings(sequences: Sample[][], value: (sample: Sample) => number): number[] {
  return sequences.flatMap((sequence) => {
    const rising = sequence.toSorted((a, b) => a.level - b.level);
    const above = rising.findIndex(({ jnd }) => jnd >= 1);
    if (above < 1) return [];
    const [before, after] = [rising[above - 1]!, rising[above]!];
    const share = (1 - before.jnd) / (after.jnd - before.jnd);
    return [value(before) + share * (value(after) - value(before))];
  });
}
