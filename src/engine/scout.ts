/**
 * A cheap look ahead: what an encoder makes of a sample of the image, turned into what it would make of the whole by
 * what was learned of samples (`learned.ts`). It guides the search and the choice among encoders; nothing is
 * ever accepted by it.
 */
import type { LossyEncoder } from './codecs/codec.ts';
import type { Embedded } from './codecs/header.ts';
import type { Limits, OutputFormat, Pixels } from './contract.ts';
import type { Sighting } from './forecast.ts';
import { createJudge, type Judge } from './judge.ts';
import { fromSample, learnedOf } from './learned.ts';
import { type Sample, takeSample } from './sample.ts';

/** What a scout needs of the image: as encoders get it, and as viewers see it. */
interface Scene {
  pixels: Pixels;
  reference: Pixels;
  embedded: Embedded;
  limits: Limits;
}

export interface Scout {
  /** A look at a quality of this encoder; undefined where the image is too small, or nothing was learned of the encoder. */
  glimpse(format: OutputFormat, encoder: LossyEncoder): ((quality: number) => Promise<Sighting>) | undefined;
  /** Frees the sample's side of the metric. */
  release(): void;
}

/** The sample is taken at the first glimpse: lossless work needs none. */
export function createScout({ pixels, reference, embedded, limits }: Scene): Scout {
  let ready: { sample: Sample; judge: Judge } | null | undefined;
  const seen = new Map<string, Promise<Sighting>>();
  function prepare(): typeof ready {
    const sample = takeSample(pixels);
    const shown = pixels === reference ? sample : takeSample(reference);
    return sample && shown && { sample, judge: createJudge(shown.pixels, limits) };
  }
  return {
    glimpse(format, encoder) {
      const learned = learnedOf(format, encoder.variant).sample;
      if (!learned) return undefined;
      if (ready === undefined) ready = prepare();
      if (!ready) return undefined;
      const { sample, judge } = ready;
      const look = async (quality: number): Promise<Sighting> => {
        const data = await encoder.encode(sample.pixels, quality, 'glimpse', embedded);
        const { score } = await judge.judge(data);
        return { quality, ...fromSample(learned, score, data.length / sample.share) };
      };
      return (quality) => {
        const key = `${format} ${encoder.variant} ${quality}`;
        const sighting = seen.get(key) ?? look(quality);
        seen.set(key, sighting);
        return sighting;
      };
    },
    release: () => ready?.judge.release(),
  };
}
