/**
 * What every animated format's reader and writer speak in: rectangles drawn one after the other onto a canvas. How they
 * are drawn is `../animation/canvas.ts`'s to know.
 */
import type { Rectangle } from '../contract.ts';

/** How long a frame stands, in seconds, as the fraction that the file has: formats count in different units. */
export interface Delay {
  numerator: number;
  denominator: number;
}

/** One frame as a file stores it. */
export interface Patch extends Rectangle {
  /** RGBA of 8 bits with straight alpha, `width` x `height`, top to bottom. */
  data: Uint8Array;
  /** `over` lets the canvas shine through, `replace` takes its place, transparency included. */
  blend: 'over' | 'replace';
  /** What becomes of the canvas afterwards: it stays, the rectangle is cleared, or it is as it was before. */
  dispose: 'keep' | 'clear' | 'restore';
  delay: Delay;
}

export interface Animation {
  /** Of the canvas. */
  width: number;
  height: number;
  frames: number;
  /** How often it plays; 0 for ever. */
  plays: number;
  /** Decoded one by one, so that no more than one need be held. Throws Decline `corrupt`. */
  patches(): AsyncIterable<Patch> | Iterable<Patch>;
}

/** How an animation moves beside the one that it is held against. */
export interface Pace {
  /** From its first picture to the end of its last. */
  seconds: number;
  /** How often it plays; 0 for ever. */
  plays: number;
  /** What is first found to differ, in words; null where it moves as the other does. */
  difference: string | null;
}

/** In whole units of so many a second; fractions are rounded. */
export function delayIn({ numerator, denominator }: Delay, unitsPerSecond: number): number {
  return Math.round((numerator * unitsPerSecond) / denominator);
}

/** E.g. `for ever`. @param plays 0 for ever, as `Animation` has it. */
export function timesInWords(plays: number): string {
  return plays === 0 ? 'for ever' : plays === 1 ? 'once' : `${plays} times`;
}
