/**
 * When each picture of an animation appears and how often all of them are played: told in a format's own units, and held
 * against the animation that another was made of. What the pictures look like is others' business.
 */
import { type Delay, delayIn, type Pace, timesInWords } from '../codecs/animation.ts';
import { GIF_UNITS_PER_SECOND } from '../codecs/gif/animation.ts';
import { WEBP_UNITS_PER_SECOND } from '../codecs/webp/animation.ts';
import type { MovingFormat, Shown } from './play.ts';

/** PNG has any fraction that two numbers of 16 bits make; nobody sees less than this. */
const PNG_UNITS_PER_SECOND = 1000;
const UNITS_PER_SECOND: Record<MovingFormat, number> = {
  gif: GIF_UNITS_PER_SECOND,
  webp: WEBP_UNITS_PER_SECOND,
  png: PNG_UNITS_PER_SECOND,
};
/** More cannot be told; 0 stands for ever. */
const MOST_PLAYS: Record<MovingFormat, number> = { gif: 0x1_0000, webp: 0xffff, png: 0xffff_ffff };
/** Browsers show what should stand for no longer than this ten times as long. */
const QUICK_SECONDS = 0.01;
/** What sums of fractions are off by. */
const ROUNDING = 1e-9;

export interface PaceWatch {
  /** Takes for how many seconds the next picture stands in each. */
  shows(reference: number, candidate: number): void;
  /** Of the candidate, once all was shown. */
  pace(): Pace;
}

export function secondsOf({ numerator, denominator }: Delay): number {
  return numerator / denominator;
}

/** The same frames, with delays in whole units of a format, so rounded that each begins as near as can be to its time. */
export async function* paced(frames: AsyncIterable<Shown>, format: MovingFormat): AsyncGenerator<Shown> {
  if (format === 'png') {
    yield* frames;
    return;
  }
  const units = UNITS_PER_SECOND[format];
  let [due, told] = [0, 0];
  for await (const { pixels, delay } of frames) {
    due += (delay.numerator * units) / delay.denominator;
    const numerator = asQuick(Math.max(0, Math.round(due - ROUNDING) - told), delay, units);
    told += numerator;
    yield { pixels, delay: { numerator, denominator: units } };
  }
}

/** Rounding makes nothing quick that is not, nor the other way round. */
function asQuick(wanted: number, delay: Delay, units: number): number {
  const most = delayIn({ numerator: 1, denominator: 100 }, units);
  return isQuick(secondsOf(delay)) ? Math.min(wanted, most) : Math.max(wanted, most + 1);
}

function isQuick(seconds: number): boolean {
  return seconds <= QUICK_SECONDS + ROUNDING;
}

/**
 * @param format of the candidate: its pictures may appear less than a unit before or after their time.
 * @param plays how often each plays.
 */
export function watchPace(format: MovingFormat, plays: { reference: number; candidate: number }): PaceWatch {
  const unit = 1 / UNITS_PER_SECOND[format];
  let [due, told, pictures] = [0, 0, 0];
  let difference: string | null = null;
  return {
    shows(reference, candidate) {
      due += reference;
      told += candidate;
      pictures++;
      const isLate = Math.abs(told - due) > unit - ROUNDING || isQuick(reference) !== isQuick(candidate);
      if (isLate)
        difference ??= `Frame ${pictures} stands for ${inWords(candidate)} instead of ${inWords(reference)}`;
    },
    pace() {
      // One picture looks the same however long it stands.
      if (pictures < 2) return { seconds: told, plays: plays.candidate, difference: null };
      return { seconds: told, plays: plays.candidate, difference: difference ?? playsDiffer(format, plays) };
    },
  };
}

function playsDiffer(
  format: MovingFormat,
  { reference, candidate }: { reference: number; candidate: number },
): string | null {
  const isSame = candidate === Math.min(reference, MOST_PLAYS[format]);
  return isSame ? null : `It plays ${timesInWords(candidate)} instead of ${timesInWords(reference)}`;
}

function inWords(seconds: number): string {
  return `${Number(seconds.toFixed(4))} s`;
}

/** Frames that look the same, one after the other, as one that stands for as long as all of them. */
export async function* withoutRepeats(frames: AsyncIterable<Shown>): AsyncGenerator<Shown> {
  let held: Shown | null = null;
  for await (const { pixels, delay } of frames) {
    if (held && Buffer.compare(held.pixels.data, pixels.data) === 0) {
      held.delay = sum(held.delay, delay);
      continue;
    }
    if (held) yield held;
    held = { pixels: { ...pixels, data: Uint8Array.from(pixels.data) }, delay };
  }
  if (held) yield held;
}

function sum(a: Delay, b: Delay): Delay {
  if (a.denominator === b.denominator) return { ...a, numerator: a.numerator + b.numerator };
  return { numerator: secondsOf(a) + secondsOf(b), denominator: 1 };
}
