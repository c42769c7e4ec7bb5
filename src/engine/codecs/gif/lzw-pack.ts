/**
 * Packs indices as they stand into as few bytes as LZW takes. What decides is where the dictionary is thrown away: all
 * ways between many places are weighed, those that another encoder chose among them. Where indices may change,
 * `lzw-encode.ts` comes first.
 */
import { createCodeWriter } from './code-writer.ts';
import { MOST_CODES } from './lzw-decode.ts';
import { createLzwParser, type LookAhead, type LzwParser } from './lzw-parser.ts';

/** Codes between two places at which the dictionary may be thrown away, */
const CODES_APART = 256;
/** and how long it is weighed to keep one; it is full after less than 4096. */
const MOST_KEPT_CODES = 3 * 4096;
const LOOKS: LookAhead[] = ['never', 'when full', 'always'];

/**
 * @param codeSize bits of an index, 2 to 8.
 * @param hints places at which another encoder threw its dictionary away: what a tolerant one wrote packs well with these only.
 * @returns the code size and the codes in sub-blocks.
 */
export function packIndices(indices: Uint8Array, codeSize: number, hints: number[] = []): Uint8Array {
  const parser = createLzwParser(indices, codeSize);
  const places = new Set([...placesIn(parser, indices.length, codeSize), ...hints]);
  const sorted = [...places].filter((at) => at < indices.length).sort((a, b) => a - b);
  const starts = chooseStarts(parser, sorted, indices.length);
  const tries = LOOKS.map((each) => write(parser, starts, indices.length, codeSize, each));
  return tries.reduce((least, each) => (each.length < least.length ? each : least));
}

/** About how many bytes it takes, with dictionaries thrown away at these places; where none are told, as soon as they are full. */
export function estimateBytes(indices: Uint8Array, codeSize: number, clears: number[]): number {
  const parser = createLzwParser(indices, codeSize);
  const stops = [...clears.filter((at) => at > 0 && at < indices.length), indices.length];
  const most = clears.length > 0 ? Number.POSITIVE_INFINITY : roomIn(codeSize);
  let [bits, at] = [0, 0];
  for (const stop of stops) {
    while (at < stop) {
      let codes = 0;
      parser.parse(at, stop, 'never', (_code, end, width) => {
        bits += width;
        at = end;
        return ++codes < most;
      });
    }
  }
  return bits >> 3;
}

/** Codes after which a dictionary is full. */
function roomIn(codeSize: number): number {
  return MOST_CODES - (1 << codeSize) - 2;
}

/** Where codes begin when the dictionary is thrown away as soon as it is full. */
function placesIn(parser: LzwParser, count: number, codeSize: number): number[] {
  const places = [0];
  let codes = 0;
  for (let at = 0; at < count; ) {
    let left = roomIn(codeSize);
    parser.parse(at, count, 'never', (_code, end) => {
      if (++codes % CODES_APART === 0) places.push(end);
      at = end;
      return --left > 0;
    });
  }
  // Hardly ever is another begun with profit where one holds it all.
  return codes <= roomIn(codeSize) ? [0] : places;
}

/** Of the places, the first one included, those from which on new dictionaries take the fewest bits together. */
function chooseStarts(parser: LzwParser, places: number[], count: number): number[] {
  const ends = [...places, count];
  const least = new Float64Array(ends.length).fill(Number.POSITIVE_INFINITY);
  const cameFrom = new Int32Array(ends.length);
  least[0] = 0;
  for (const [from, start] of places.entries()) {
    let [bits, codes, to] = [least[from]!, 0, from + 1];
    parser.parse(start, count, 'never', (_code, end, width, nextWidth) => {
      bits += width;
      for (; to < ends.length && ends[to]! <= end; to++) {
        if (bits + nextWidth >= least[to]!) continue;
        least[to] = bits + nextWidth;
        cameFrom[to] = from;
      }
      return ++codes < MOST_KEPT_CODES;
    });
  }
  const starts: number[] = [];
  for (let at = ends.length - 1; at > 0; at = cameFrom[at]!) starts.unshift(places[cameFrom[at]!]!);
  return starts;
}

function write(
  parser: LzwParser,
  starts: number[],
  count: number,
  codeSize: number,
  looksAhead: LookAhead,
): Uint8Array {
  const clear = 1 << codeSize;
  const out = createCodeWriter(codeSize);
  let widthNow = codeSize + 1;
  for (const [at, start] of starts.entries()) {
    out.write(clear, widthNow);
    parser.parse(start, starts[at + 1] ?? count, looksAhead, (code, _end, width, nextWidth) => {
      out.write(code, width);
      widthNow = nextWidth;
      return true;
    });
  }
  out.write(clear + 1, widthNow);
  return out.end();
}
