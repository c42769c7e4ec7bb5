/**
 * Records an animation in one format, a frame at a time: each is encoded, drawn on what viewers of the result will
 * have before them, and judged there. Only what passes is kept, so that no frame's fault is passed on unseen.
 */
import type { Delay } from '../codecs/animation.ts';
import type { Pixels, Reason } from '../contract.ts';
import { gatedScore, mostJnd } from '../gate.ts';
import { type Canvas, createCanvas } from './canvas.ts';
import type { FrameJudge, FrameVerdict } from './frame-judge.ts';
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
interface Attempt {
  coded: Coded;
  /** Null when it was encoded exactly. */
  quality: number | null;
  /** Points above what is asked. */
  margin: number;
}

const FIRST_QUALITY = 75;
/** Attempts at the first frame, and at the later ones, which begin where the one before ended. */
const MOST_ATTEMPTS = { first: 6, later: 4 };
/** Points above the floor that are aimed at: later frames inherit what this one leaves standing. */
const HEADROOM = 0.3;
/** More points above the floor than this are worth another attempt at once; */
const TOO_GOOD = 4;
/** points by which a step of quality changes the score, in guesses up and down. */
const POINTS_A_STEP = { up: 0.45, down: 0.7 };
/** What misses only by being seen counts as so many points short. */
const SEEN = -1.5;

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
    kept.coded.keep();
    if (kept.quality !== null) lowest = Math.min(lowest ?? 100, kept.quality);
    if (recorder.bytes() >= budgetBytes) return { miss: floor === null ? 'already-optimal' : 'no-gain' };
  }
  return { data: recorder.finish(), quality: lowest };

  function encode(take: Take, on: Canvas, isFirst: boolean): Promise<Attempt | null> {
    if (quality !== undefined && recorder.lossy) return attempt(take, on, quality, false);
    return floor === null || !recorder.lossy ? exactly(take, on) : search(take, on, isFirst);
  }

  /** The lowest quality that passes, as far as a few attempts can tell; where none does, the exact frame, if it can be. */
  async function search(take: Take, on: Canvas, isFirst: boolean): Promise<Attempt | null> {
    let best: Attempt | null = null;
    let [low, high, next] = [0, 101, start];
    for (let left = isFirst ? MOST_ATTEMPTS.first : MOST_ATTEMPTS.later; left > 0 && high - low > 1; left--) {
      const tried = await attempt(take, on, next, false);
      if (!tried) return null;
      if (tried.margin >= 0 && (!best || tried.coded.bytes <= best.coded.bytes)) best = tried;
      if (tried.margin >= 0) high = next;
      else low = next;
      start = clamp(next - stepFor(tried.margin), 1, 100);
      const isGoodEnough = tried.margin >= 0 && tried.margin < (isFirst ? 1 : TOO_GOOD);
      if (isGoodEnough || (best && !isFirst && tried.margin < 0)) break;
      next = clamp(next - stepFor(tried.margin), low + 1, high - 1);
    }
    if (best) return best;
    start = 90;
    const last = await attempt(take, on, 90, true);
    if (last && last.margin >= 0) return last;
    return (await exactly(take, on)) ?? (takesAny ? last : null);

    function stepFor(margin: number): number {
      if (margin < HEADROOM) return -Math.ceil((HEADROOM - margin) / POINTS_A_STEP.up);
      return Math.floor((margin - HEADROOM) / POINTS_A_STEP.down);
    }
  }

  /** Drawn over what is there if that is exact too, else afresh. */
  async function exactly(take: Take, on: Canvas): Promise<Attempt | null> {
    for (const afresh of [false, true]) {
      const coded = await recorder.code(take, null, afresh);
      if (!coded) return null;
      on.draw(coded.patch);
      const isExact = Buffer.compare(on.data, take.frame) === 0;
      on.undo();
      if (isExact) return { coded, quality: null, margin: Number.POSITIVE_INFINITY };
    }
    return null;
  }

  async function attempt(take: Take, on: Canvas, at: number, afresh: boolean): Promise<Attempt | null> {
    const coded = await recorder.code(take, at, afresh);
    if (!coded) return null;
    on.draw(coded.patch);
    const verdict = judge.judge({ ...on, channels: 4 });
    on.undo();
    return { coded, quality: at, margin: marginOf(verdict, floor ?? 0) };
  }
}

function marginOf(verdict: FrameVerdict, floor: number): number {
  const points = gatedScore(verdict) - floor;
  return verdict.visibility.jnd <= mostJnd(floor) ? points : Math.min(points, SEEN);
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
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
