/** What the metrics take: images that add up, and the rules for transparency that they share. */
import type { Pixels } from '../contract.ts';
import { mostOf, shallow } from '../depth.ts';

/** Grey that transparent pixels are blended over, in 510ths of white. */
export type Backdrop = 51 | 459;

const DARK: Backdrop = 51;
const LIGHT: Backdrop = 459;

/** Largest image, in pixels: its planes must fit in the 4 GiB of a wasm memory. */
const MAX_PIXELS = 200_000_000;

/** A reference as seen over one backdrop, and the backdrops that candidates are blended over against it. */
export interface View<Eye> {
  eye: Eye;
  backdrops: Backdrop[];
}

/** @throws Error when an image is empty, too large, or not as many bytes as its size says. */
export function assertConsistent({ data, deep, width, height, channels }: Pixels): void {
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
  if (deep && deep.length !== data.length)
    throw new Error(`${deep.length} deep samples are not the same image as ${data.length} bytes.`);
}

/** @throws Error when a candidate is inconsistent or not of the reference's size. */
export function assertComparable(reference: { width: number; height: number }, candidate: Pixels): void {
  assertConsistent(candidate);
  if (candidate.width === reference.width && candidate.height === reference.height) return;
  const sizes = `${candidate.width} x ${candidate.height} against ${reference.width} x ${reference.height}`;
  throw new Error(`Images of different sizes cannot be compared: ${sizes}.`);
}

/** A candidate as it is judged: by all its bits against a deep reference, against another in 8. */
export function inDepthOf(reference: Pixels, candidate: Pixels): Pixels {
  return reference.deep ? candidate : shallow(candidate);
}

export function isOpaque({ data, deep, channels }: Pixels): boolean {
  if (channels === 3) return true;
  const samples = deep ?? data;
  const most = mostOf(samples);
  for (let at = 3; at < samples.length; at += 4) if (samples[at] !== most) return false;
  return true;
}

/**
 * The views of a reference. Alpha: both images are seen over dark and over light grey, in two views where the
 * reference's transparency shows the backdrop, else in one that serves both.
 */
export function viewsOf<Eye>(
  reference: Pixels,
  look: (pixels: Pixels, backdrop: Backdrop) => Eye,
): View<Eye>[] {
  const view = (backdrops: Backdrop[]) => ({ eye: look(reference, backdrops[0]!), backdrops });
  return isOpaque(reference) ? [view([DARK, LIGHT])] : [view([DARK]), view([LIGHT])];
}

/** The views with each backdrop that the candidate has to be seen over: an opaque one looks alike over all. */
export function glances<Eye>(views: View<Eye>[], candidate: Pixels): { eye: Eye; backdrop: Backdrop }[] {
  const opaque = isOpaque(candidate);
  return views.flatMap(({ eye, backdrops }) =>
    (opaque ? backdrops.slice(0, 1) : backdrops).map((backdrop) => ({ eye, backdrop })),
  );
}
