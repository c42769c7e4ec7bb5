/** Leave one source out: every sample is predicted by a model that has seen no image of its source. */
import type { Sample } from './aic4.ts';
import type { Lab } from './lab.ts';
import type { Model } from './models.ts';

/** The samples of some sources, and what a model fitted to the others among these sources says of each. */
export interface HeldOut {
  samples: Sample[];
  predictions: number[];
}

export function predictHeldOut(model: Model, lab: Lab, sources: string[]): HeldOut {
  const predictors = new Map(
    sources.map((source) => [
      source,
      model.fit(
        lab,
        sources.filter((other) => other !== source),
      ),
    ]),
  );
  const samples = lab.samples.filter(({ source }) => predictors.has(source));
  return { samples, predictions: samples.map((sample) => predictors.get(sample.source)!(sample)) };
}
