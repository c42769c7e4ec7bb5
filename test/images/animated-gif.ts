/**
 * GIF animations byte by byte, so that each part can be what no encoder would write. Their LZW compresses nothing: the dictionary
 * is thrown away before codes would grow. What viewers should show of them is told by `shownFrames`, in its own words.
 */
import { randomNumbers } from './pixels.ts';

export interface GifFrame {
  x: number;
  y: number;
  width: number;
  height: number;
  /** One index a pixel, rows top to bottom. */
  indices: number[];
  /** 0 to 3. */
  disposal?: number;
  /** In hundredths of a second. */
  delay?: number;
  interlaced?: boolean;
}

export interface GifShape {
  width: number;
  height: number;
  /** RGB triples; the last one is of the transparent index. */
  colours: number[][];
  frames: GifFrame[];
  /** Of the NETSCAPE block; without it there is none. */
  repeats?: number;
  comment?: string;
}

/** Eight colours, the last of which is not shown. */
export const EIGHT_COLOURS = [0, 1, 2, 3, 4, 5, 6, 7].map((at) => [at * 30, 255 - at * 30, (at * 97) % 256]);
const TRANSPARENT = EIGHT_COLOURS.length - 1;

export function gifAnimation({ width, height, colours, frames, repeats, comment }: GifShape): Uint8Array {
  const bits = Math.ceil(Math.log2(colours.length));
  return Buffer.from([
    ...Buffer.from('GIF89a'),
    ...word(width),
    ...word(height),
    0x80 | (bits - 1),
    0,
    0,
    ...colours.flat(),
    ...(repeats === undefined
      ? []
      : [0x21, 0xff, 11, ...Buffer.from('NETSCAPE2.0'), 3, 1, ...word(repeats), 0]),
    ...(comment === undefined ? [] : [0x21, 0xfe, ...subBlocks(Buffer.from(comment))]),
    ...frames.flatMap((frame) => imageBlocks(frame, bits, colours.length - 1)),
    0x3b,
  ]);
}

/** Scattered indices, one in four of them transparent, always the same for a seed. */
export function scattered(count: number, seed: number): number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () =>
    random() < 0.25 ? TRANSPARENT : Math.floor(random() * TRANSPARENT),
  );
}

/** Four frames that overlap, and end as they are told to, in turn. */
export function overlapping(disposals: number[], interlaced = false): GifShape {
  const places = [
    { x: 0, y: 0, width: 24, height: 19 },
    { x: 3, y: 2, width: 12, height: 9 },
    { x: 10, y: 5, width: 14, height: 14 },
    { x: 0, y: 11, width: 7, height: 3 },
    { x: 8, y: 1, width: 9, height: 17 },
  ];
  const frames = places.map((place, at) => ({
    ...place,
    indices: scattered(place.width * place.height, at + 1),
    disposal: disposals[at % disposals.length]!,
    delay: at + 2,
    interlaced,
  }));
  return { width: 24, height: 19, colours: EIGHT_COLOURS, frames, repeats: 0 };
}

/** RGBA of each frame as it is shown; zeros where nothing is. */
export function shownFrames({ width, height, colours, frames }: GifShape): Buffer[] {
  let canvas = Buffer.alloc(width * height * 4);
  return frames.map(({ x, y, disposal = 0, ...frame }) => {
    const before = Buffer.from(canvas);
    for (const [at, index] of frame.indices.entries()) {
      if (index === colours.length - 1) continue;
      const to = (y + Math.floor(at / frame.width)) * width + x + (at % frame.width);
      canvas.set([...colours[index]!, 255], to * 4);
    }
    const shown = Buffer.from(canvas);
    if (disposal === 3) canvas = before;
    if (disposal === 2)
      for (let row = y; row < y + frame.height; row++)
        canvas.fill(0, (row * width + x) * 4, (row * width + x + frame.width) * 4);
    return shown;
  });
}

function imageBlocks(frame: GifFrame, bits: number, transparent: number): number[] {
  const { x, y, width, height, disposal = 0, delay = 0, interlaced = false } = frame;
  return [
    ...[0x21, 0xf9, 4, (disposal << 2) | 1, ...word(delay), transparent, 0],
    ...[0x2c, ...word(x), ...word(y), ...word(width), ...word(height), interlaced ? 0x40 : 0],
    ...codes(interlaced ? interlacedRows(frame) : frame.indices, Math.max(2, bits)),
  ];
}

/** Every eighth row, those in the middle of these, and so on (GIF89a, appendix E). */
function interlacedRows({ width, height, indices }: GifFrame): number[] {
  const rows = Array.from({ length: height }, (_, row) => row);
  const pass = (row: number) => (row % 8 === 0 ? 0 : row % 8 === 4 ? 1 : row % 4 === 2 ? 2 : 3);
  return rows
    .toSorted((a, b) => pass(a) - pass(b) || a - b)
    .flatMap((row) => indices.slice(row * width, (row + 1) * width));
}

function codes(indices: number[], codeSize: number): number[] {
  const clear = 1 << codeSize;
  const all = indices.flatMap((index, at) => (at % (clear - 2) === 0 ? [clear, index] : [index]));
  const bytes: number[] = [];
  let [held, count] = [0, 0];
  for (const code of [...all, clear + 1]) {
    held |= code << count;
    for (count += codeSize + 1; count >= 8; count -= 8, held >>>= 8) bytes.push(held & 255);
  }
  if (count > 0) bytes.push(held);
  return [codeSize, ...subBlocks(bytes)];
}

function subBlocks(data: ArrayLike<number>): number[] {
  const bytes = Array.from(data);
  const blocks: number[] = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const part = bytes.slice(at, at + 255);
    blocks.push(part.length, ...part);
  }
  return [...blocks, 0];
}

function word(number: number): [number, number] {
  return [number & 255, number >> 8];
}
