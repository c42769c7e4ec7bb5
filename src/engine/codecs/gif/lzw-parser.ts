/**
 * Cuts indices into LZW strings (GIF89a specification, appendix F) as they stand, with a dictionary that is found in by one look
 * a pixel. Where it is emptied, and what is written, is `lzw-pack.ts`'s.
 */
import { MOST_CODES } from './lzw-decode.ts';

/**
 * When a string is cut short so that it and the one behind it reach further together (flexible parsing, R. N. Horspool,
 * "The effect of non-greedy parsing in Ziv-Lempel compression methods", 1995). A full dictionary learns nothing more,
 * and there it is the best parsing of all; while it grows, longer strings are learned from longer ones.
 */
export type LookAhead = 'never' | 'when full' | 'always';

/** So many pixels a string is cut short at most. */
const MOST_CUT = 8;

/** Four for each code; a power of two. */
const TABLE_PLACES = 1 << 14;

/** By the upper bits of a product with the golden ratio's fraction (Knuth, TAOCP 6.4). */
function placeOf(key: number): number {
  return Math.imul(key, 0x9e3779b1) >>> 18;
}

/**
 * Takes a code.
 * @param end of the pixels that it stands for.
 * @param width its bits.
 * @param nextWidth those of whatever code follows.
 * @returns whether to go on.
 */
type Visit = (code: number, end: number, width: number, nextWidth: number) => boolean;

export interface LzwParser {
  /** Cuts what lies from `start` to `stop`, beginning with an empty dictionary. */
  parse(start: number, stop: number, looksAhead: LookAhead, visit: Visit): void;
}

export function createLzwParser(indices: Uint8Array, codeSize: number): LzwParser {
  // An open hash table: it fits the processor's cache, as one with a place for each possible string does not.
  const keys = new Int32Array(TABLE_PLACES).fill(-1);
  const codes = new Uint16Array(TABLE_PLACES);
  const firstFree = (1 << codeSize) + 2;
  let size = firstFree;
  let [code, end] = [0, 0];

  /** The longest string that is known, as `code` and `end`. */
  function find(start: number, stop: number): void {
    code = indices[start]!;
    for (end = start + 1; end < stop; end++) {
      const key = (code << codeSize) | indices[end]!;
      let place = placeOf(key);
      while (keys[place]! !== key && keys[place]! >= 0) place = (place + 1) & (TABLE_PLACES - 1);
      if (keys[place]! < 0) return;
      code = codes[place]!;
    }
  }

  function findFarthest(start: number, stop: number): void {
    find(start, stop);
    const longest = end;
    let [reach, best] = [0, longest];
    for (let cut = longest; cut > start && longest - cut <= MOST_CUT && reach < stop; cut--) {
      if (cut < stop) find(cut, stop);
      if (end > reach) [reach, best] = [end, cut];
    }
    find(start, best);
  }

  /** A string that was cut short is known already, with all that follows it; its second code is left unused. */
  function learn(key: number): void {
    let place = placeOf(key);
    while (keys[place]! !== key && keys[place]! >= 0) place = (place + 1) & (TABLE_PLACES - 1);
    if (keys[place]! < 0) {
      keys[place] = key;
      codes[place] = size;
    }
    size++;
  }

  function forget(): void {
    keys.fill(-1);
    size = firstFree;
  }

  return {
    parse(start, stop, looksAhead, visit) {
      forget();
      let width = codeSize + 1;
      for (let at = start; at < stop; at = end) {
        const isFar = looksAhead === 'always' || (looksAhead === 'when full' && size === MOST_CODES);
        if (isFar) findFarthest(at, stop);
        else find(at, stop);
        const own = width;
        // The last pixel of all has none behind it, but readers count its string, too.
        if (size < MOST_CODES) learn(end < indices.length ? (code << codeSize) | indices[end]! : 0);
        // Readers learn each string one code later.
        if (size - 1 === 1 << width && width < 12) width++;
        if (!visit(code, end, own, width)) return;
      }
    },
  };
}
