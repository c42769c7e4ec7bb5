/** Expands run-length coded bitmaps of 4 and 8 bits a pixel (Microsoft, "Bitmap Compression"). */
import { corrupt } from '../bytes.ts';
import type { Dib } from './dib.ts';

const END_OF_LINE = 0;
const END_OF_BITMAP = 1;
const DELTA = 2;

/**
 * Pixels beyond the right edge are dropped.
 * @returns one palette index a pixel, from the top down; -1 where runs left a pixel out.
 * @throws Decline('corrupt') when the runs end before the last row.
 */
export function expandRuns(bytes: Uint8Array, { width, height, bitsPerPixel }: Dib): Int16Array {
  const indices = new Int16Array(width * height).fill(-1);
  let [at, x, row] = [0, 0, 0];
  const put = (index: number) => {
    if (x < width && row < height) indices[(height - 1 - row) * width + x] = index;
    x++;
  };
  // Pixels of 4 bits come in pairs, the left one in the higher half.
  const indexIn = (byte: number, place: number) =>
    bitsPerPixel === 8 ? byte : place % 2 === 0 ? byte >> 4 : byte & 15;
  while (row < height) {
    if (at + 2 > bytes.length) {
      if (row === height - 1 && x >= width) break;
      throw corrupt('The bitmap’s runs end before its last row.');
    }
    const [count, code] = [bytes[at]!, bytes[at + 1]!];
    at += 2;
    if (count > 0) {
      for (let place = 0; place < count; place++) put(indexIn(code, place));
    } else if (code === END_OF_LINE) {
      [x, row] = [0, row + 1];
    } else if (code === END_OF_BITMAP) {
      break;
    } else if (code === DELTA) {
      if (at + 2 > bytes.length) throw corrupt('The bitmap’s runs end before its last row.');
      [x, row] = [x + bytes[at]!, row + bytes[at + 1]!];
      at += 2;
    } else {
      const size = Math.ceil((code * bitsPerPixel) / 8);
      if (at + size > bytes.length) throw corrupt('The bitmap’s runs end before its last row.');
      for (let place = 0; place < code; place++)
        put(indexIn(bytes[at + Math.floor((place * bitsPerPixel) / 8)]!, place));
      at += size + (size % 2);
    }
  }
  return indices;
}
