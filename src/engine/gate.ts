/**
 * The numbers behind the gates: how small a result must be, how good, and how far out of sight. That it decodes is the
 * judge's finding (`judge.ts`), that it is lossless where it must be is `exact.ts`'s.
 */
import type { Judgement, OptimizeOptions } from './contract.ts';
import { estimateJnd } from './metric/jnd.ts';

/** The number that must reach the floor: the worse of the whole image and its worst tile. */
export function gatedScore({ score, worstTile }: Judgement): number {
  return Math.min(score, worstTile.score);
}

/** Images differ in how much is seen of them at one score: this much more than usual is let pass. */
const LENIENCY = 1.5;

/**
 * The most just noticeable differences that may ship at a floor: one, so that at most half of all careful viewers see
 * anything, or half as much again as the floor itself stands for, where that is more.
 */
export function mostJnd(floor: number): number {
  return Math.max(1, LENIENCY * estimateJnd({ ssimulacra2: floor, iwssim: null }).jnd);
}

/** A result must have fewer bytes than this. */
export function budgetFor(sourceBytes: number, { gate, maxOverhead }: OptimizeOptions): number {
  return gate === 'any' ? Number.POSITIVE_INFINITY : Math.ceil(sourceBytes * maxOverhead);
}
