/**
 * Learns the median curves of `src/engine/median-curve.ts`: every lossy encoder's gated score at a
 * ladder of qualities, the median over photographs and drawings that the other measurements do not use.
 */

import type { LossyEncoder } from '../src/engine/codecs/codec.ts';
import { CODECS } from '../src/engine/codecs/codecs.ts';
import { DEFAULT_LIMITS } from '../src/engine/contract.ts';
import { decode } from '../src/engine/decode.ts';
import { gatedScore } from '../src/engine/gate.ts';
import { createJudge } from '../src/engine/judge.ts';
import { flag, readCorpus } from './corpus.ts';
import { quantile } from './table.ts';

const LADDER = [10, 20, 30, 40, 50, 60, 65, 70, 75, 80, 84, 88, 91, 94, 96, 98, 100];

export async function run(args: string[]): Promise<void> {
  const files = await readCorpus('cid22/*.png', flag(args, '--corpus'));
  const encoders = [CODECS.jpeg, CODECS.webp, CODECS.avif].flatMap(({ format, lossy, variants }) =>
    [lossy, ...variants].map((encoder) => ({ encoder, scores: LADDER.map((): number[] => []), format })),
  );
  for (const { bytes } of files) {
    const pixels = await decode(bytes, DEFAULT_LIMITS);
    const judge = createJudge(pixels, DEFAULT_LIMITS);
    for (const { encoder, scores } of encoders) {
      for (const [i, quality] of LADDER.entries()) {
        const data = await encoder.encode(pixels, within(encoder, quality), 'search');
        scores[i]!.push(gatedScore(await judge.judge(data)));
      }
    }
    judge.release();
  }
  for (const { format, encoder, scores } of encoders) {
    const points = LADDER.map((quality, i) => `[${quality}, ${quantile(scores[i]!, 0.5).toFixed(1)}]`);
    console.log(`  '${format} ${encoder.variant}': [${points.join(', ')}],`);
  }
}

function within({ qualities }: LossyEncoder, quality: number): number {
  return Math.min(qualities.max, Math.max(qualities.min, quality));
}
