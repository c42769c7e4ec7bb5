/** All competitors on held-out sources, with intervals. */
import { sourcesOf } from './aic4.ts';
import { type HeldOut, predictHeldOut } from './folds.ts';
import type { Lab } from './lab.ts';
import { competitors, type Model } from './models.ts';
import { type Agreement, agreement, type Interval, interval, mean, resamples } from './statistics.ts';

const DRAWS = 2000;

export interface Standing {
  model: Model;
  heldOut: HeldOut;
  agreement: Agreement;
  intervals: Record<keyof Agreement, Interval>;
  /** Share of the resamples in which its error is smaller than that of the first competitor. */
  closerThanFirst: number;
  /** Error on each source. */
  rmseBySource: { source: string; rmse: number }[];
}

/**
 * Intervals come from drawing whole sequences (one codec on one source) with replacement: the ten levels of a
 * sequence depend on each other. What another five sources would give they cannot say.
 */
export function evaluate(lab: Lab, seed: number): Standing[] {
  const sequences = lab.samples.map(({ source, codec }) => `${source} ${codec}`);
  const draws = resamples(sequences, DRAWS, seed);
  const heldOuts = competitors(lab.samples).map((model) => ({
    model,
    heldOut: predictHeldOut(model, lab, lab.sources),
  }));
  const first = heldOuts[0]!.heldOut;
  return heldOuts.map(({ model, heldOut }) => standing(model, heldOut, first, draws));
}

function standing(model: Model, heldOut: HeldOut, first: HeldOut, draws: number[][]): Standing {
  const of = (held: HeldOut, draw: number[]) =>
    agreement(
      draw.map((at) => held.predictions[at]!),
      draw.map((at) => held.samples[at]!.jnd),
    );
  const figures = draws.map((draw) => of(heldOut, draw));
  const rivals = draws.map((draw) => of(first, draw).rmse);
  const within = (name: keyof Agreement) => interval(figures.map((figure) => figure[name]));
  return {
    model,
    heldOut,
    agreement: of(heldOut, [...heldOut.samples.keys()]),
    intervals: { srocc: within('srocc'), plcc: within('plcc'), rmse: within('rmse') },
    closerThanFirst: mean(figures.map(({ rmse }, at) => Number(rmse < rivals[at]!))),
    rmseBySource: sourcesOf(heldOut.samples).map((source) => ({
      source,
      rmse: of(
        heldOut,
        [...heldOut.samples.keys()].filter((at) => heldOut.samples[at]!.source === source),
      ).rmse,
    })),
  };
}
