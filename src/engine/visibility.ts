/**
 * How visible a difference is, in people's terms: estimated just noticeable differences. Measured on the bytes that
 * should ship, once the score and the worst tile, which see local and colour faults, have let them pass. What those
 * hardly see either, a cast of colour and a dot on plain ground, counts where it is more.
 */
import type { InputFormat, Pixels, Visibility } from './contract.ts';
import { iwssimLevels, iwssimOf } from './metric/iwssim.ts';
import { estimateJnd, visibleProbability } from './metric/jnd.ts';
import { tintOf } from './metric/tint.ts';

/** The estimate was fitted to IW-SSIM of all five levels; a smaller image's value means something else. */
const LEVELS = 5;

/**
 * @param score SSIMULACRA 2.1 of the pair.
 * @param format of the candidate: people may have been found to see one sooner than another.
 */
export function measureVisibility(
  reference: Pixels,
  candidate: Pixels,
  score: number,
  format: InputFormat | null,
): Visibility {
  const iwssim =
    iwssimLevels(reference.width, reference.height) === LEVELS ? iwssimOf(reference, candidate) : null;
  const estimated = estimate(score, iwssim, format);
  const jnd = Math.max(estimated.jnd, tintOf(reference, candidate));
  return { ...estimated, jnd, probability: visibleProbability(jnd) };
}

/** Of a result that is its reference. */
export function invisible(width: number, height: number): Visibility {
  return estimate(100, iwssimLevels(width, height) === LEVELS ? 1 : null, null);
}

function estimate(score: number, iwssim: number | null, format: InputFormat | null): Visibility {
  const { jnd, spread, visibleProbability } = estimateJnd({ ssimulacra2: score, iwssim, format });
  return { jnd, spread, probability: visibleProbability, iwssim };
}
