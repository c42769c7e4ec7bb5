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
  const children = new Uint16Array(MOST_CODES << codeSize);
  const keys = new Int32Array(MOST_CODES);
  const firstFree = (1 << codeSize) + 2;
  let size = firstFree;
  let [code, end] = [0, 0];

  /** The longest string that is known, as `code` and `end`. */
  function find(start: number, stop: number): void {
    code = indices[start]!;
    for (end = start + 1; end < stop; end++) {
      const child = children[(code << codeSize) | indices[end]!]!;
      if (child === 0) return;
      code = child;
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
    keys[size] = key;
    if (children[key] === 0) children[key] = size;
    size++;
  }

  function forget(): void {
    for (let at = firstFree; at < size; at++) children[keys[at]!] = 0;
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
