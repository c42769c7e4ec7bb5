/**
 * Records an animation in one format, a frame at a time: each is encoded, drawn on what viewers of the result will
 * have before them, and judged there. Only what passes is kept, so that no frame's fault is passed on unseen.
 */
import type { Delay } from '../codecs/animation.ts';
import type { Pixels, Reason } from '../contract.ts';
import { gatedScore, mostJnd } from '../gate.ts';
import { type Canvas, createCanvas } from './canvas.ts';
import type { FrameJudge, FrameVerdict } from './frame-judge.ts';
import { lowestPassing, type Tried } from './frame-search.ts';
import type { Shown } from './play.ts';
import type { Coded, Recorder, Take } from './recorder.ts';

export interface Goal {
  /** Null to be exact. */
  floor: number | null;
  /** The quality of every frame, where the caller chose it. */
  quality: number | undefined;
  /** Whether a frame is kept at its best where nothing passes. */
  takesAny: boolean;
  /** It is given up once it has so many bytes. */
  budgetBytes: number;
  judge: FrameJudge;
  signal: AbortSignal | undefined;
}

export interface Recording {
  data: Uint8Array;
  /** The lowest of any frame; null when all are exact. */
  quality: number | null;
}

/** A frame encoded in one way, and how it looks. */
interface Attempt extends Tried {
  coded: Coded;
  /** Null when it was encoded exactly. */
  quality: number | null;
}

const FIRST_QUALITY = 75;
/** Tries at the first frame, and at the later ones, which begin where the one before ended. */
const MOST_TRIES = { first: 8, later: 6 };
/** What a frame is drawn afresh with where nothing on what is there passes. */
const AFRESH_QUALITY = 90;
/** What is seen too much counts as so many points short for each just noticeable difference. */
const POINTS_A_JND = 15;

/** @throws the signal's reason; Decline as the frames do. */
export async function record(
  frames: AsyncIterable<Shown>,
  recorder: Recorder,
  { floor, quality, takesAny, budgetBytes, judge, signal }: Goal,
): Promise<Recording | { miss: Reason }> {
  let canvas: Canvas | null = null;
  let lowest: number | null = null;
  let start = FIRST_QUALITY;
  for await (const { take, pixels } of withNeighbours(frames)) {
    signal?.throwIfAborted();
    canvas ??= createCanvas(pixels.width, pixels.height);
    canvas.turnOver();
    judge.expect(pixels);
    const kept = await encode({ ...take, canvas: canvas.data }, canvas, take.before === null);
    if (!kept) return { miss: floor === null ? 'unsupported' : 'below-floor' };
    canvas.draw(kept.coded.patch);
    await kept.coded.keep();
    if (kept.quality !== null) lowest = Math.min(lowest ?? 100, kept.quality);
    if (recorder.bytes() >= budgetBytes) return { miss: floor === null ? 'already-optimal' : 'no-gain' };
  }
  return { data: recorder.finish(), quality: lowest };

  function encode(take: Take, on: Canvas, isFirst: boolean): Promise<Attempt | null> {
    if (quality !== undefined && recorder.lossy) return attempt(take, on, quality, false);
    return floor === null || !recorder.lossy ? exactly(take, on) : search(take, on, isFirst);
  }

  /** The lowest quality that passes, or the exact frame where that is smaller or nothing else passes. */
  async function search(take: Take, on: Canvas, isFirst: boolean): Promise<Attempt | null> {
    const most = isFirst ? MOST_TRIES.first : MOST_TRIES.later;
    const found = await lowestPassing((at) => attempt(take, on, at, false), start, most);
    if (found) {
      start = found.quality;
      return (recorder.rivalsItself ? null : await exactly(take, on, found.bytes)) ?? found;
    }
    start = AFRESH_QUALITY;
    const last = await attempt(take, on, AFRESH_QUALITY, true);
    if (last && last.margin >= 0) return last;
    return (await exactly(take, on)) ?? (takesAny ? last : null);
  }

  /** Drawn over what is there if that is exact too, else afresh. */
  async function exactly(
    take: Take,
    on: Canvas,
    lessThan = Number.POSITIVE_INFINITY,
  ): Promise<Attempt | null> {
    for (const afresh of [false, true]) {
      const coded = await recorder.code(take, null, afresh, lessThan);
      if (!coded || coded.bytes >= lessThan) return null;
      on.draw(coded.patch);
      const isExact = Buffer.compare(on.data, take.frame) === 0;
      on.undo();
      if (isExact) return { coded, bytes: coded.bytes, quality: null, margin: Number.POSITIVE_INFINITY };
    }
    return null;
  }

  async function attempt(take: Take, on: Canvas, at: number, afresh: boolean): Promise<Attempt | null> {
    const coded = await recorder.code(take, at, afresh);
    if (!coded) return null;
    on.draw(coded.patch);
    const verdict = judge.judge({ ...on, channels: 4 });
    on.undo();
    return { coded, bytes: coded.bytes, quality: at, margin: marginOf(verdict, floor ?? 0) };
  }
}

function marginOf(verdict: FrameVerdict, floor: number): number {
  const unseen = (mostJnd(floor) - verdict.visibility.jnd) * POINTS_A_JND;
  return Math.min(gatedScore(verdict) - floor, unseen < 0 ? unseen : Number.POSITIVE_INFINITY);
}

/** Each frame with those before and behind it; they hold until the next is asked for. */
async function* withNeighbours(
  frames: AsyncIterable<Shown>,
): AsyncGenerator<{ take: Omit<Take, 'canvas'>; pixels: Pixels }> {
  const ring: Uint8Array[] = [];
  let now: { pixels: Pixels; delay: Delay } | null = null;
  let before: Uint8Array | null = null;
  let count = 0;
  for await (const { pixels, delay } of frames) {
    const at = count++ % 3;
    ring[at] ??= new Uint8Array(pixels.data.length);
    ring[at].set(pixels.data);
    const next = { pixels: { ...pixels, data: ring[at] }, delay };
    if (now)
      yield {
        take: { before, frame: now.pixels.data, next: next.pixels.data, delay: now.delay },
        pixels: now.pixels,
      };
    before = now?.pixels.data ?? null;
    now = next;
  }
  if (now)
    yield { take: { before, frame: now.pixels.data, next: null, delay: now.delay }, pixels: now.pixels };
}
