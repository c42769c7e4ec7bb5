/**
 * Which pairs a viewer sees, and in which order: at random, but the same for the same viewer of the same study.
 * Pure; drawing is done by sorting by digests, so that no state has to be kept.
 */
import { createHash } from 'node:crypto';
import type { PairKind } from './study.ts';

/** Parts that a viewer can point at: three rows of three. */
export const PARTS = 9;

export interface Pair {
  id: string;
  imageId: string;
  kind: PairKind;
}

export interface PlannedTrial {
  pairId: string;
  practice: boolean;
  /** Which of the two images is the reference. */
  referenceSide: 0 | 1;
}

/** Of all trials, this many are checks of each kind; fewer than that tell nothing of a viewer. */
const CHECK_SHARE = 0.1;
const LEAST_CHECKS = 4;

/** With fewer trials there would be little but checks. */
export const LEAST_TRIALS = 2 * LEAST_CHECKS + 1;

/** Checks of each kind, identical and damaged, among so many trials. */
export function checksAmong(trials: number): number {
  return Math.max(LEAST_CHECKS, Math.round(CHECK_SHARE * trials));
}

/** As many trials as wanted, or as there are candidates with their checks: nobody sees a candidate twice. */
export function trialsFor(wanted: number, candidates: number): number {
  const most = candidates + 2 * checksAmong(candidates / (1 - 2 * CHECK_SHARE));
  return Math.min(wanted, most);
}

/**
 * Candidates are dealt out like cards, viewer after viewer, so that all are seen equally often. Practice comes first:
 * something damaged, something identical, something damaged again.
 * @param pairs in any order.
 * @param viewer a number from 0.
 */
export function planTrials(pairs: Pair[], studyId: string, viewer: number, trials: number): PlannedTrial[] {
  const shuffle = (kind: PairKind) =>
    shuffled(
      pairs.filter((pair) => pair.kind === kind),
      ({ id }) => `${studyId} ${id}`,
    );
  const checks = checksAmong(trials);
  const candidates = dealt(shuffle('candidate'), viewer, trials - 2 * checks);
  const identical = dealt(shuffle('identical'), viewer, checks + 1);
  const damaged = dealt(shuffle('damaged'), viewer, checks + 2);
  const practice = [damaged[0]!, identical[0]!, damaged[1]!];
  const serious = [...candidates, ...identical.slice(1), ...damaged.slice(2)];
  // A check may come twice, so that its place has to tell it from itself.
  const numbered = serious.map((pair, at) => ({ pair, at }));
  const mixed = shuffled(numbered, ({ pair, at }) => `${studyId} ${viewer} ${pair.id} ${at}`);
  const order = [...practice, ...apart(mixed.map(({ pair }) => pair))];
  return order.map((pair, position) => ({
    pairId: pair.id,
    practice: position < practice.length,
    referenceSide: digest(`${studyId} ${viewer} ${position} side`)[0]! % 2 === 0 ? 0 : 1,
  }));
}

/** The next `count` cards of a pack that is dealt round and round. */
function dealt(pack: Pair[], viewer: number, count: number): Pair[] {
  return Array.from({ length: count }, (_, at) => pack[(viewer * count + at) % pack.length]!);
}

/** The same order, except that no image follows upon itself where that can be helped. */
function apart(pairs: Pair[]): Pair[] {
  const left = [...pairs];
  const order: Pair[] = [];
  while (left.length > 0) {
    const other = left.findIndex(({ imageId }) => imageId !== order.at(-1)?.imageId);
    order.push(...left.splice(Math.max(0, other), 1));
  }
  return order;
}

function shuffled<Item>(items: Item[], name: (item: Item) => string): Item[] {
  return items
    .map((item) => ({ item, rank: digest(name(item)).toString('hex') }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ item }) => item);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
