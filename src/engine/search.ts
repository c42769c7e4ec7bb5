/**
 * Finds the lowest quality of one lossy encoder whose decoded result the judge accepts. Where to look comes from the
 * forecast (`forecast.ts`), which each judgement sharpens; but only bytes that were decoded and judged can win.
 */
import type { Judgement, Tile } from './contract.ts';
import { type Evidence, type Forecast, forecast, type Sighting } from './forecast.ts';
import { gatedScore } from './gate.ts';
import type { Glimpse } from './scout.ts';

/** One judged encode. */
export interface Candidate extends Judgement {
  data: Uint8Array;
  quality: number;
}

export interface SearchTask extends Pick<Evidence, 'curve' | 'growth' | 'spreads'> {
  /** Encodes at one of the levels. */
  encode(quality: number): Promise<Uint8Array>;
  judge(data: Uint8Array): Promise<Judgement>;
  /** What a sample of the image says of a quality; missing where there is none. */
  glimpse?: Glimpse | undefined;
  /** Whether that costs next to nothing. */
  glimpsesCheaply: boolean;
  /** What a tile says of a quality, which does; undefined where it is too much of the image. */
  closeUp?(tile: Tile): Glimpse | undefined;
  /** The qualities that differ, rising. */
  levels: number[];
  /** Whether scores say nothing of those at other qualities, so that halving what is left is the best guess. */
  bisects?: boolean;
  /** The quality to judge first, where that is not for the forecast to say. */
  start?: number;
  floor: number;
  /** A winner is left alone after so many evaluations. */
  enoughEvaluations: number;
  /** A candidate that misses the floor and is at least this large ends the search: what passes would be larger still. */
  budgetBytes: number;
  signal?: AbortSignal;
}

export interface SearchResult {
  /** The smallest candidate that passed the floor, whatever its size; null when none did. */
  best: Candidate | null;
  /** The best-scoring candidate that missed the floor. */
  runnerUp: Candidate | null;
  /** Whether the search ended because passing would cost more than the budget. */
  overBudget: boolean;
  /** Every candidate, in the order of judging. */
  judged: Candidate[];
}

/** Where none has passed the search goes on to here: a guard against scores that are not monotone at all. */
const MOST_EVALUATIONS = 8;
/** Levels between the best that missed and the winner that bisecting leaves untried. */
const BISECTED = 2;
/** How likely the next quality should pass, by the number of those judged before: bold at first, then safe. */
const CONFIDENCE = [0.55, 0.55, 0.7, 0.97];
/** Glimpses at a part of the image before each judgement of the whole. */
const MOST_GLIMPSES = { cheap: 4, dear: 3 };
/** A quality this many steps from one that was glimpsed at needs no glimpse of its own, where glimpses are dear. */
const CLOSE = 1;
/** Share of bytes that another evaluation must promise to save. */
const WORTHWHILE = 0.031;

/** How the search looks ahead: at a sample first, later at the tile that decides. */
interface Lookout {
  glimpse: Glimpse | undefined;
  isCheap: boolean;
  sampled: Sighting[];
}

export async function search(task: SearchTask): Promise<SearchResult> {
  const judged: Candidate[] = [];
  let lookout: Lookout = { glimpse: task.glimpse, isCheap: task.glimpsesCheaply, sampled: [] };
  let overBudget = false;
  for (
    let quality = task.start ?? (await lookAhead(task, judged, lookout));
    quality !== null;
    quality = await lookAhead(task, judged, lookout)
  ) {
    task.signal?.throwIfAborted();
    const data = await task.encode(quality);
    const candidate = { data, quality, ...(await task.judge(data)) };
    judged.push(candidate);
    overBudget = !passes(task, candidate) && data.length >= task.budgetBytes;
    if (overBudget) break;
    lookout = await lookCloser(task, judged, lookout);
  }
  return {
    best: smallest(judged.filter((candidate) => passes(task, candidate))),
    runnerUp: bestScoring(judged.filter((candidate) => !passes(task, candidate))),
    overBudget,
    judged,
  };
}

