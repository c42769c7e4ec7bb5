/** Places in an image: the area with most to see, and the nine parts that people can point at. Pure. */
import type { Pixels } from '../contract.ts';

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Three rows of three, counted from 0 at the top left, row by row. */
export const PARTS = 9;
const ROWS = 3;

/** Distance between the areas that are looked at, in pixels. */
const STEP = 16;

/**
 * The area whose errors are the largest in sum, of those on a grid.
 * @param errors one a pixel, row by row.
 * @param side of the area; a side of the image that is shorter is taken whole.
 */
export function placeOfMost(
  errors: Float32Array,
  { width, height }: { width: number; height: number },
  side: number,
): Area {
  const size = { width: Math.min(side, width), height: Math.min(side, height) };
  const sums = integral(errors, width, height);
  let best: Area = { x: 0, y: 0, ...size };
  let most = Number.NEGATIVE_INFINITY;
  for (let y = 0; y + size.height <= height; y += STEP) {
    for (let x = 0; x + size.width <= width; x += STEP) {
      const sum = sumOver(sums, width, { x, y, ...size });
      if (sum > most) [most, best] = [sum, { x, y, ...size }];
    }
  }
  return best;
}

/** The mean of one value a pixel over each of the nine parts. */
export function meanByPart(
  values: Float32Array,
  { width, height }: { width: number; height: number },
): number[] {
  const sums = integral(values, width, height);
  return Array.from({ length: PARTS }, (_, part) => {
    const area = partArea(part, width, height);
    return sumOver(sums, width, area) / (area.width * area.height);
  });
}

/** @param part 0 to 8. */
export function partArea(part: number, width: number, height: number): Area {
  const [column, row] = [part % ROWS, Math.floor(part / ROWS)];
  const [x, y] = [Math.round((column * width) / ROWS), Math.round((row * height) / ROWS)];
  const [right, bottom] = [
    Math.round(((column + 1) * width) / ROWS),
    Math.round(((row + 1) * height) / ROWS),
  ];
  return { x, y, width: right - x, height: bottom - y };
}

export function crop(pixels: Pixels, { x, y, width, height }: Area): Pixels {
  const { channels } = pixels;
  const data = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * pixels.width + x) * channels;
    data.set(pixels.data.subarray(from, from + width * channels), row * width * channels);
  }
  return { data, width, height, channels };
}

/** Sums over all that lies above and to the left, with a row and a column of zeros before the first. */
function integral(values: Float32Array, width: number, height: number): Float64Array {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += values[y * width + x]!;
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1]! + row;
    }
  }
  return sums;
}

function sumOver(sums: Float64Array, imageWidth: number, { x, y, width, height }: Area): number {
  const at = (column: number, row: number) => sums[row * (imageWidth + 1) + column]!;
  return at(x + width, y + height) - at(x, y + height) - at(x + width, y) + at(x, y);
}
