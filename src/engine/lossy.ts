/**
 * The smallest lossy result of one codec that passes: its encoders compete by what a sample promises, the search
 * (`search.ts`) finds the quality, and the winner is packed for good. Whether it ships is `attempt.ts`'s to say.
 */
import { type Codec, encodersOf, type LossyEncoder } from './codecs/codec.ts';
import type { EffortLevel, Judgement, PixelFormat, Reason, Visibility } from './contract.ts';
import { gatedScore, mostJnd } from './gate.ts';
import { learnedOf, valueAt } from './learned.ts';
import { medianCurve } from './median-curve.ts';
import { type Candidate, type Expectation, expect, type SearchTask, search } from './search.ts';
import type { Subject } from './subject.ts';

/** Bytes that have been judged. */
export interface Judged extends Judgement {
  data: Uint8Array;
  encoder: string;
  quality: number | null;
  /** Where it was measured already. */
  visibility?: Visibility;
  /** Where they are not the reference's. */
  width?: number;
  height?: number;
}

/** A winner is left alone after `enough` evaluations of all encoders together, but not before `least` of its own. */
const EVALUATIONS: Record<EffortLevel, { enough: number; least: number }> = {
  fast: { enough: 1, least: 1 },
  usual: { enough: 4, least: 3 },
  thorough: { enough: 6, least: 5 },
};
/** Of a hundred qualities, halved so often, hardly any are left. */
const BISECTIONS = 7;
/** What should take this many times its budget is not tried: expectations of bytes are far closer than that. */
const HOPELESS = 1.2;
/** An encoder is tried beside a result when it should take less than this share of its bytes. */
const CLEARLY_SMALLER = 0.97;
/** Points by which the floor is raised where a result that reached it would be seen, and how often. */
const RAISE = 2;
const MOST_RAISES = 4;
/** Without a sample: up to this quality an encoder's variants are larger at equal looks (JPEG 4:2:0 against 4:4:4, by measurement). */
const VARIANTS_WORTH_TRYING = 92;

/** @param budgetBytes a result must have fewer bytes than this. */
export async function smallestLossy(
  codec: Codec,
  subject: Subject,
  budgetBytes: number,
): Promise<Judged | { miss: Reason }> {
  let best: Judged | null = null;
  let overBudget = false;
  const before = subject.judge.evaluations();
  const { effort } = subject.options;
  const prospects = await promising(codec, subject);
  for (const [at, { encoder, expectation }] of prospects.entries()) {
    if (best && (effort === 'fast' || !mayBeat(best, expectation, effort))) break;
    if (isHopeless(expectation, budgetBytes)) {
      overBudget = true;
      continue;
    }
    const room = best?.data.length ?? budgetBytes;
    const rivalBytes = (prospects[at + 1]?.expectation?.bytes ?? Number.POSITIVE_INFINITY) / CLEARLY_SMALLER;
    const spent = subject.judge.evaluations() - before;
    const task = searchTask(codec.format, encoder, subject, Math.min(room, rivalBytes));
    const { enough, least } = EVALUATIONS[effort];
    if (!encoder.bisects) task.enoughEvaluations = Math.max(least, enough - spent);
    const found = await searchOutOfSight(codec, encoder, subject, task);
    overBudget ||= found.overBudget || found.result !== null;
    if (found.result && found.result.data.length < room) best = found.result;
  }
  return best ?? { miss: overBudget ? 'no-gain' : 'below-floor' };
}

interface Found {
  result: Judged | null;
  overBudget: boolean;
}

/** What the search finds at the floor; where people should see it all the same, what it finds at a higher one. */
async function searchOutOfSight(
  codec: Codec,
  encoder: LossyEncoder,
  subject: Subject,
  task: SearchTask,
): Promise<Found> {
  const limit = mostJnd(task.floor);
  let { floor } = task;
  for (let raised = 0; raised <= MOST_RAISES; raised++) {
    const { best, overBudget } = await search({ ...task, floor });
    if (!best) return { result: null, overBudget };
    const result = await finish(codec, encoder, subject, best);
    const { jnd } = await subject.judge.visibility(result.data, result.score);
    if (jnd <= limit) return { result, overBudget };
    if (result.data.length >= task.budgetBytes) return { result: null, overBudget: true };
    floor = gatedScore(result) + RAISE;
  }
  return { result: null, overBudget: false };
}

