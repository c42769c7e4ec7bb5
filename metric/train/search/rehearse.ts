/** The real search over measured ladders instead of encoders: how many evaluations it takes, how far from the optimum it ends. */
import type { Judgement } from '../../../src/engine/contract.ts';
import { fromSample, type LearnedEncoder, valueAt } from '../../../src/engine/learned.ts';
import { medianCurve } from '../../../src/engine/median-curve.ts';
import { search } from '../../../src/engine/search.ts';
import { fitEncoder } from './fit-encoder.ts';
import type { Ladder, Rung } from './ladder.ts';

export interface Rehearsal {
  floor: number;
  evaluations: number;
  /** Looks at the sample, and at suspects. */
  glimpses: number;
  closeUps: number;
  /** Share of bytes above the smallest rung that passes; NaN where the search found none. */
  excess: number;
}

/** Each image with what was learned of the others; where no rung reaches the floor there is nothing to rehearse. */
export async function rehearseHeldOut(ladders: Ladder[], floors: number[]): Promise<Rehearsal[]> {
  const rehearsals: Rehearsal[] = [];
  for (const picture of new Set(ladders.map(pictureOf))) {
    const learned = fitEncoder(ladders.filter((ladder) => pictureOf(ladder) !== picture));
    for (const ladder of ladders.filter((each) => pictureOf(each) === picture)) {
      for (const floor of floors.filter((each) => ladder.rungs.some(({ score }) => score >= each))) {
        rehearsals.push(await rehearse(ladder, learned, floor));
      }
    }
  }
  return rehearsals;
}

/** The picture that an image shows, or a part of it. */
function pictureOf({ image }: Ladder): string {
  return image.replace(/( detail \d| reduced)?$/, '');
}

async function rehearse(
  { rungs, pixels, encoder }: Ladder,
  learned: LearnedEncoder,
  floor: number,
): Promise<Rehearsal> {
  const rungAt = (quality: number) => rungs.find((rung) => rung.quality === quality)!;
  const has = (view: 'sample' | 'suspects') => rungs.every((rung) => rung[view] !== null);
  const seen = { sample: 0, suspects: 0 };
  const look = (view: 'sample' | 'suspects') => async (quality: number) => {
    seen[view] += 1;
    const { score, bytes } = rungAt(quality)[view]!;
    return { quality, ...fromSample(learned[view]!, pixels, score, bytes) };
  };
  const { best, judged } = await search({
    encode: async (quality) => asFile(rungAt(quality)),
    encodesSlowly: encoder.startsWith('avif'),
    judge: async (file) => asJudgement(rungAt(file[0]!)),
    glimpse: has('sample') ? look('sample') : undefined,
    suspects: learned.suspects && has('suspects') ? () => look('suspects') : undefined,
    curve: medianCurve(learned.curve),
    growth: (quality) => valueAt(learned.growth, quality),
    spreads: learned.spreads,
    levels: rungs.map(({ quality }) => quality),
    floor,
    enoughEvaluations: 4,
    budgetBytes: Number.POSITIVE_INFINITY,
  });
  const optimum = Math.min(...rungs.filter(({ score }) => score >= floor).map(({ bytes }) => bytes));
  const excess = best ? best.data.length / optimum - 1 : Number.NaN;
  return { floor, evaluations: judged.length, glimpses: seen.sample, closeUps: seen.suspects, excess };
}

/** As many bytes as the encode had, the first of which is its quality. */
function asFile({ quality, bytes }: Rung): Uint8Array {
  const file = new Uint8Array(bytes);
  file[0] = quality;
  return file;
}

/** The whole image is its own worst tile here: the gated score is all that counts. */
function asJudgement({ score }: Rung): Judgement {
  return { score, worstTile: { x: 0, y: 0, width: 1, height: 1, score } };
}
