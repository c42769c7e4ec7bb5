/**
 * What is believed of an image before it is judged: at which quality of an encoder it will meet the floor, how sure
 * that is, and how many bytes it will take.
 *
 * The model: every image follows its encoder's median curve (`median-curve.ts`), shifted and bent along the
 * quality axis. A score is turned into its "median quality", the quality at which the median image has it; in
 * those units an image's scores lie nearly on a line. Scores of a sample of the image (`sample.ts`) draw that
 * line cheaply, scores of the whole image move it to where it belongs. Spreads are standard deviations in
 * steps of quality.
 */
import type { MedianCurve } from './median-curve.ts';

/** One encode: of the whole image, or of its sample scaled up to the whole. */
export interface Sighting {
  quality: number;
  /** The gated score. */
  score: number;
  bytes: number;
}

/** How sure a forecast is. Learned, see `npm run train`. */
export interface Spreads {
  /** Of the median curve alone. */
  blind: number;
  /** Of a sample, at a quality at which it was scored, */
  sample: number;
  /** and of close-ups of what it suspects. */
  suspects: number;
  /** Of the whole image, a step from a quality at which it was scored: the score is not a smooth function. */
  judged: number;
  /** What each further step adds. */
  drift: number;
}

/** An image's line is never flatter or steeper than this, in median steps a step. */
const SLOPES = { min: 0.4, max: 2.5 };
/** Nor do its bytes grow more slowly or faster than this, compared with the median image's. */
const STRETCHES = { min: 0.6, max: 1.7 };

export interface Forecast {
  /** Probability, 0 to 1, that the whole image reaches the floor at a quality. */
  passes(quality: number): number;
  /** Bytes of the whole image at a quality; NaN when nothing was encoded yet. */
  bytes(quality: number): number;
  /** Share of bytes, 0 to 1, that a lower quality saves. */
  saving(from: number, to: number): number;
}

export interface Evidence {
  curve: MedianCurve;
  /** Logarithm of the median image's bytes at a quality. */
  growth(quality: number): number;
  spreads: Spreads;
  sampled: Sighting[];
  /** What the sightings are of. */
  view: 'sample' | 'suspects';
  judged: Sighting[];
}

export function forecast(
  { curve, growth, spreads, sampled, view, judged }: Evidence,
  floor: number,
): Forecast {
  const goal = curve.qualityFor(floor);
  const line = lineThrough(sampled.map(toMedian(curve)));
  const correct = correctionBy(judged.map(toMedian(curve)), line, spreads);
  const unseen = { offset: 0, spread: sampled.length > 0 ? spreads[view] : spreads.blind };
  const stretch = stretchOf(sampled, growth) ?? stretchOf(judged, growth) ?? 1;
  const grown = (from: number, to: number) => Math.exp(stretch * (growth(to) - growth(from)));
  return {
    passes(quality) {
      const { offset, spread } = correct(quality) ?? unseen;
      return normalShare((line(quality) + offset - goal) / spread);
    },
    bytes(quality) {
      const near = nearest(judged.length > 0 ? judged : sampled, quality);
      return near ? near.bytes * grown(near.quality, quality) : Number.NaN;
    },
    saving: (from, to) => 1 - grown(from, to),
  };
}

type Line = (quality: number) => number;

/** How far the image itself lies from the line at a quality, and how sure that is; null where nothing was judged. */
function correctionBy(
  judged: MedianPoint[],
  line: Line,
  spreads: Spreads,
): (quality: number) => { offset: number; spread: number } | null {
  const seen = judged.toSorted((a, b) => a.quality - b.quality);
  const offsetOf = (point: MedianPoint) => point.median - line(point.quality);
  return (quality) => {
    const below = seen.findLast((point) => point.quality <= quality);
    const above = seen.find((point) => point.quality >= quality);
    const [from, to] = [below ?? above, above ?? below];
    if (!from || !to) return null;
    const reach = Math.min(...[from, to].map((point) => Math.abs(line(quality) - line(point.quality))));
    const spread = spreads.judged + spreads.drift * Math.max(0, reach - 1);
    const share = from === to ? 0 : (quality - from.quality) / (to.quality - from.quality);
    return { offset: offsetOf(from) * (1 - share) + offsetOf(to) * share, spread };
  };
}

function nearest(points: Sighting[], quality: number): Sighting | undefined {
  return points.toSorted((a, b) => Math.abs(a.quality - quality) - Math.abs(b.quality - quality))[0];
}

interface MedianPoint {
  quality: number;
  median: number;
}

function toMedian(curve: MedianCurve) {
  return ({ quality, score }: Sighting): MedianPoint => ({ quality, median: curve.qualityFor(score) });
}

/** Straight between neighbours, and on beyond the ends; the median image's own line when there are no points. */
function lineThrough(points: MedianPoint[]): Line {
  const [first, ...rest] = points.toSorted((a, b) => a.quality - b.quality);
  if (!first) return (quality) => quality;
  if (rest.length === 0) return (quality) => first.median + quality - first.quality;
  const all = [first, ...rest];
  return (quality) => {
    const above = all.findIndex((point) => point.quality >= quality);
    const right = above < 0 ? all.length - 1 : Math.max(1, above);
    const [from, to] = [all[right - 1]!, all[right]!];
    const isInside = quality >= from.quality && quality <= to.quality;
    const slope = (to.median - from.median) / (to.quality - from.quality);
    const bounded = isInside ? slope : Math.min(SLOPES.max, Math.max(SLOPES.min, slope));
    const near = quality > to.quality ? to : from;
    return near.median + (quality - near.quality) * bounded;
  };
}

/** How much faster than the median image's these bytes grow; null where fewer than two are known. */
function stretchOf(points: Sighting[], growth: Line): number | null {
  const sorted = points.toSorted((a, b) => a.quality - b.quality);
  const [first, last] = [sorted[0], sorted.at(-1)];
  const usual = first && last ? growth(last.quality) - growth(first.quality) : 0;
  if (!first || !last || usual <= 0) return null;
  const stretch = Math.log(last.bytes / first.bytes) / usual;
  return Math.min(STRETCHES.max, Math.max(STRETCHES.min, stretch));
}

/** Share of a normal distribution below `z` standard deviations (the logistic approximation, within 0.01). */
function normalShare(z: number): number {
  return 1 / (1 + Math.exp(-1.702 * z));
}
