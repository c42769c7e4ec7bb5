/**
 * Writes GIF animations: each frame is the smallest rectangle that changes; what does not change may stay transparent,
 * pixel by pixel as it packs best. Lossy, colours may change a little where that makes for longer strings.
 */
import type { Animation, Patch } from '../codecs/animation.ts';
import { wordsOf } from '../codecs/bytes.ts';
import { GIF_ENCODER, hasBinaryAlpha, inFewerColours, inFull } from '../codecs/gif/gif.ts';
import { type Clearing, encodeLzw, type Lzw } from '../codecs/gif/lzw-encode.ts';
import { choosePalettes, type IndexedPalette } from '../codecs/gif/palettes.ts';
import { taskFor, writeGif, writeImage } from '../codecs/gif/write.ts';
import type { Rectangle } from '../contract.ts';
import { boundsOf, union } from './changes.ts';
import type { Coded, Recorder, Take } from './recorder.ts';

/** How far a colour may be off, in steps of 1/255 of RGB, for each point of quality below 100. */
const RADIUS_A_POINT = 0.5;
/** How much fewer pixels must change, for the next frame to begin on another canvas than this one's. */
const CLEARLY_FEWER = 0.8;
const MOST_COLOURS = 256;

type Shape = Pick<Animation, 'width' | 'height' | 'plays'>;

/** A frame cut to what changes. */
interface Cut extends Rectangle {
  dispose: Patch['dispose'];
  /** The part's pixels, and 1 where the canvas will do instead. */
  colours: Uint32Array;
  free: Uint8Array;
}

/** @param screen the palette for all frames that need no other. */
export function recordGif(shape: Shape, screen: IndexedPalette, xmp: Uint8Array | null): Recorder {
  const images: Uint8Array[] = [];
  let bytes = 0;

  async function code(take: Take, quality: number | null, afresh: boolean): Promise<Coded | null> {
    const isExact = quality === null;
    if (isExact && !hasBinaryAlpha({ ...shape, data: take.frame, channels: 4 })) return null;
    const radius = isExact ? 0 : (100 - quality) * RADIUS_A_POINT;
    const whole = cutOut(isExact ? take : withoutHalves(take, shape), shape, radius ** 2, afresh);
    const cut = isExact || choosePalettes(whole, screen).length > 0 ? whole : await coarsen(whole);
    const clearings: Clearing[] = radius === 0 ? ['eager', 'patient'] : ['patient'];
    const tries = choosePalettes(cut, screen).flatMap((palette) =>
      clearings.map((each) => pack(cut, palette, radius, each)),
    );
    if (tries.length === 0) return null;
    const { image, lzw, palette } = tries.reduce((a, b) => (b.image.length < a.image.length ? b : a));
    return {
      bytes: image.length,
      patch: {
        ...rectangleOf(cut),
        data: paint(lzw, palette),
        blend: 'over',
        dispose: cut.dispose,
        delay: take.delay,
      },
      keep() {
        images.push(image);
        bytes += image.length;
      },
    };

    function pack(from: Cut, palette: IndexedPalette, most: number, clearing: Clearing) {
      const packed = encodeLzw(taskFor(from, palette, most), clearing);
      const disposal = { keep: 1, clear: 2, restore: 3 }[from.dispose];
      const { transparent, colours } = palette;
      const used = from.free.includes(1) || packed.indices.includes(transparent) ? transparent : -1;
      const own = palette === screen ? null : colours;
      const image = writeImage({
        ...rectangleOf(from),
        palette: own,
        transparent: used,
        disposal,
        delay: take.delay,
        lzw: packed.data,
      });
      return { image, lzw: packed, palette };
    }
  }

  return {
    encoder: GIF_ENCODER,
    lossy: true,
    code,
    bytes: () => bytes,
    finish: () => writeGif(shape, screen.colours.length > 0 ? screen.colours : null, images, xmp),
  };
}

/** As a GIF can show it. */
function withoutHalves({ frame, next, ...take }: Take, { width, height }: Shape): Take {
  const whole = (data: Uint8Array) => inFull({ data, width, height, channels: 4 }).data;
  return { ...take, frame: whole(frame), next: next && whole(next) };
}

/** In as many colours as fit beside the transparent one. */
async function coarsen({ colours, ...cut }: Cut): Promise<Cut> {
  const data = new Uint8Array(colours.buffer, colours.byteOffset, colours.byteLength);
  const coarse = await inFewerColours({ ...rectangleOf(cut), data, channels: 4 }, MOST_COLOURS - 1);
  const words = wordsOf(coarse.data);
  return { ...cut, colours: colours.map((colour, at) => (colour === 0 ? 0 : words[at]!)) };
}

function paint({ indices }: Lzw, { colours, transparent }: IndexedPalette): Uint8Array {
  const data = new Uint8Array(indices.length * 4);
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at]!;
    if (index === transparent) continue;
    data.set(colours.subarray(index * 3, index * 3 + 3), at * 4);
    data[at * 4 + 3] = 255;
  }
  return data;
}

/** @param most squared distance at which a pixel counts as unchanged. */
function cutOut({ frame, next, canvas }: Take, { width, height }: Shape, most: number, afresh: boolean): Cut {
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
  return { ...rectangle, dispose, colours, free };
}

function isNear(a: Uint8Array, b: Uint8Array, at: number, most: number): boolean {
  if (a[at + 3] !== b[at + 3]) return false;
  const [red, green, blue] = [a[at]! - b[at]!, a[at + 1]! - b[at + 1]!, a[at + 2]! - b[at + 2]!];
  return red * red + green * green + blue * blue <= most;
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

function rectangleOf({ x, y, width, height }: Rectangle): Rectangle {
  return { x, y, width, height };
}
