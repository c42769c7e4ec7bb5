/**
 * SSIMULACRA 2.1 (Jon Sneyers, Cloudinary): how visible the difference between two images of one size is,
 * 100 = none, 90 = not even when flickered, 50 = medium. Here are the rules about inputs: alpha, tiny
 * sizes, limits. The arithmetic is in metric/assembly, the score in score.ts.
 */
import type { Judgement, Pixels, Tile } from '../contract.ts';
import { emptyLike, withSamples } from '../depth.ts';
import { addErrors, createScaleMaps } from './error-map.ts';
import { type Eye, giveEye, takeEye } from './eye.ts';
import { assertComparable, assertConsistent, glances, inDepthOf, type View, viewsOf } from './inputs.ts';
import { MIN_SIDE, type Plan, planFor } from './plan.ts';
import { judge, scoreEachCell } from './score.ts';

/** Where a candidate looks better and worse. */
export interface Survey {
  score: number;
  cells: Tile[];
}

/** An image against which candidates of the same size are judged. */
export interface Reference {
  /** SSIMULACRA 2.1 of the candidate and of its worst tile. Throws when the size differs or after `release`. */
  compare(candidate: Pixels): Judgement;
  /** The score of the whole, and of every cell of 128 x 128 pixels by itself, row by row. Throws as `compare` does. */
  survey(candidate: Pixels): Survey;
  /** Visible error per pixel, width x height, row by row: 0 = equal, larger = worse. See error-map.ts. */
  errorMap(candidate: Pixels): Float32Array;
  /** Frees the memory: 20 bytes a pixel up to 16 megapixels, 7 above, twice that with transparency. */
  release(): void;
}

/**
 * Computes a reference's side of the metric once, for any number of candidates.
 *
 * Alpha: where either has an alpha channel, both are judged over dark and over light grey and the lower score
 * counts; what has none counts as opaque. An image with a side under 8 px, which SSIMULACRA 2 refuses, is extended to 8 by
 * repeating its last column and row; equal images score 100 there too.
 *
 * Depth: against a deep reference a candidate is judged by all its bits, against another in 8.
 *
 * @throws Error when the image is larger than 200 megapixels or memory does not suffice.
 */
export function prepareReference(pixels: Pixels): Reference {
  assertConsistent(pixels);
  const { width, height } = pixels;
  const extended = extend(pixels);
  const plan = planFor(extended.width, extended.height);
  let views: View<Eye>[] | null = viewsOf(extended, (reference, backdrop) => {
    const eye = takeEye();
    eye.look(reference, backdrop, plan);
    return eye;
  });
  function viewsFor(candidate: Pixels): View<Eye>[] {
    if (views === null) throw new Error('This reference was released.');
    assertComparable({ width, height }, candidate);
    return views;
  }
  const seen = (candidate: Pixels) => extend(inDepthOf(pixels, candidate));
  return {
    compare: (candidate) => clip(compareViews(viewsFor(candidate), plan, seen(candidate)), width, height),
    survey: (candidate) => surveyViews(viewsFor(candidate), plan, seen(candidate)),
    errorMap: (candidate) => mapViews(viewsFor(candidate), seen(candidate), width, height),
    release() {
      for (const { eye } of views ?? []) giveEye(eye);
      views = null;
    },
  };
}

function compareViews(views: View<Eye>[], plan: Plan, candidate: Pixels): Judgement {
  const judgements = glances(views, candidate).map(({ eye, backdrop }) =>
    judge(plan, eye.sumErrors(candidate, backdrop)),
  );
  return judgements.reduce((a, b) => ({
    score: Math.min(a.score, b.score),
    worstTile: b.worstTile.score < a.worstTile.score ? b.worstTile : a.worstTile,
  }));
}

function surveyViews(views: View<Eye>[], plan: Plan, candidate: Pixels): Survey {
  const surveys = glances(views, candidate).map(({ eye, backdrop }) => {
    const sums = eye.sumErrors(candidate, backdrop);
    return { score: judge(plan, sums).score, cells: scoreEachCell(plan, sums) };
  });
  return surveys.reduce((a, b) => ({
    score: Math.min(a.score, b.score),
    cells: a.cells.map((cell, at) => (b.cells[at]!.score < cell.score ? b.cells[at]! : cell)),
  }));
}

function mapViews(views: View<Eye>[], candidate: Pixels, width: number, height: number): Float32Array {
  const errors = new Float32Array(width * height);
  for (const { eye, backdrop } of glances(views, candidate)) {
    const maps = createScaleMaps(candidate.width, candidate.height);
    eye.mapErrors(candidate, backdrop, (scale, y, row) => maps[scale]!.data.set(row, y * maps[scale]!.width));
    addErrors(errors, width, height, maps);
  }
  return errors;
}

/** Repeats the last column and row up to 8 pixels; larger images as they are. */
function extend(pixels: Pixels): Pixels {
  const { width, height, channels } = pixels;
  if (width >= MIN_SIDE && height >= MIN_SIDE) return pixels;
  const wide = Math.max(width, MIN_SIDE);
  const high = Math.max(height, MIN_SIDE);
  return withSamples(pixels, { width: wide, height: high }, (samples) => {
    const extended = emptyLike(samples, wide * high * channels);
    for (let at = 0; at < wide * high; at++) {
      const x = Math.min(at % wide, width - 1);
      const y = Math.min(Math.floor(at / wide), height - 1);
      const from = (y * width + x) * channels;
      extended.set(samples.subarray(from, from + channels), at * channels);
    }
    return extended;
  });
}

/** The only tile of an extended image, without the extension. */
function clip({ score, worstTile }: Judgement, width: number, height: number): Judgement {
  const { x, y } = worstTile;
  return {
    score,
    worstTile: {
      ...worstTile,
      width: Math.min(worstTile.width, width - x),
      height: Math.min(worstTile.height, height - y),
    },
  };
}
