/** JPEG's quantization tables as they stand in a file. */
import { viewOf } from '../bytes.ts';

/**
 * T.81 B.2.4.1: precision and slot, then 64 numbers of 8 or 16 bits, in zigzag order.
 * @param tables by slot; gets what the segment defines.
 */
export function readQuantization(payload: Uint8Array, tables: Uint16Array[]): void {
  const view = viewOf(payload);
  for (let at = 0; at < payload.length; ) {
    const [isWide, slot] = [payload[at]! >> 4 > 0, payload[at]! & 15];
    const number = (index: number) =>
      isWide ? view.getUint16(at + 1 + 2 * index) : view.getUint8(at + 1 + index);
    tables[slot] = Uint16Array.from({ length: 64 }, (_, index) => number(index));
    at += isWide ? 129 : 65;
  }
}
