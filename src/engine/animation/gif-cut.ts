/** Cuts frames to what a GIF must draw: a rectangle, its pixels, what becomes of them; and in as many colours as it can have. */
import type { Animation, Patch } from '../codecs/animation.ts';
import { wordsOf } from '../codecs/bytes.ts';
import type { StoredPatch } from '../codecs/gif/animation.ts';
import { inFewerColours, inFull } from '../codecs/gif/gif.ts';
import type { Rectangle } from '../contract.ts';
import { createCanvas } from './canvas.ts';
import { boundsOf, isNear, union } from './changes.ts';
import type { Take } from './recorder.ts';

/** How much fewer pixels must change, for the next frame to begin on another canvas than this one's. */
const CLEARLY_FEWER = 0.8;
const MOST_COLOURS = 256;

export type Shape = Pick<Animation, 'width' | 'height' | 'plays'>;

/** A frame cut to what is drawn of it. */
export interface Cut extends Rectangle {
  dispose: Patch['dispose'];
  /** The part's pixels, RGBA as numbers, 0 for transparent; and 1 where the canvas will do instead. */
  colours: Uint32Array;
  free: Uint8Array;
  /** Where the source's encoder threw its dictionary away, if these are the pixels that it wrote. */
  clears: number[] | null;
}

/**
 * The rectangle that the source draws for a frame, to be left as suits the next one here.
 * @returns null where that does not do on this canvas, or not for the frame after it.
 */
export function cutAsStored(
  { clears, ...patch }: StoredPatch,
  { frame, next, canvas }: Take,
  { width, height }: Shape,
): Cut | null {
  const drawn = createCanvas(width, height);
  drawn.data.set(canvas);
  drawn.draw(patch);
  if (Buffer.compare(drawn.data, frame) !== 0) return null;
  const [to, from] = [wordsOf(frame), wordsOf(canvas)];
  const own = rectangleOf(patch);
  const { dispose, rectangle } = chooseDisposal(to, from, next && wordsOf(next), width, height, own);
  if (rectangle !== own) return null;
  const colours = wordsOf(patch.data);
  const free = Uint8Array.from(colours, (colour) => (colour === 0 ? 1 : 0));
  return { ...own, dispose, colours, free, clears };
}

/** As a GIF can show it. */
export function withoutHalves({ frame, next, ...take }: Take, { width, height }: Shape): Take {
  const whole = (data: Uint8Array) => inFull({ data, width, height, channels: 4 }).data;
  return { ...take, frame: whole(frame), next: next && whole(next) };
}

/** In as many colours as fit beside the transparent one. */
export async function coarsen({ colours, ...cut }: Cut): Promise<Cut> {
  const data = new Uint8Array(colours.buffer, colours.byteOffset, colours.byteLength);
  const coarse = await inFewerColours({ ...rectangleOf(cut), data, channels: 4 }, MOST_COLOURS - 1);
  const words = wordsOf(coarse.data);
  return { ...cut, colours: colours.map((colour, at) => (colour === 0 ? 0 : words[at]!)) };
}

/** @param most squared distance at which a pixel counts as unchanged. */
export function cutOut(
  { frame, next, canvas }: Take,
  { width, height }: Shape,
  most: number,
  afresh: boolean,
): Cut {
  const [to, from] = [wordsOf(frame), wordsOf(canvas)];
  const stays = (at: number) => to[at] === from[at] || (most > 0 && isNear(frame, canvas, at * 4, most));
  const isWanted = (at: number) => (afresh ? to[at] !== 0 || from[at] !== 0 : !stays(at));
  const changed = boundsOf(width, height, isWanted) ?? { x: 0, y: 0, width: 1, height: 1 };
  const { dispose, rectangle } = chooseDisposal(to, from, next && wordsOf(next), width, height, changed);
  const colours = new Uint32Array(rectangle.width * rectangle.height);
  const free = new Uint8Array(colours.length);
  for (let row = 0, at = 0; row < rectangle.height; row++) {
    for (let column = 0; column < rectangle.width; column++, at++) {
      const on = (rectangle.y + row) * width + rectangle.x + column;
      colours[at] = to[on]!;
      free[at] = isWanted(on) && to[on] !== 0 ? 0 : 1;
    }
  }
  return { ...rectangle, dispose, colours, free, clears: null };
}

/**
 * What the next frame should be drawn on: this one, this one with its rectangle cleared, or what was there before. A GIF cannot
 * draw transparency, so what becomes transparent next must be cleared now, in a larger rectangle if need be.
 */
function chooseDisposal(
  to: Uint32Array,
  from: Uint32Array,
  next: Uint32Array | null,
  width: number,
  height: number,
  changed: Rectangle,
): { dispose: Patch['dispose']; rectangle: Rectangle } {
  if (!next) return { dispose: 'keep', rectangle: changed };
  const { x, y } = changed;
  const [right, bottom] = [x + changed.width, y + changed.height];
  const counts = { keep: 0, clear: 0, restore: 0 };
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      const inside = row >= y && row < bottom && column >= x && column < right;
      const wanted = next[at]!;
      counts.keep += costOf(to[at]!, wanted);
      counts.clear += costOf(inside ? 0 : to[at]!, wanted);
      counts.restore += costOf(inside ? from[at]! : to[at]!, wanted);
    }
  }
  const other = counts.clear < counts.restore ? 'clear' : 'restore';
  const dispose = counts[other] < counts.keep * CLEARLY_FEWER ? other : 'keep';
  if (Number.isFinite(counts[dispose])) return { dispose, rectangle: changed };
  const leaving = boundsOf(width, height, (at) => next[at] === 0 && to[at] !== 0)!;
  return { dispose: 'clear', rectangle: union(changed, leaving) };
}

/** Of one pixel of the next frame. */
function costOf(shown: number, wanted: number): number {
  if (shown === wanted) return 0;
  return wanted === 0 ? Number.POSITIVE_INFINITY : 1;
}

export function rectangleOf({ x, y, width, height }: Rectangle): Rectangle {
  return { x, y, width, height };
}
