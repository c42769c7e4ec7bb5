/**
 * Recognizes sources that lossy encoding in their own format would not make smaller: what was quantized so coarsely
 * before has little left that could go unseen. Known from the header alone; `npm run bench -- recognition`
 * says how often it is wrong.
 */
import type { PixelFormat } from './contract.ts';
import { type Points, valueAt } from './learned.ts';
import type { Subject } from './subject.ts';

/** Up to which coded quality a search almost never wins, by floor: measured. WebP has more to lose by a second coding. */
const WELL_COMPRESSED: Partial<Record<PixelFormat, Points>> = {
  jpeg: [
    [75, 25],
    [80, 42],
    [85, 62],
    [90, 80],
    [95, 95],
  ],
  webp: [
    [75, 45],
    [80, 68],
    [85, 76],
    [90, 85],
    [95, 96],
  ],
};

/** Whether a search in this format is not worth its time. */
export function isWellCompressed(
  { source, options, transformed }: Pick<Subject, 'source' | 'options' | 'transformed'>,
  format: PixelFormat,
): boolean {
  const thresholds = source.facts.format === format && !transformed ? WELL_COMPRESSED[format] : undefined;
  if (!thresholds || source.codedQuality === null) return false;
  return source.codedQuality <= valueAt(thresholds, options.floor);
}
