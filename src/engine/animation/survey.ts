/** Looks an animation over once, before anything is written: what colours it has, how much of it changes. */
import { wordsOf } from '../codecs/bytes.ts';
import type { Transforms } from '../contract.ts';
import type { Source } from '../inspect.ts';

import { play } from './play.ts';

export interface Survey {
  width: number;
  height: number;
  frames: number;
  /** Colours of changed pixels, RGBA as numbers, and how many pixels have each; past `MOST_COUNTED` only the first ones. */
  counts: Map<number, number>;
  /** Whether `counts` has them all. */
  isComplete: boolean;
  /** Pixels that change from frame to frame, the first one's included. */
  changedPixels: number;
  isOpaque: boolean;
  isGrey: boolean;
  /** Whether pixels are shown in full or not at all. */
  isBinary: boolean;
}

/** Colours that are told apart. */
const MOST_COUNTED = 8192;

/** @throws Decline as `play` does. */
export async function survey(source: Source, transforms: Transforms): Promise<Survey> {
  const found: Survey = {
    width: 0,
    height: 0,
    frames: 0,
    counts: new Map(),
    isComplete: true,
    changedPixels: 0,
    isOpaque: true,
    isGrey: true,
    isBinary: true,
  };
  let before: Uint8Array | null = null;
  for await (const { pixels } of play(source, transforms)) {
    Object.assign(found, { width: pixels.width, height: pixels.height });
    before ??= new Uint8Array(pixels.data.length);
    countChanges(pixels.data, found.frames === 0 ? null : before, found);
    before.set(pixels.data);
    found.frames++;
  }
  return found;
}

function countChanges(frame: Uint8Array, before: Uint8Array | null, found: Survey): void {
  const now = wordsOf(frame);
  const then = before && wordsOf(before);
  let [colour, run] = [-1, 0];
  for (let at = 0; at < now.length; at++) {
    if (then && now[at] === then[at]) continue;
    found.changedPixels++;
    if (now[at] === colour) {
      run++;
      continue;
    }
    count(found, colour, run);
    [colour, run] = [now[at]!, 1];
    note(found, frame, at * 4);
  }
  count(found, colour, run);
}

/** Fully transparent pixels are no colour. */
function count(found: Survey, colour: number, pixels: number): void {
  if (colour === 0 || pixels === 0) return;
  const known = found.counts.get(colour);
  if (known === undefined && found.counts.size >= MOST_COUNTED) found.isComplete = false;
  else found.counts.set(colour, (known ?? 0) + pixels);
}

function note(found: Survey, frame: Uint8Array, at: number): void {
  const alpha = frame[at + 3]!;
  if (alpha < 255) found.isOpaque = false;
  if (alpha > 0 && alpha < 255) found.isBinary = false;
  if (frame[at] !== frame[at + 1] || frame[at] !== frame[at + 2]) found.isGrey = false;
}
