/** What was learned of each lossy encoder, so that a search begins near its end. The numbers are written by `npm run train`. */
import type { LossyEncoder } from './codecs/codec.ts';
import type { PixelFormat } from './contract.ts';
import type { Spreads } from './forecast.ts';
import { LEARNED } from './learned-encoders.ts';

/** Numbers by number, rising in the first; between the points lies a straight line. */
export type Points = readonly (readonly [at: number, value: number])[];

export interface LearnedEncoder {
  /** The median image's gated score by quality. */
  curve: Points;
  /** Logarithm of the median image's bytes by quality, less that at the first point: steps of quality differ in size. */
  growth: Points;
  /** Missing where a sample says nothing of the whole, as with palettes. */
  sample?: LearnedSample;
  /** The same of close-ups of what the sample suspects: of the worst of their gated scores. */
  suspects?: LearnedSample;
  spreads: Spreads;
}

export interface LearnedSample {
  /** Gated score of the whole image less the score of what was looked at, by the latter, at `USUAL_PIXELS`. */
  offset: Points;
  /** What every doubling of the pixels adds to that: in a larger image the worst tile lies further from the mean. */
  doubling: number;
  /** Bytes of the whole image for one of what was looked at, scaled to the whole. */
  bytes: number;
}

/** Straight from nothing to the best, and unsure of it: where nothing was learned. */
const UNLEARNED: LearnedEncoder = {
  curve: [
    [1, 20],
    [100, 95],
  ],
  growth: [
    [1, 0],
    [100, 4],
  ],
  spreads: { blind: 12, sample: 12, suspects: 12, judged: 0.5, drift: 0.25 },
};

/** How much less sure what was learned of one encoder is of another that resembles it. */
const RESEMBLANCE = 1.5;

export function learnedOf(
  format: PixelFormat,
  { variant, resembles = '' }: Pick<LossyEncoder, 'variant' | 'resembles'>,
): LearnedEncoder {
  const own = LEARNED[`${format} ${variant}`];
  const other = LEARNED[resembles];
  return own ?? (other ? { ...other, spreads: widen(other.spreads) } : UNLEARNED);
}

function widen({ blind, sample, suspects, judged, drift }: Spreads): Spreads {
  return {
    blind: RESEMBLANCE * blind,
    sample: RESEMBLANCE * sample,
    suspects: RESEMBLANCE * suspects,
    judged: RESEMBLANCE * judged,
    drift: RESEMBLANCE * drift,
  };
}

/** The size to which samples' offsets belong. */
export const USUAL_PIXELS = 400_000;

/**
 * What the score and bytes of a sample, or of the worst of the suspects, say of the whole.
 * @param pixels of the whole image.
 * @param bytes already scaled to the whole.
 */
export function fromSample(
  { offset, doubling, bytes: factor }: LearnedSample,
  pixels: number,
  score: number,
  bytes: number,
): { score: number; bytes: number } {
  const size = doubling * Math.log2(pixels / USUAL_PIXELS);
  return { score: score + valueAt(offset, score) + size, bytes: bytes * factor };
}

/** Linear between the points, level beyond them. */
export function valueAt(points: Points, at: number): number {
  const right = points.findIndex(([x]) => x >= at);
  if (right <= 0) return points.at(right)![1];
  const [[x0, y0], [x1, y1]] = [points[right - 1]!, points[right]!];
  return y0 + ((at - x0) * (y1 - y0)) / (x1 - x0);
}
