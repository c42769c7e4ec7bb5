/**
 * SSIMULACRA 2.1 (Jon Sneyers, Cloudinary): how visible the difference between two images of one size is,
 * 100 = none, 90 = not even when flickered, 50 = medium. Here are the rules about inputs: alpha, tiny
 * sizes, limits. The arithmetic is in metric/assembly, the score in score.ts.
 */
import type { Judgement, Pixels } from '../contract.ts';
import { addErrors, createScaleMaps } from './error-map.ts';
import { type Backdrop, type Eye, giveEye, takeEye } from './eye.ts';
import { MIN_SIDE, type Plan, planFor } from './plan.ts';
import { judge } from './score.ts';

/** Largest image, in pixels: its planes must fit in the 4 GiB of a wasm memory. */
const MAX_PIXELS = 200_000_000;

/** An image against which candidates of the same size are judged. */
export interface Reference {
  /** SSIMULACRA 2.1 of the candidate and of its worst tile. Throws when the size differs or after `release`. */
  compare(candidate: Pixels): Judgement;
  /** Visible error per pixel, width x height, row by row: 0 = equal, larger = worse. See error-map.ts. */
  errorMap(candidate: Pixels): Float32Array;
  /** Frees the memory: 20 bytes a pixel up to 16 megapixels, 7 above, twice that with transparency. */
  release(): void;
}

/** A reference as seen over one backdrop, and the backdrops that candidates are blended over against it. */
interface View {
  eye: Eye;
  plan: Plan;
  backdrops: Backdrop[];
}

/** Grey 0.1 and 0.9 for references with alpha, 0.5 where only the candidate has it. */
const DARK: Backdrop = 51;
const LIGHT: Backdrop = 459;
const MIDDLE: Backdrop = 255;

/**
 * Computes a reference's side of the metric once, for any number of candidates.
 *
 * Alpha: a reference with an alpha channel is judged over dark and over light grey and the lower score
 * counts; if only the candidate has one, it is blended over middle grey; if only the reference has one, the
 * candidate counts as opaque. An image with a side under 8 px, which SSIMULACRA 2 refuses, is extended to 8 by
 * repeating its last column and row; equal images score 100 there too.
 *
 * @throws Error when the image is larger than 200 megapixels or memory does not suffice.
 */
export function prepareReference(pixels: Pixels): Reference {
  assertConsistent(pixels);
  const { width, height } = pixels;
  let views: View[] | null = lookAt(extend(pixels));
  function viewsFor(candidate: Pixels): View[] {
    if (views === null) throw new Error('This reference was released.');
    assertConsistent(candidate);
    if (candidate.width === width && candidate.height === height) return views;
    const sizes = `${candidate.width} x ${candidate.height} against ${width} x ${height}`;
    throw new Error(`Images of different sizes cannot be compared: ${sizes}.`);
  }
  return {
    compare: (candidate) => clip(compareViews(viewsFor(candidate), extend(candidate)), width, height),
    errorMap: (candidate) => mapViews(viewsFor(candidate), extend(candidate), width, height),
    release() {
      for (const { eye } of views ?? []) giveEye(eye);
      views = null;
    },
  };
}

function assertConsistent({ data, width, height, channels }: Pixels): void {
  if (!(width >= 1 && height >= 1))
    throw new Error(`An image of ${width} x ${height} pixels cannot be judged.`);
  if (width * height > MAX_PIXELS) {
    throw new Error(
      `An image of ${width} x ${height} pixels is too large to be judged (limit: ${MAX_PIXELS} pixels).`,
    );
  }
  if (data.length !== width * height * channels) {
    throw new Error(`${data.length} bytes are not ${width} x ${height} pixels of ${channels} channels.`);
  }
}

/** The views of a reference: two where transparency shows the backdrop, else one that serves both. */
function lookAt(pixels: Pixels): View[] {
  const plan = planFor(pixels.width, pixels.height);
  const look = (backdrops: Backdrop[]): View => {
    const eye = takeEye();
    eye.look(pixels, backdrops[0]!, plan);
    return { eye, plan, backdrops };
  };
  if (pixels.channels === 3) return [look([MIDDLE])];
  return isOpaque(pixels) ? [look([DARK, LIGHT])] : [look([DARK]), look([LIGHT])];
}

function isOpaque({ data, channels }: Pixels): boolean {
  if (channels === 3) return true;
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}

/** The views with each backdrop that the candidate has to be seen over: an opaque one looks alike over all. */
function glances(views: View[], candidate: Pixels): { eye: Eye; plan: Plan; backdrop: Backdrop }[] {
  const opaque = isOpaque(candidate);
  return views.flatMap(({ eye, plan, backdrops }) =>
    (opaque ? backdrops.slice(0, 1) : backdrops).map((backdrop) => ({ eye, plan, backdrop })),
  );
}

function compareViews(views: View[], candidate: Pixels): Judgement {
  const judgements = glances(views, candidate).map(({ eye, plan, backdrop }) =>
    judge(plan, eye.sumErrors(candidate, backdrop)),
  );
  return judgements.reduce((a, b) => ({
    score: Math.min(a.score, b.score),
    worstTile: b.worstTile.score < a.worstTile.score ? b.worstTile : a.worstTile,
  }));
}

function mapViews(views: View[], candidate: Pixels, width: number, height: number): Float32Array {
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
  const { data, width, height, channels } = pixels;
  if (width >= MIN_SIDE && height >= MIN_SIDE) return pixels;
  const wide = Math.max(width, MIN_SIDE);
  const high = Math.max(height, MIN_SIDE);
  const extended = new Uint8Array(wide * high * channels);
  for (let at = 0; at < wide * high; at++) {
    const x = Math.min(at % wide, width - 1);
    const y = Math.min(Math.floor(at / wide), height - 1);
    const from = (y * width + x) * channels;
    extended.set(data.subarray(from, from + channels), at * channels);
  }
  return { data: extended, width: wide, height: high, channels };
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
