/** The entropy coding of JPEG (ITU-T T.81 annexes C and F): Huffman tables, and bits out of a scan's data. */
import { corrupt } from '../bytes.ts';

/** For each 16 bits that may come next: the length of the code they begin with, times 256, plus its symbol; 0 for none. */
export type HuffmanTable = Uint16Array;

/** Reads the tables of a DHT segment (B.2.4.2) into `tables`, DC at 0 to 3, AC at 4 to 7. */
export function readHuffmanTables(payload: Uint8Array, tables: HuffmanTable[]): void {
  for (let at = 0; at < payload.length; ) {
    const [kind, slot] = [payload[at]! >> 4, payload[at]! & 15];
    const counts = payload.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (kind > 1 || slot > 3 || at + 17 + total > payload.length)
      throw corrupt('A JPEG Huffman table is damaged.');
    tables[kind * 4 + slot] = buildTable(counts, payload.subarray(at + 17, at + 17 + total));
    at += 17 + total;
  }
}

/** Codes of one length are consecutive numbers, shorter ones come first (C.2). */
function buildTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const table = new Uint16Array(1 << 16);
  let start = 0;
  let next = 0;
  for (let length = 1; length <= 16; length++) {
    const span = 1 << (16 - length);
    for (let left = counts[length - 1]!; left > 0; left--) {
      if (start + span > table.length) throw corrupt('A JPEG Huffman table has more codes than fit.');
      table.fill((length << 8) | symbols[next++]!, start, start + span);
      start += span;
    }
  }
  return table;
}

export interface BitReader {
  /** The next code's symbol. */
  symbol(table: HuffmanTable): number;
  /** The next `count` bits (0 to 16) as a number. */
  bits(count: number): number;
  /** The next `count` bits as a signed number in JPEG's own way (F.2.2.1, EXTEND). */
  signed(count: number): number;
  /** Skips to behind the next restart marker. */
  restart(): void;
}

/** @param start offset of the first byte of a scan's data. Past its end the reader gives zeros. */
export function createBitReader(bytes: Uint8Array, start: number): BitReader {
  let at = start;
  let buffer = 0;
  let count = 0;
  const fill = () => {
    while (count <= 24) {
      const byte = bytes[at];
      const isMarker = byte === 0xff && bytes[at + 1] !== 0;
      buffer = (buffer << 8) | (byte === undefined || isMarker ? 0 : byte);
      if (!isMarker) at += byte === 0xff ? 2 : 1;
      count += 8;
    }
  };
  const bits = (wanted: number) => {
    if (wanted === 0) return 0;
    if (count < wanted) fill();
    count -= wanted;
    return (buffer >>> count) & ((1 << wanted) - 1);
  };
  return {
    bits,
    symbol(table) {
      if (count < 16) fill();
      const entry = table[(buffer >>> (count - 16)) & 0xffff]!;
      if (entry === 0) throw corrupt('The JPEG has a code that its tables do not know.');
      count -= entry >> 8;
      return entry & 0xff;
    },
    signed(wanted) {
      const value = bits(wanted);
      return wanted > 0 && value < 1 << (wanted - 1) ? value - (1 << wanted) + 1 : value;
    },
    restart() {
      while (at < bytes.length && !(bytes[at] === 0xff && bytes[at + 1]! >= 0xd0 && bytes[at + 1]! <= 0xd7))
        at++;
      at += 2;
      [buffer, count] = [0, 0];
    },
  };
}
