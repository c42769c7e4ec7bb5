/**
 * Chooses the indices that pack well as LZW (GIF89a specification, appendix F). A pixel may leave a choice: the transparent
 * index may do as well as its own, or an index of a near colour. Of all the strings in the dictionary that would do, the one
 * is taken whose length is worth most after its error; of exact ones, the longest. `lzw-pack.ts` writes them.
 */
import { MOST_CODES } from './lzw-decode.ts';
import { type Carried, carryOn, costOfColour, NOTHING_CARRIED, type Tolerance } from './tolerance.ts';

export interface LzwTask {
  /** The index of each pixel; -1 where only the transparent one will do. */
  wanted: Int16Array;
  /** 1 where the transparent index will do as well. */
  free: Uint8Array;
  /** The transparent index; -1 when there is none. */
  transparent: number;
  /** Bits of an index, 2 to 8. */
  codeSize: number;
  /** Null to be exact. */
  near: Tolerance | null;
}

/** A string of the dictionary, and how many pixels it stands for. */
interface Match {
  code: number;
  length: number;
}

export interface Choice {
  /** What is to be written of each pixel. */
  indices: Uint8Array;
  /** Where the dictionary was thrown away for it. */
  clears: number[];
}

/** When a full dictionary is thrown away: at once, or when it has become worse. */
export type Clearing = 'eager' | 'patient';

/** Strings looked at for one code: bounds the time where nearly all would do. */
const MOST_VISITS = 2000;
/** A full dictionary is judged by so many codes at a time, */
const WINDOW_CODES = 256;
/** and thrown away when it covers less than this share of its best. */
const STALE = 0.85;

export function chooseIndices(task: LzwTask, clearing: Clearing): Choice {
  const { wanted, free, transparent, codeSize, near } = task;
  const count = wanted.length;
  const dictionary = createDictionary(1 << codeSize);
  const indices = new Uint8Array(count);
  const clears: number[] = [];
  const fullness = createGauge();
  let carried = NOTHING_CARRIED;
  let previous = -1;
  for (let at = 0; at < count; ) {
    const { code, length } = longest(at, previous);
    if (previous >= 0 && dictionary.size() < MOST_CODES)
      dictionary.add(previous, dictionary.firstOf(code, previous));
    dictionary.spell(code, length, indices, at);
    at += length;
    previous = code;
    const isFull = dictionary.size() === MOST_CODES;
    if (!isFull || (clearing === 'patient' && !fullness.isStale(length))) continue;
    clears.push(at);
    dictionary.clear();
    fullness.reset();
    previous = -1;
  }
  return { indices, clears };

  /** What an index instead of the wanted one costs, of pixels that it may help to cover; negative where it will not do. */
  function cost(index: number, at: number, error: Carried): number {
    const own = wanted[at]!;
    if (index === transparent) return own < 0 || free[at] ? 0 : -1;
    if (near === null || own < 0) return index === own ? 0 : -1;
    return costOfColour(near, own, index, error);
  }

  function errorAfter(index: number, at: number, error: Carried): Carried {
    const own = wanted[at]!;
    if (near === null || own < 0 || index === transparent) return NOTHING_CARRIED;
    return carryOn(near, own, index, error);
  }

  function longest(start: number, before: number): Match {
    const own = wanted[start]! >= 0 ? wanted[start]! : transparent;
    let visits = 0;
    let best = { code: own, length: 1, worth: Number.NEGATIVE_INFINITY, error: NOTHING_CARRIED };
    const descend = (code: number, length: number, spent: number, error: Carried): void => {
      const worth = length - spent;
      if (worth > best.worth) best = { code, length, worth, error };
      const at = start + length;
      if (at === count || ++visits > MOST_VISITS) return;
      for (let child = dictionary.firstChild(code); child >= 0; child = dictionary.nextSibling(child)) {
        const index = dictionary.lastOf(child);
        const step = cost(index, at, error);
        if (step >= 0) descend(child, length + 1, spent + step, errorAfter(index, at, error));
      }
    };
    for (const index of rootsAt(start, own)) {
      const step = cost(index, start, carried);
      if (step >= 0) descend(index, 1, step, errorAfter(index, start, carried));
    }
    const longer = repeatsLonger(start, before, best.length);
    carried = longer ? NOTHING_CARRIED : best.error;
    return longer ?? best;
  }

  /** Indices that a string may begin with, the pixel's own first. */
  function rootsAt(start: number, own: number): number[] {
    const isColour = near !== null && wanted[start]! >= 0;
    const others = isColour ? near.colours.length / 3 : 0;
    const roots = [own];
    for (let index = 0; index < others; index++)
      if (index !== own && index !== transparent) roots.push(index);
    if (free[start] && transparent >= 0 && own !== transparent) roots.push(transparent);
    return roots;
  }

  /** The string that a reader will only know by this very code: the one before and its own first pixel again. */
  function repeatsLonger(start: number, before: number, least: number): Match | null {
    if (before < 0 || dictionary.size() >= MOST_CODES) return null;
    const length = dictionary.lengthOf(before) + 1;
    if (length <= least || start + length > count) return null;
    let at = start + length - 1;
    if (cost(dictionary.firstOf(before, before), at--, NOTHING_CARRIED) < 0) return null;
    for (let code = before; code >= 0; code = dictionary.prefixOf(code), at--) {
      if (cost(dictionary.lastOf(code), at, NOTHING_CARRIED) < 0) return null;
    }
    return { code: dictionary.size(), length };
  }
}

/** Strings of indices as a tree: each is another and one index more. */
function createDictionary(roots: number) {
  const prefix = new Int16Array(MOST_CODES).fill(-1);
  const last = Uint8Array.from({ length: MOST_CODES }, (_, code) => code & 255);
  const first = Uint8Array.from(last);
  const length = new Uint16Array(MOST_CODES).fill(1);
  const child = new Int16Array(MOST_CODES).fill(-1);
  const sibling = new Int16Array(MOST_CODES);
  let size = roots + 2;
  return {
    size: () => size,
    firstChild: (code: number) => child[code]!,
    nextSibling: (code: number) => sibling[code]!,
    lastOf: (code: number) => last[code]!,
    lengthOf: (code: number) => length[code]!,
    prefixOf: (code: number) => prefix[code]!,
    /** Of the string that is about to be added, it is that of the one before. */
    firstOf: (code: number, before: number) => first[code === size ? before : code]!,
    add(code: number, index: number) {
      prefix[size] = code;
      last[size] = index;
      first[size] = first[code]!;
      length[size] = length[code]! + 1;
      child[size] = -1;
      sibling[size] = child[code]!;
      child[code] = size++;
    },
    spell(code: number, count: number, into: Uint8Array, start: number) {
      for (let at = start + count - 1, from = code; at >= start; at--, from = prefix[from]!)
        into[at] = last[from]!;
    },
    clear() {
      child.fill(-1);
      size = roots + 2;
    },
  };
}

/** Tells from pixels by code whether a full dictionary still fits. */
function createGauge() {
  let [codes, pixels, best] = [0, 0, 0];
  return {
    isStale(length: number): boolean {
      pixels += length;
      if (++codes < WINDOW_CODES) return false;
      const stale = pixels < best * STALE;
      best = Math.max(best, pixels);
      [codes, pixels] = [0, 0];
      return stale;
    },
    reset() {
      [codes, pixels, best] = [0, 0, 0];
    },
  };
}
