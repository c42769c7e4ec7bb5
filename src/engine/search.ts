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
  /** Whether that takes far longer than to judge. */
  encodesSlowly?: boolean;
  judge(data: Uint8Array): Promise<Judgement>;
  /** What a sample of the image says of a quality; missing where there is none. */
  glimpse?: Glimpse | undefined;
  /** What the tiles say that looked worst in the sample at a quality that was glimpsed at; undefined where they are too much of the image. */
  suspects?: ((glimpsed: number) => Glimpse | undefined) | undefined;
  /** What the tile says that decided a judgement; undefined where it is too much of the image. */
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
/** How likely the next quality should pass, by the number of those judged before: bold at first, then safe. */
const CONFIDENCE = [0.5, 0.5, 0.7, 0.97];
/** Share of bytes that another evaluation must promise to save: more where its encode takes long. */
const WORTHWHILE = { quick: 0.028, slow: 0.055 };
/** A winner above the budget is worth nothing: what would be below it is tried where it may pass as likely as this. */
const FAIR_CHANCE = 0.2;
/** Levels between the best that missed and the winner that bisecting leaves untried. */
const BISECTED = 2;
/**
 * How closely each view is looked at before a judgement: `most` glimpses, none of a quality that is `near` steps from one
 * that was seen; where the tile that decides is in sight, at the quality below as well, which may do too.
 */
const LOOKS = {
  overview: { most: 2, near: 2, below: 0 },
  sample: { most: 3, near: 1, below: 0 },
  suspects: { most: 2, near: 1, below: 0 },
  tile: { most: 4, near: 0, below: 1 },
};

/** How the search looks ahead: at a sample first, then at what looked worst in it, later at the tile that decides. */
interface Lookout {
  view: keyof typeof LOOKS;
  glimpse: Glimpse | undefined;
  sampled: Sighting[];
}

export async function search(task: SearchTask): Promise<SearchResult> {
  const judged: Candidate[] = [];
  let lookout = await lookAround(task);
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

/** Before anything is judged: a sample of all, and then what looked worst in it. */
async function lookAround(task: SearchTask): Promise<Lookout> {
  const sample = sampleOf(task);
  const quality = task.glimpse ? await lookAhead(task, [], sample) : null;
  const suspects = quality === null ? undefined : task.suspects?.(sample.sampled.at(-1)!.quality);
  return suspects ? { view: 'suspects', glimpse: suspects, sampled: [await suspects(quality!)] } : sample;
}

/** All that there is to see where nothing is suspected, and an overview where suspects are looked at next. */
function sampleOf({ glimpse, suspects }: SearchTask): Lookout {
  return { view: suspects ? 'overview' : 'sample', glimpse, sampled: [] };
}

/** The quality to judge next, seen beforehand where that can be; null when the winner stands or nothing can pass. */
async function lookAhead(task: SearchTask, judged: Candidate[], lookout: Lookout): Promise<number | null> {
  const { view, glimpse, sampled } = lookout;
  const most = sampled.length + LOOKS[view].most;
  for (;;) {
    const quality = chooseQuality(task, judged, lookout);
    const unseen = quality === null ? undefined : unseenAround(task.levels, quality, lookout);
    if (!glimpse || unseen === undefined || sampled.length >= most) return quality;
    sampled.push(await glimpse(unseen));
  }
}

/** What should be glimpsed at before a quality is judged. */
function unseenAround(levels: number[], quality: number, { view, sampled }: Lookout): number | undefined {
  const { near, below } = LOOKS[view];
  const at = levels.indexOf(quality);
  const isSeen = (level: number) =>
    sampled.some((seen) => Math.abs(levels.indexOf(seen.quality) - level) <= near);
  const wanted = [at, Math.max(0, at - below)].find((level) => !isSeen(level));
  return wanted === undefined ? undefined : levels[wanted];
}

/** From the first judgement on it is known which tile decides; where that is no small part, the other views have said all they can. */
async function lookCloser(task: SearchTask, judged: Candidate[], lookout: Lookout): Promise<Lookout> {
  const { quality, worstTile } = judged.at(-1)!;
  const isOver = chooseQuality(task, judged, lookout) === null;
  const glimpse = isOver ? undefined : task.closeUp?.(worstTile);
  if (!glimpse) return { ...lookout, glimpse: undefined };
  return { view: 'tile', glimpse, sampled: [await glimpse(quality)] };
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
  const lookout = sampleOf(task);
  const quality = await lookAhead(task, [], lookout);
  const view = foresee(task, [], lookout);
  const isWithinReach = quality !== null && view.passes(task.levels.at(-1)!) >= 0.5;
  return { bytes: isWithinReach ? view.bytes(quality) : Number.POSITIVE_INFINITY };
}

function chooseQuality(task: SearchTask, judged: Candidate[], lookout: Lookout): number | null {
  const { levels } = task;
  const at = ({ quality }: Candidate) => levels.indexOf(quality);
  const failed = judged.filter((candidate) => !passes(task, candidate)).map(at);
  const low = Math.max(-1, ...failed);
  const passed = judged.filter((candidate) => passes(task, candidate)).map(at);
  const high = Math.min(levels.length, ...passed.filter((level) => level > low));
  const winner = judged.find((candidate) => at(candidate) === high);
  const isAffordable = winner !== undefined && winner.data.length < task.budgetBytes;
  if (high - low <= 1 || judged.length >= (isAffordable ? task.enoughEvaluations : MOST_EVALUATIONS))
    return null;
  if (task.bisects && winner) return high - low - 1 > BISECTED ? levels[Math.floor((low + high) / 2)]! : null;
  const view = foresee(task, judged, lookout);
  const between = levels.slice(low + 1, high);
  if (winner && !isAffordable) return dearestAffordable(task, view, between);
  const confidence = CONFIDENCE[Math.min(judged.length, CONFIDENCE.length - 1)]!;
  const next = between.find((quality) => view.passes(quality) >= confidence) ?? between.at(-1)!;
  if (!winner) return next;
  // Of leaps that take long, the surest step alone must be worth it.
  const [step, worthwhile] = task.encodesSlowly
    ? [between.at(-1)!, WORTHWHILE.slow]
    : [next, WORTHWHILE.quick];
  return promise(view, winner.quality, step) < worthwhile ? null : next;
}

/** The highest quality that should take less than the budget; null where it would hardly pass. */
function dearestAffordable({ budgetBytes }: SearchTask, view: Forecast, qualities: number[]): number | null {
  const highest = qualities.findLast((quality) => view.bytes(quality) < budgetBytes);
  return highest !== undefined && view.passes(highest) >= FAIR_CHANCE ? highest : null;
}

/** Share of bytes that trying a lower quality may be expected to save. */
function promise(view: Forecast, from: number, to: number): number {
  return view.passes(to) * view.saving(from, to);
}

function foresee(task: SearchTask, judged: Candidate[], { view, sampled }: Lookout): Forecast {
  // A tile is looked at once something was judged, and then it is that which says how sure a forecast is.
  const of = view === 'suspects' || view === 'tile' ? 'suspects' : 'sample';
  return forecast({ ...task, sampled, view: of, judged: judged.map(toSighting) }, task.floor);
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
