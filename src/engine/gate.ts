/**
 * The numbers behind the gates: how small a result must be and how good. That it decodes is the
 * judge's finding (`judge.ts`), that it is lossless where it must be is `exact.ts`'s.
 */
import type { Judgement, OptimizeOptions } from './contract.ts';

/** The number that must reach the floor: the worse of the whole image and its worst tile. */
export function gatedScore({ score, worstTile }: Judgement): number {
  return Math.min(score, worstTile.score);
}

/** A result must have fewer bytes than this. */
export function budgetFor(sourceBytes: number, { gate, maxOverhead }: OptimizeOptions): number {
  return gate === 'any' ? Number.POSITIVE_INFINITY : Math.ceil(sourceBytes * maxOverhead);
}
