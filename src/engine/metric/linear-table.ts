/** sRGB to linear light, as the tables that the metric's wasm reads. Computed once per process, on first use. */

/** Levels of one byte blended with one byte of alpha over a grey in 510ths: 255 x 255 x 2, and zero. */
const FINE_LEVELS = 255 * 255 * 2;

/** Linear light of an encoded value, both 0 to 1 (IEC 61966-2-1). */
function toLinear(encoded: number): number {
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
}

function table(levels: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: levels + 1 }, (_, level) => toLinear(level / levels));
}

let fine: Float32Array<ArrayBuffer> | undefined;
let deep: Float32Array<ArrayBuffer> | undefined;

/** Linear value of each 8-bit sample. */
export const byteTable = table(255);

/** Linear value of each 130,050th: exact for 8-bit samples blended by 8-bit alpha over grey 0.1, 0.5 or 0.9. */
export function fineTable(): Float32Array<ArrayBuffer> {
  fine ??= table(FINE_LEVELS);
  return fine;
}

/** Linear value of each 16-bit sample; those of 8-bit levels in 16 bits are the very values of `byteTable`. */
export function deepTable(): Float32Array<ArrayBuffer> {
  deep ??= table(65_535);
  return deep;
}
