/**
 * The canvas on which an animation is shown: each frame is drawn over what the earlier ones left (PNG third edition §11.3.6,
 * RFC 9649 §2.7, GIF89a §23). It begins transparent, and cleared parts become so: no viewer shows a file's background.
 */
import type { Patch } from '../codecs/animation.ts';
import type { Rectangle } from '../contract.ts';

export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** What is shown, RGBA; overwritten by the next patch. */
  readonly data: Uint8Array;
  /** Ends the frame before, whose disposal makes `data` what the next patch is drawn on. */
  turnOver(): void;
  /** Draws the next frame. */
  draw(patch: Patch): void;
  /** Takes the last `draw` back. */
  undo(): void;
}

export function createCanvas(width: number, height: number): Canvas {
  const data = new Uint8Array(width * height * 4);
  const before = new Uint8Array(data.length);
  let last: Patch | null = null;
  return {
    width,
    height,
    data,
    turnOver() {
      if (last) leave(data, before, width, last);
      last = null;
    },
    draw(patch) {
      before.set(data);
      if (patch.blend === 'over') blend(data, width, patch);
      else {
        clearInvisible(patch.data);
        copyRows(patch.data, patch.width, { ...patch, x: 0, y: 0 }, data, width, patch);
      }
      last = patch;
    },
    undo() {
      data.set(before);
      last = null;
    },
  };
}

/** Nobody sees the colours of what is transparent: without them equal looks are equal bytes. */
export function clearInvisible(data: Uint8Array): void {
  for (let at = 3; at < data.length; at += 4) if (data[at] === 0) data.fill(0, at - 3, at);
}

/** What a canvas becomes when a frame on it ends. */
export function leave(
  data: Uint8Array,
  before: Uint8Array,
  width: number,
  { dispose, ...rectangle }: Rectangle & Pick<Patch, 'dispose'>,
): void {
  if (dispose === 'restore') copyRows(before, width, rectangle, data, width, rectangle);
  if (dispose === 'clear') fillRows(data, width, rectangle);
}

/** Copies a rectangle from one RGBA image into another of its own width, at another place. */
export function copyRows(
  from: Uint8Array,
  fromWidth: number,
  { x, y, width, height }: Rectangle,
  to: Uint8Array,
  toWidth: number,
  place: { x: number; y: number },
): void {
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * fromWidth + x) * 4;
    to.set(from.subarray(start, start + width * 4), ((place.y + row) * toWidth + place.x) * 4);
  }
}

function fillRows(data: Uint8Array, canvasWidth: number, { x, y, width, height }: Rectangle): void {
  for (let row = y; row < y + height; row++) {
    const start = (row * canvasWidth + x) * 4;
    data.fill(0, start, start + width * 4);
  }
}

function blend(canvas: Uint8Array, canvasWidth: number, { data, x, y, width, height }: Patch): void {
  for (let row = 0; row < height; row++) {
    let to = ((y + row) * canvasWidth + x) * 4;
    for (let from = row * width * 4, end = from + width * 4; from < end; from += 4, to += 4) {
      const alpha = data[from + 3]!;
      if (alpha === 255) {
        canvas[to] = data[from]!;
        canvas[to + 1] = data[from + 1]!;
        canvas[to + 2] = data[from + 2]!;
        canvas[to + 3] = 255;
      } else if (alpha > 0) blendPixel(canvas, to, data, from);
    }
  }
}

/** Porter and Duff's "over", with straight alpha. */
function blendPixel(canvas: Uint8Array, to: number, patch: Uint8Array, from: number): void {
  const alpha = patch[from + 3]! / 255;
  const below = (canvas[to + 3]! / 255) * (1 - alpha);
  const sum = alpha + below;
  for (let channel = 0; channel < 3; channel++) {
    const colour = (patch[from + channel]! * alpha + canvas[to + channel]! * below) / sum;
    canvas[to + channel] = Math.round(colour);
  }
  canvas[to + 3] = Math.round(sum * 255);
}
