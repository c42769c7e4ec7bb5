/** Samples of up to 8 bits, one in a byte or side by side, each row from a byte of its own (ISO 32000-1, 8.9.5). */
import { bytesOf } from './predictors.ts';

/** One sample in a byte, as the number that it is. */
export function unpackLevels(data: Uint8Array, columns: number, bits: number): Uint8Array {
  if (bits === 8) return data;
  const { rowBytes } = bytesOf({ components: 1, bits, columns });
  const levels = new Uint8Array((data.length / rowBytes) * columns);
  const most = (1 << bits) - 1;
  for (let at = 0; at < levels.length; at++) {
    const column = at % columns;
    const byte = data[((at - column) / columns) * rowBytes + ((column * bits) >> 3)]!;
    levels[at] = (byte >> (8 - bits - ((column * bits) & 7))) & most;
  }
  return levels;
}

/** The same the other way round; what is left of a row's last byte is zero. */
export function packLevels(levels: Uint8Array, columns: number, bits: number): Uint8Array {
  if (bits === 8) return levels;
  const { rowBytes } = bytesOf({ components: 1, bits, columns });
  const data = new Uint8Array((levels.length / columns) * rowBytes);
  for (let at = 0; at < levels.length; at++) {
    const column = at % columns;
    const to = ((at - column) / columns) * rowBytes + ((column * bits) >> 3);
    data[to] = data[to]! | (levels[at]! << (8 - bits - ((column * bits) & 7)));
  }
  return data;
}
