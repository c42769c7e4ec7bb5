/**
 * Learns the median curves of `src/engine/median-curve.ts`: the gated score of every lossy encoder at a ladder of
 * qualities, the median over photographs and drawings that the other measurements do not use. Palettes are left
 * out, because those are tried at their best first.
 */

import type { LossyEncoder } from '../src/engine/codecs/codec.ts';
import { CODECS } from '../src/engine/codecs/codecs.ts';
import { DEFAULT_LIMITS } from '../src/engine/contract.ts';
import { decode } from '../src/engine/decode.ts';
import { gatedScore } from '../src/engine/gate.ts';
import { createJudge } from '../src/engine/judge.ts';
import { flag, readCorpus } from './corpus.ts';
import { quantile } from './table.ts';

/** In hundredths of an encoder's range. */
const LADDER = [10, 25, 40, 50, 60, 68, 75, 81, 86, 90, 93, 96, 98, 100];

export async function run(args: string[]): Promise<void> {
  const files = await readCorpus('cid22/*.png', flag(args, '--corpus'));
  const encoders = Object.values(CODECS).flatMap(({ format, lossy, variants }) =>
    [lossy, ...variants]
      .filter(({ variant }) => variant !== 'palette')
      .map((encoder) => ({ format, encoder, scores: ladderOf(encoder).map((): number[] => []) })),
  );
  for (const { bytes } of files) {
    const pixels = await decode(bytes, DEFAULT_LIMITS);
    const judge = createJudge(pixels, DEFAULT_LIMITS);
    for (const { encoder, scores } of encoders) {
      for (const [i, quality] of ladderOf(encoder).entries()) {
        const data = await encoder.encode(pixels, quality, 'search');
        scores[i]!.push(gatedScore(await judge.judge(data)));
      }
    }
    judge.release();
  }
  for (const { format, encoder, scores } of encoders) {
    const points = ladderOf(encoder).map(
      (quality, i) => `[${quality}, ${quantile(scores[i]!, 0.5).toFixed(1)}]`,
    );
    console.log(`  '${format} ${encoder.variant}': [${points.join(', ')}],`);
  }
}

function ladderOf({ qualities: { min, max } }: LossyEncoder): number[] {
  return [...new Set(LADDER.map((share) => Math.max(min, Math.round((max * share) / 100))))];
}
