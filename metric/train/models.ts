/** The ways to JND that compete on held-out sources. */
import { weakened } from '../../src/engine/metric/jnd-network.ts';
import type { Sample } from './aic4.ts';
import { predictHeldOut } from './folds.ts';
import { type Lab, respondAll, VIEWS, type View } from './lab.ts';
import { mean, quantile } from './statistics.ts';

export type Predict = (sample: Sample) => number;

export interface Model {
  name: string;
  /** Sees only the samples of `sources`. */
  fit(lab: Lab, sources: string[]): Predict;
}

/** Share of held-out SSIMULACRA 2 estimates that are no longer too high once they are weakened. */
const COVERED = 0.975;

function alone(name: string, view: View): Model {
  return {
    name,
    fit(lab, sources) {
      const networks = lab.ensemble(view, sources);
      return (sample) => respondAll(networks, VIEWS[view](sample));
    },
  };
}

export const structureAlone = alone('IW-SSIM alone', 'structure');
export const scoreAlone = alone('SSIMULACRA 2 alone', 'score');

/** Two ensembles, fitted apart, and something made of their answers. */
function pair(name: string, combine: (structure: number, score: number) => number): Model {
  return {
    name,
    fit(lab, sources) {
      const [structure, score] = [structureAlone.fit(lab, sources), scoreAlone.fit(lab, sources)];
      return (sample) => combine(structure(sample), score(sample));
    },
  };
}

/** What is shipped: IW-SSIM's answer, unless SSIMULACRA 2's is higher even when weakened by its usual error. */
export const veto: Model = {
  name: 'IW-SSIM, SSIMULACRA 2 may veto',
  fit(lab, sources) {
    const [structure, score] = [structureAlone.fit(lab, sources), scoreAlone.fit(lab, sources)];
    const doubt = doubtOf(lab, sources);
    return (sample) => Math.max(structure(sample), weakened(score(sample), doubt));
  },
};

/**
 * How much SSIMULACRA 2's answers are to be weakened, in square roots of JND: by what they are too high on sources
 * that they were not fitted to, in all but one of forty cases.
 */
export function doubtOf(lab: Lab, sources: string[]): number {
  const { samples, predictions } = predictHeldOut(scoreAlone, lab, sources);
  const excess = predictions.map((jnd, at) => (jnd - samples[at]!.jnd) / Math.sqrt(jnd));
  return quantile(excess, COVERED);
}

/** The model with the veto, moved by what each codec's images were off on average: what knowing the codec is worth. */
export const toldTheCodec: Model = {
  name: 'the same, told the codec',
  fit(lab, sources) {
    const predict = veto.fit(lab, sources);
    const { samples, predictions } = predictHeldOut(veto, lab, sources);
    const offset = (codec: string) => {
      const missed = samples.flatMap((each, at) =>
        each.codec === codec ? [each.jnd - predictions[at]!] : [],
      );
      return missed.length === 0 ? 0 : mean(missed);
    };
    return (sample) => Math.max(0, predict(sample) + offset(sample.codec));
  },
};

/** All that are compared, the simple ones first. */
export function competitors(samples: Sample[]): Model[] {
  const models = [
    structureAlone,
    scoreAlone,
    alone('both into one network', 'both'),
    pair('mean of the two', (structure, score) => (structure + score) / 2),
    pair('nine parts IW-SSIM, one SSIMULACRA 2', (structure, score) => 0.9 * structure + 0.1 * score),
    pair('the larger of the two', Math.max),
    veto,
    toldTheCodec,
  ];
  const anchored = samples.every(({ cvvdp }) => cvvdp !== null);
  return anchored ? [...models, alone('CVVDP (anchor)', 'cvvdp')] : models;
}
