/**
 * IW-SSIM (Zhou Wang and Qiang Li, "Information Content Weighting for Perceptual Image Quality Assessment", IEEE
 * TIP 20(5), 2011): how much of a reference's structure a candidate keeps, places that tell more counting more.
 * Luma only, 1 = identical. The arithmetic is in metric/assembly, the rules about inputs in inputs.ts.
 */
import type { Pixels } from '../contract.ts';
import { assertComparable, assertConsistent, glances, inDepthOf, viewsOf } from './inputs.ts';
import { type LumaEye, lumaEyes, WINDOW } from './luma-eye.ts';

/** Exponents of the levels from fine to coarse, as published; used renormalised to a sum of one. */
const EXPONENTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/** A reference against which candidates of the same size are compared. */
export interface IwssimReference {
  /**
   * IW-SSIM of the candidate, 0 to 1; null where it is undefined (a side under 11 px).
   * @throws Error when the size differs or after `release`.
   */
  compare(candidate: Pixels): number | null;
  /** Frees the memory: 23 bytes a pixel up to 16 megapixels, 12 above, twice that with transparency. */
  release(): void;
}

/**
 * Levels that an image has, 0 to 5: the coarsest must hold an 11 x 11 window. Only with all five, that is with
 * a shorter side of 176 px, is the value the one that the literature reports and that JND were fitted to.
 */
export function iwssimLevels(width: number, height: number): number {
  const windows = Math.floor(Math.min(width, height) / WINDOW);
  return windows < 1 ? 0 : Math.min(EXPONENTS.length, Math.floor(Math.log2(windows)) + 1);
}

/**
 * IW-SSIM of one pair, 0 to 1; null where it is undefined (a side under 11 px). As `prepareIwssim` says it, but half
 * the memory, and so on large images a tenth faster: nothing is kept for a second candidate.
 * @throws Error when sizes differ, and as `prepareIwssim`.
 */
export function iwssimOf(reference: Pixels, candidate: Pixels): number | null {
  const prepared = prepareIwssim(reference, false);
  try {
    return prepared.compare(candidate);
  } finally {
    prepared.release();
  }
}

/**
 * Computes a reference's side once, for any number of candidates. Alpha is treated as in SSIMULACRA 2
 * (inputs.ts): over dark and over light grey, and the lower value counts. Luma is rounded to whole levels, as
 * published; beside a deep reference to 256ths, since rounded slopes are all steps.
 * @param keep whether means and variances are kept for the next candidate; changes no number.
 * @throws Error when the image is inconsistent, larger than 200 megapixels, or memory does not suffice.
 */
export function prepareIwssim(pixels: Pixels, keep?: boolean): IwssimReference {
  assertConsistent(pixels);
  const { width, height } = pixels;
  const levels = iwssimLevels(width, height);
  let views =
    levels === 0 ? [] : viewsOf(pixels, (reference, backdrop) => look(reference, backdrop, levels, keep));
  let released = false;
  return {
    compare(shown) {
      if (released) throw new Error('This reference was released.');
      assertComparable({ width, height }, shown);
      if (levels === 0) return null;
      const candidate = inDepthOf(pixels, shown);
      return Math.min(
        ...glances(views, candidate).map(({ eye, backdrop }) => similarity(eye.losses(candidate, backdrop))),
      );
    },
    release() {
      for (const { eye } of views) lumaEyes.give(eye);
      views = [];
      released = true;
    },
  };
}

function look(...how: Parameters<LumaEye['look']>): LumaEye {
  const eye = lumaEyes.take();
  eye.look(...how);
  return eye;
}

/** The product over levels of q to its exponent; a negative q (structure turned over) counts as 0. */
function similarity(losses: number[]): number {
  const exponents = EXPONENTS.slice(0, losses.length);
  const sum = exponents.reduce((total, exponent) => total + exponent);
  return losses.reduce((value, loss, level) => value * Math.max(0, 1 - loss) ** (exponents[level]! / sum), 1);
}
