/** The best Huffman code for how often symbols occur, within JPEG's limits (ITU-T T.81 annex K.2). */

export interface HuffmanCode {
  /** How many codes there are of each length, 1 to 16. */
  counts: Uint8Array;
  /** By code, the shortest first. */
  symbols: Uint8Array;
  /** By symbol: its code and the length of it in bits, 0 for symbols that do not occur. */
  codes: Uint16Array;
  lengths: Uint8Array;
}

const LONGEST = 16;
/** Symbols end here; this one stands for the code of nothing but ones, which may not be used. */
const RESERVED = 256;

/** @param occurrences of each symbol, 0 to 255. */
export function huffmanCode(occurrences: Uint32Array): HuffmanCode {
  const counts = limitLengths(countLengths(occurrences));
  const symbols = Uint8Array.from(
    Array.from(occurrences.keys())
      .filter((symbol) => occurrences[symbol]! > 0)
      // The most frequent symbols get the shortest codes.
      .sort((a, b) => occurrences[b]! - occurrences[a]! || a - b),
  );
  return { counts, symbols, ...assignCodes(counts, symbols) };
}

/** Joins the two rarest groups until one is left; each joint makes the codes in it a bit longer. */
function countLengths(occurrences: Uint32Array): number[] {
  const groups = [...occurrences, 1]
    .map((weight, symbol) => ({ weight, members: [symbol] }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  const lengths = new Array<number>(RESERVED + 1).fill(0);
  while (groups.length > 1) {
    const [a, b] = [groups.pop()!, groups.pop()!];
    const members = [...a.members, ...b.members];
    for (const symbol of members) lengths[symbol]!++;
    const weight = a.weight + b.weight;
    const heavier = groups.findLastIndex((group) => group.weight >= weight);
    groups.splice(heavier + 1, 0, { weight, members });
  }
  const counts = new Array<number>(Math.max(LONGEST, ...lengths) + 1).fill(0);
  for (const length of lengths) if (length > 0) counts[length]!++;
  return counts;
}

/** Figure K.3: two codes that are too long make way for one shorter, whose place is made by splitting one shorter still. */
function limitLengths(counts: number[]): Uint8Array {
  for (let length = counts.length - 1; length > LONGEST; length--) {
    while (counts[length]! > 0) {
      let shorter = length - 2;
      while (counts[shorter] === 0) shorter--;
      counts[length]! -= 2;
      counts[length - 1]! += 1;
      counts[shorter]! -= 1;
      counts[shorter + 1]! += 2;
    }
  }
  // One of the longest is the reserved code.
  const last = counts.findLastIndex((count) => count > 0);
  counts[last]! -= 1;
  return Uint8Array.from(counts.slice(1, LONGEST + 1));
}

/** Figure C.2: codes of one length are consecutive numbers, shorter ones come first. */
function assignCodes(counts: Uint8Array, symbols: Uint8Array): Pick<HuffmanCode, 'codes' | 'lengths'> {
  const [codes, lengths] = [new Uint16Array(256), new Uint8Array(256)];
  let [code, next] = [0, 0];
  for (const [index, count] of counts.entries()) {
    for (let left = count; left > 0; left--) {
      codes[symbols[next]!] = code++;
      lengths[symbols[next++]!] = index + 1;
    }
    code <<= 1;
  }
  return { codes, lengths };
}
