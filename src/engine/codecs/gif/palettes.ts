/** Chooses GIF palettes: one for the screen that most frames can use, and one for a frame where that is too small or too large. */
import { squaredDistance } from './tolerance.ts';

const MOST_COLOURS = 256;

/** Bits of an index, 1 to 8, that `count` indices need. */
export function indexBits(count: number): number {
  return Math.max(1, Math.ceil(Math.log2(count)));
}

/** Bits of an index as LZW begins with them: it knows no fewer than 2. */
export function codeSizeFor({ colours }: IndexedPalette): number {
  return Math.max(2, indexBits(colours.length / 3));
}

/** A palette and where in it a colour is. */
export interface IndexedPalette {
  /** RGB triples. */
  colours: Uint8Array;
  /** By RGBA as a number of the machine's byte order. */
  indices: Map<number, number>;
  /** -1 when there is none. */
  transparent: number;
  /** Squared distances of all pairs as they are seen: [256 x one + other]. */
  distances(): Uint32Array;
}

/** @param colours opaque RGBA as numbers. */
export function indexPalette(colours: number[], hasTransparent: boolean): IndexedPalette {
  const count = colours.length + (hasTransparent ? 1 : 0);
  const table = new Uint8Array(count * 3);
  const bytes = new Uint8Array(4);
  const word = new Uint32Array(bytes.buffer);
  const indices = new Map<number, number>();
  for (const [index, colour] of colours.entries()) {
    word[0] = colour;
    table.set(bytes.subarray(0, 3), index * 3);
    indices.set(colour, index);
  }
  let distances: Uint32Array | null = null;
  return {
    colours: table,
    indices,
    transparent: hasTransparent ? colours.length : -1,
    distances() {
      distances ??= distancesIn(table, colours.length);
      return distances;
    },
  };
}

function distancesIn(table: Uint8Array, count: number): Uint32Array {
  const distances = new Uint32Array(MOST_COLOURS * MOST_COLOURS).fill(0xffff_ffff);
  for (let one = 0; one < count; one++) {
    for (let other = 0; other < count; other++) {
      const [red, green, blue] = [0, 1, 2].map(
        (channel) => table[one * 3 + channel]! - table[other * 3 + channel]!,
      ) as [number, number, number];
      distances[one * MOST_COLOURS + other] = squaredDistance(red, green, blue);
    }
  }
  return distances;
}

/** The palette of the colours that were counted most often, with a transparent index behind them. */
export function screenPalette(counts: Map<number, number>): IndexedPalette {
  const frequent = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_COLOURS - 1);
  return indexPalette(
    frequent.map(([colour]) => colour),
    true,
  );
}

/**
 * The palettes that can hold a frame: the screen's, and one of its own where that has fewer bits or the screen's lacks a colour.
 * @param colours RGBA as numbers, 0 for transparent; those of pixels that are `free` may be missing from a palette.
 */
export function choosePalettes(
  { colours, free }: { colours: Uint32Array; free: Uint8Array },
  screen: IndexedPalette,
): IndexedPalette[] {
  const needed = new Set<number>();
  const welcome = new Map<number, number>();
  for (let at = 0; at < colours.length; at++) {
    const colour = colours[at]!;
    if (!free[at]) needed.add(colour);
    else if (colour !== 0) welcome.set(colour, (welcome.get(colour) ?? 0) + 1);
  }
  const isMixed = free.includes(1);
  const palettes: IndexedPalette[] = [];
  if ([...needed].every((colour) => screen.indices.has(colour))) palettes.push(screen);
  const count = needed.size + (isMixed ? 1 : 0);
  const bits = indexBits(count);
  if (count > MOST_COLOURS || (palettes.length > 0 && bits >= indexBits(screen.colours.length / 3)))
    return palettes;
  // The table is padded to a power of two anyway: colours that need not be there cost nothing.
  const extra = [...welcome].filter(([colour]) => !needed.has(colour)).sort(([, a], [, b]) => b - a);
  const room = Math.max(0, 2 ** bits - count);
  const all = [...needed, ...extra.slice(0, room).map(([colour]) => colour)];
  return [...palettes, indexPalette(all, isMixed)];
}
