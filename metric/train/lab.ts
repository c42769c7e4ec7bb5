/**
 * The samples, and ensembles fitted to those of some sources. Many models and splits need the same ones, so
 * that each is fitted once.
 */
import {
  type Network,
  respond,
  scoreFeature,
  structureFeature,
} from '../../src/engine/metric/jnd-network.ts';
import { type Sample, sourcesOf } from './aic4.ts';
import { fitNetwork } from './fit-network.ts';
import { createRandom } from './random.ts';
import { mean } from './statistics.ts';

/** What a network sees of a sample. CVVDP is an anchor only. */
export const VIEWS = {
  structure: ({ iwssim }: Sample) => [structureFeature(iwssim)],
  score: ({ ssimulacra2 }: Sample) => [scoreFeature(ssimulacra2)],
  both: ({ iwssim, ssimulacra2 }: Sample) => [structureFeature(iwssim), scoreFeature(ssimulacra2)],
  cvvdp: ({ cvvdp }: Sample) => [Math.log(10.001 - cvvdp!)],
};
export type View = keyof typeof VIEWS;

export const MEMBERS = 10;

export interface Lab {
  samples: Sample[];
  sources: string[];
  /** The ensemble fitted to the samples of `sources` only; the same seed gives the same networks. */
  ensemble(view: View, sources: string[]): Network[];
}

export function createLab(samples: Sample[], seed: number): Lab {
  const fitted = new Map<string, Network[]>();
  return {
    samples,
    sources: sourcesOf(samples),
    ensemble(view, sources) {
      const key = [view, ...sources].join(' ');
      const networks = fitted.get(key) ?? fitEnsemble(samples, view, sources, seed);
      fitted.set(key, networks);
      return networks;
    },
  };
}

/** Each member has not seen one of the sources, in turn, and starts elsewhere. */
function fitEnsemble(samples: Sample[], view: View, sources: string[], seed: number): Network[] {
  return Array.from({ length: MEMBERS }, (_, member) => {
    const unseen = sources.length > 1 ? sources[member % sources.length] : null;
    const seen = samples.filter(({ source }) => sources.includes(source) && source !== unseen);
    const human = seen.map(({ jnd }) => jnd);
    return fitNetwork(seen.map(VIEWS[view]), human, createRandom(seed * 1000 + member));
  });
}

/** The mean answer of an ensemble. */
export function respondAll(networks: Network[], features: number[]): number {
  return mean(networks.map((network) => respond(network, features)));
}