/** For a caller who wants a result even where none passes: the smallest that does, else the best looking. */
export async function bestLossy(codec: Codec, subject: Subject): Promise<Judged> {
  const encoder = encodersOf(codec, subject.options)[0]!;
  const result = await search(searchTask(codec.format, encoder, subject, Number.POSITIVE_INFINITY));
  return finish(codec, encoder, subject, result.best ?? result.runnerUp!);
}

interface Prospect {
  encoder: LossyEncoder;
  /** Null where nothing can be known without encoding the whole image. */
  expectation: Expectation | null;
}

/** A codec's encoders, the one that should give the fewest bytes first. */
async function promising(codec: Codec, subject: Subject): Promise<Prospect[]> {
  const prospects: Prospect[] = [];
  for (const encoder of encodersOf(codec, subject.options)) {
    const task = searchTask(codec.format, encoder, subject, Number.POSITIVE_INFINITY);
    prospects.push({
      encoder,
      expectation: (await expect(task)) ?? (await expectOfLossless(encoder, subject)),
    });
  }
  return prospects.sort((a, b) => (a.expectation?.bytes ?? 0) - (b.expectation?.bytes ?? 0));
}

async function expectOfLossless(
  { shareOfLossless }: LossyEncoder,
  { scout }: Subject,
): Promise<Expectation | null> {
  const bytes = shareOfLossless === undefined ? null : await scout.losslessBytes();
  return bytes === null ? null : { bytes: bytes * shareOfLossless! };
}

/** What should not reach the floor at all is tried all the same: only an encode can say so for certain. */
function isHopeless(expectation: Expectation | null, budgetBytes: number): boolean {
  return (
    expectation !== null && expectation.bytes > budgetBytes * HOPELESS && Number.isFinite(expectation.bytes)
  );
}

/** Whether an encoder is worth trying beside a result, which may have become larger than was expected of it. */
function mayBeat({ quality, data }: Judged, expectation: Expectation | null, effort: EffortLevel): boolean {
  if (expectation) return expectation.bytes < data.length * CLEARLY_SMALLER;
  return effort === 'thorough' || (quality ?? 0) > VARIANTS_WORTH_TRYING;
}

function searchTask(
  format: PixelFormat,
  encoder: LossyEncoder,
  { pixels, embedded, judge, scout, options, signal }: Subject,
  budgetBytes: number,
): SearchTask {
  const { curve, growth, suspects, spreads } = learnedOf(format, encoder);
  return {
    encode: (quality) => encoder.encode(pixels, quality, 'search', embedded),
    encodesSlowly: encoder.hurries,
    judge: judge.judge,
    glimpse: scout.glimpse(format, encoder),
    suspects: suspects && ((glimpsed) => scout.suspects(format, encoder, glimpsed)),
    closeUp: (tile) => scout.closeUp(format, encoder, tile),
    curve: medianCurve(curve),
    growth: (quality) => valueAt(growth, quality),
    spreads,
    levels: levelsOf(encoder),
    start: encoder.start,
    bisects: encoder.bisects,
    floor: options.floor,
    enoughEvaluations:
      encoder.bisects && options.effort !== 'fast' ? BISECTIONS : EVALUATIONS[options.effort].enough,
    budgetBytes,
    signal,
  };
}

function levelsOf({ qualities: { min, max }, repeats }: LossyEncoder): number[] {
  const all = Array.from({ length: max - min + 1 }, (_, at) => min + at);
  return all.filter((quality) => !repeats?.has(quality));
}

/** How an encoder is named in reports. */
export function nameOf(codec: Codec, encoder: LossyEncoder): string {
  return `${encoder.encoder ?? codec.encoder} ${encoder.variant}`;
}

/**
 * Packs the winner as tightly as the encoder can, where that time is to be spent, and judges those bytes too; the
 * winner's own bytes are the fallback.
 */
async function finish(
  codec: Codec,
  encoder: LossyEncoder,
  subject: Subject,
  winner: Candidate,
): Promise<Judged> {
  const { pixels, embedded, judge, options } = subject;
  const facts = { encoder: nameOf(codec, encoder), quality: winner.quality };
  if (!encoder.packs || options.effort === 'fast') return { ...winner, ...facts };
  const data = await encoder.encode(pixels, winner.quality, 'final', embedded);
  const judgement = await judge.judge(data);
  const holds = gatedScore(judgement) >= Math.min(options.floor, gatedScore(winner));
  if (holds && data.length <= winner.data.length) return { data, ...facts, ...judgement };
  return { ...winner, ...facts };
}
