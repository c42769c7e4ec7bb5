/** Undoes LZW as PDF and TIFF have it (ISO 32000-1, 7.4.4): codes of 9 to 12 bits, the highest bit first. */

const CLEAR = 256;
const END = 257;
const FIRST_FREE = 258;
const MOST_CODES = 4096;

/** Strings by their code: the code of all but the last byte, that byte, the first one, and how many there are. */
interface Table {
  prefix: Uint16Array;
  last: Uint8Array;
  first: Uint8Array;
  length: Uint16Array;
}

/**
 * @param early by how many codes wider codes begin before they must: 1 unless a stream says otherwise.
 * @returns null where the data are damaged, `too-long` where they become more than `mostBytes`.
 */
export function decodeLzw(
  data: Uint8Array,
  early: number,
  mostBytes: number,
): Uint8Array | 'too-long' | null {
  const table = createTable();
  let out = new Uint8Array(Math.max(1024, data.length * 4));
  let [length, bits, free, before] = [0, 9, FIRST_FREE, -1];
  for (let at = 0; at + bits <= data.length * 8; ) {
    const code = codeAt(data, at, bits);
    at += bits;
    if (code === END) break;
    if (code === CLEAR) {
      [bits, free, before] = [9, FIRST_FREE, -1];
      continue;
    }
    if (code > (before < 0 ? 255 : free)) return null;
    // A string may be used in the moment it is made: it then begins and ends with the same byte.
    if (before >= 0 && free < MOST_CODES) {
      append(table, free, before, table.first[code < free ? code : before]!);
      free++;
    } else if (code >= free) return null;
    const size = table.length[code]!;
    if (length + size > mostBytes) return 'too-long';
    if (length + size > out.length) out = grown(out, length + size);
    length += size;
    write(table, code, out, length);
    before = code;
    if (free + early >= 1 << bits && bits < 12) bits++;
  }
  return out.subarray(0, length);
}

function createTable(): Table {
  const table = {
    prefix: new Uint16Array(MOST_CODES),
    last: new Uint8Array(MOST_CODES),
    first: new Uint8Array(MOST_CODES),
    length: new Uint16Array(MOST_CODES),
  };
  for (let byte = 0; byte < 256; byte++) {
    table.last[byte] = byte;
    table.first[byte] = byte;
    table.length[byte] = 1;
  }
  return table;
}

function append({ prefix, last, first, length }: Table, code: number, before: number, byte: number): void {
  prefix[code] = before;
  last[code] = byte;
  first[code] = first[before]!;
  length[code] = length[before]! + 1;
}

/** Writes a string so that it ends before `end`. */
function write({ prefix, last, length }: Table, code: number, out: Uint8Array, end: number): void {
  let from = code;
  for (let left = length[code]!, to = end - 1; left > 0; left--, to--) {
    out[to] = last[from]!;
    from = prefix[from]!;
  }
}

function codeAt(data: Uint8Array, bit: number, bits: number): number {
  const byte = bit >> 3;
  const three = (data[byte]! << 16) | ((data[byte + 1] ?? 0) << 8) | (data[byte + 2] ?? 0);
  return (three >> (24 - (bit & 7) - bits)) & ((1 << bits) - 1);
}

function grown(out: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(least, out.length * 2));
  larger.set(out);
  return larger;
}
