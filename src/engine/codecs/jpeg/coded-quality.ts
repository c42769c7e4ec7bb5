/** How finely a JPEG is quantized, on the scale of libjpeg's `quality`, whatever program wrote it. */
import { readQuantization } from './quantization.ts';
import { DQT, type Segment } from './segments.ts';

/** Sum of the luma table of ITU-T T.81 table K.1, which libjpeg scales: quality 50. */
const STANDARD_SUM = 3685;

/** @returns 1 to 100, of the table in the lowest slot, which is luma's in all usual files; null when there is none. */
export function codedQualityOfJpeg(segments: Segment[]): number | null {
  const tables: Uint16Array[] = [];
  for (const { marker, payload } of segments) if (marker === DQT) readQuantization(payload, tables);
  const luma = tables.find((table) => table !== undefined);
  if (!luma) return null;
  const scale = (100 * luma.reduce((sum, step) => sum + step, 0)) / STANDARD_SUM;
  const quality = scale <= 100 ? 100 - scale / 2 : 5000 / scale;
  return Math.min(100, Math.max(1, Math.round(quality)));
}
