/** What differs between two canvases: which pixels, and the smallest rectangle around them. */
import type { Patch } from '../codecs/animation.ts';
import { wordsOf } from '../codecs/bytes.ts';
import { squaredDistance } from '../codecs/gif/tolerance.ts';
import type { Rectangle } from '../contract.ts';
import { copyRows } from './canvas.ts';

/** The smallest rectangle around the pixels for which `differs`; null when there are none. */
export function boundsOf(width: number, height: number, differs: (at: number) => boolean): Rectangle | null {
  let [left, right, top, bottom] = [width, -1, -1, -1];
  for (let y = 0, row = 0; y < height; y++, row += width) {
    let from = 0;
    while (from < width && !differs(row + from)) from++;
    if (from === width) continue;
    let to = width - 1;
    while (!differs(row + to)) to--;
    if (top < 0) top = y;
    bottom = y;
    left = Math.min(left, from);
    right = Math.max(right, to);
  }
  return top < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** Whether a pixel is equally transparent in both images, and its colour not farther off than a squared distance. */
export function isNear(a: Uint8Array, b: Uint8Array, at: number, most: number): boolean {
  if (a[at + 3] !== b[at + 3]) return false;
  const [red, green, blue] = [a[at]! - b[at]!, a[at + 1]! - b[at + 1]!, a[at + 2]! - b[at + 2]!];
  return squaredDistance(red, green, blue) <= most;
}

/** The smallest rectangle around two. */
export function union(a: Rectangle, b: Rectangle): Rectangle {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  const width = Math.max(a.x + a.width, b.x + b.width) - x;
  return { x, y, width, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

/** Makes a rectangle begin at even numbers. */
export function evenly({ x, y, width, height }: Rectangle): Rectangle {
  return { x: x - (x % 2), y: y - (y % 2), width: width + (x % 2), height: height + (y % 2) };
}

/** A frame's part that takes another canvas to it, in the ways that there are to draw it. */
export interface Step extends Rectangle {
  /** The part as it is, to replace what is there. */
  whole: Uint8Array;
  /** The part without what is there already, to be drawn over it; null where something becomes more transparent. */
  sparse: Uint8Array | null;
  /** The share of the part that changes. */
  share: number;
}

/**
 * @param before null for the whole frame.
 * @param align whether the part must begin at even numbers.
 */
export function stepBetween(
  before: Uint8Array | null,
  frame: Uint8Array,
  width: number,
  height: number,
  align: boolean,
): Step {
  const to = wordsOf(frame);
  const from = before && wordsOf(before);
  const changed = from ? boundsOf(width, height, (at) => from[at] !== to[at]) : { x: 0, y: 0, width, height };
  const part = changed ?? { x: 0, y: 0, width: 1, height: 1 };
  const rectangle = align ? evenly(part) : part;
  const whole = new Uint8Array(rectangle.width * rectangle.height * 4);
  copyRows(frame, width, rectangle, whole, rectangle.width, { x: 0, y: 0 });
  if (!from) return { ...rectangle, whole, sparse: null, share: 1 };
  return { ...rectangle, whole, ...thinOut(wordsOf(whole), from, width, rectangle) };
}

function thinOut(
  whole: Uint32Array,
  before: Uint32Array,
  canvasWidth: number,
  { x, y, width, height }: Rectangle,
): Pick<Step, 'sparse' | 'share'> {
  const sparse = new Uint32Array(whole.length);
  const alphas = new Uint8Array(whole.buffer, whole.byteOffset, whole.length * 4);
  let count = 0;
  let drawable = true;
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      if (whole[at] === before[(y + row) * canvasWidth + x + column]) continue;
      sparse[at] = whole[at]!;
      count++;
      if (alphas[at * 4 + 3] !== 255) drawable = false;
    }
  }
  return { sparse: drawable ? new Uint8Array(sparse.buffer) : null, share: count / whole.length };
}

/** The patch of a step's one way or the other. */
export function patchOf(step: Step, data: Uint8Array, delay: Patch['delay']): Patch {
  const { x, y, width, height, whole } = step;
  return { x, y, width, height, data, blend: data === whole ? 'replace' : 'over', dispose: 'keep', delay };
}
