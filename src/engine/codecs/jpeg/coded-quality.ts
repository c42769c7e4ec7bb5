/** How finely a JPEG is quantized, on the scale of libjpeg's `quality`, whatever program wrote it. */
import { readQuantization } from './quantization.ts';
import { DQT, type Segment } from './segments.ts';

/**
 * Sums of so many numbers, in zigzag order, of the luma table of ITU-T T.81 table K.1, which libjpeg scales: quality
 * 50. Other tables may be as fine where most of a picture is and far coarser beyond, as MozJPEG's is, or the other
 * way round: by all numbers alone, what it writes at 75 would be taken for 61, and searches left out that often win.
 */
const STANDARD = [
  { count: 28, sum: 683 },
  { count: 64, sum: 3688 },
];

/** @returns 1 to 100, of the table in the lowest slot, which is luma's in all usual files; null when there is none. */
export function codedQualityOfJpeg(segments: Segment[]): number | null {
  const tables: Uint16Array[] = [];
  for (const { marker, payload } of segments) if (marker === DQT) readQuantization(payload, tables);
  const luma = tables.find((table) => table !== undefined);
  if (!luma) return null;
  // The finer reading: a source that is taken for finer than it is costs a search, the other way round bytes.
  return Math.max(...STANDARD.map(({ count, sum }) => qualityFor(sumOf(luma.subarray(0, count)) / sum)));
}

/** @param scale of the table, in those of quality 50. */
function qualityFor(scale: number): number {
  const quality = scale <= 1 ? 100 - 50 * scale : 50 / scale;
  return Math.min(100, Math.max(1, Math.round(quality)));
}

function sumOf(steps: Uint16Array): number {
  return steps.reduce((sum, step) => sum + step, 0);
}