/** The quality to judge next, seen beforehand where that can be; null when the winner stands or nothing can pass. */
async function lookAhead(task: SearchTask, judged: Candidate[], lookout: Lookout): Promise<number | null> {
  const { glimpse, isCheap, sampled } = lookout;
  const most = sampled.length + (isCheap ? MOST_GLIMPSES.cheap : MOST_GLIMPSES.dear);
  for (;;) {
    const quality = chooseQuality(task, judged, sampled);
    const unseen = quality === null ? undefined : unseenAround(task.levels, quality, lookout);
    if (!glimpse || unseen === undefined || sampled.length >= most) return quality;
    sampled.push(await glimpse(unseen));
  }
}

/** What should be glimpsed at before a quality is judged: itself, and where that is cheap the one below, which may do too. */
function unseenAround(levels: number[], quality: number, { isCheap, sampled }: Lookout): number | undefined {
  const wanted = isCheap ? [quality, levels[levels.indexOf(quality) - 1] ?? quality] : [quality];
  const close = isCheap ? 0 : CLOSE;
  return wanted.find((each) => !sampled.some((seen) => Math.abs(seen.quality - each) <= close));
}

/** From the first judgement on it is known which tile decides; where that is no small part, the sample has said all it can. */
async function lookCloser(task: SearchTask, judged: Candidate[], lookout: Lookout): Promise<Lookout> {
  const { quality, worstTile } = judged.at(-1)!;
  const isOver = chooseQuality(task, judged, lookout.sampled) === null;
  const glimpse = isOver ? undefined : task.closeUp?.(worstTile);
  if (!glimpse) return { ...lookout, glimpse: undefined };
  return { glimpse, isCheap: true, sampled: [await glimpse(quality)] };
}

function passes({ floor }: SearchTask, candidate: Judgement): boolean {
  return gatedScore(candidate) >= floor;
}

/** What a search should find, before it has begun. */
export interface Expectation {
  /** Of the result, before it is packed for good; infinite when no quality should reach the floor. */
  bytes: number;
}

/** Null where there is no sample to tell. */
export async function expect(task: SearchTask): Promise<Expectation | null> {
  if (!task.glimpse) return null;
  const sampled: Sighting[] = [];
  const quality = await lookAhead(task, [], {
    glimpse: task.glimpse,
    isCheap: task.glimpsesCheaply,
    sampled,
  });
  const view = forecast({ ...task, sampled, judged: [] }, task.floor);
  const isWithinReach = quality !== null && view.passes(task.levels.at(-1)!) >= 0.5;
  return { bytes: isWithinReach ? view.bytes(quality) : Number.POSITIVE_INFINITY };
}

function chooseQuality(task: SearchTask, judged: Candidate[], sampled: Sighting[]): number | null {
  const { levels } = task;
  const at = ({ quality }: Candidate) => levels.indexOf(quality);
  const failed = judged.filter((candidate) => !passes(task, candidate)).map(at);
  const low = Math.max(-1, ...failed);
  const passed = judged.filter((candidate) => passes(task, candidate)).map(at);
  const high = Math.min(levels.length, ...passed.filter((level) => level > low));
  const hasWinner = high < levels.length;
  if (high - low <= 1 || judged.length >= (hasWinner ? task.enoughEvaluations : MOST_EVALUATIONS))
    return null;
  if (task.bisects && hasWinner)
    return high - low - 1 > BISECTED ? levels[Math.floor((low + high) / 2)]! : null;
  const view = forecast({ ...task, sampled, judged: judged.map(toSighting) }, task.floor);
  if (hasWinner && promise(view, levels[high]!, levels[high - 1]!) < WORTHWHILE) return null;
  const between = levels.slice(low + 1, high);
  const confidence = CONFIDENCE[Math.min(judged.length, CONFIDENCE.length - 1)]!;
  return between.find((quality) => view.passes(quality) >= confidence) ?? between.at(-1)!;
}

/** Share of bytes that trying a lower quality may be expected to save. */
function promise(view: Forecast, from: number, to: number): number {
  return view.passes(to) * view.saving(from, to);
}

function toSighting(candidate: Candidate): Sighting {
  return { quality: candidate.quality, score: gatedScore(candidate), bytes: candidate.data.length };
}

function smallest(candidates: Candidate[]): Candidate | null {
  return candidates.reduce<Candidate | null>(
    (best, candidate) => (best && best.data.length <= candidate.data.length ? best : candidate),
    null,
  );
}

function bestScoring(candidates: Candidate[]): Candidate | null {
  return candidates.reduce<Candidate | null>(
    (best, candidate) => (best && gatedScore(best) >= gatedScore(candidate) ? best : candidate),
    null,
  );
}
