/**
 * Recognizes sources that lossy encoding in their own format would not make smaller: what was quantized so coarsely
 * before has little left that could go unseen. Known from the header alone; `npm run bench -- recognition`
 * says how often it is wrong.
 */
import type { OutputFormat } from './contract.ts';
import { type Points, valueAt } from './learned.ts';
import type { Subject } from './subject.ts';

/** Up to which coded quality a search almost never wins, by floor. Of WebP there is no lossless rest to gain either. */
const WELL_COMPRESSED: Partial<Record<OutputFormat, Points>> = {
  jpeg: [
    [75, 30],
    [80, 50],
    [85, 65],
    [90, 80],
    [95, 95],
  ],
  webp: [
    [75, 30],
    [80, 50],
    [85, 65],
    [90, 80],
    [95, 95],
  ],
};

/** Whether a search in this format is not worth its time. */
export function isWellCompressed(
  { source, options, resized }: Pick<Subject, 'source' | 'options' | 'resized'>,
  format: OutputFormat,
): boolean {
  const thresholds = source.facts.format === format && !resized ? WELL_COMPRESSED[format] : undefined;
  if (!thresholds || source.codedQuality === null) return false;
  return source.codedQuality <= valueAt(thresholds, options.floor);
}
