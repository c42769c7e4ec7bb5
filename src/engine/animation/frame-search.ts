/**
 * Finds the lowest quality at which a frame passes. Scores do not rise evenly with quality, and not always, so nothing is
 * concluded from a try but where to look next: what passed in fewest bytes is what is found.
 */

/** A frame encoded at one quality, and how it looks. */
export interface Tried {
  bytes: number;
  /** Points above what is asked. */
  margin: number;
}

/** Points above the floor that are aimed at: later frames inherit what this one leaves standing. */
const HEADROOM = 0.3;
/** Fewer points above the floor than this are not worth another try, */
const CLOSE = 0.6;
/** nor is what would save less than this share of the bytes. */
const SMALL_GAIN = 0.01;
/** Points by which a step of quality changes the score, in guesses up and down. */
const POINTS_A_STEP = { up: 0.45, down: 0.7 };
/** Between a try that passed and one that did not, so far from either the next is made at least. */
const LEAST_SHARE = 0.15;

type At<T> = T & { quality: number };

/**
 * @param start the quality to try first, 1 to 100.
 * @param most tries that are made at most.
 * @returns null where none passed, or the frame cannot be encoded.
 */
export async function lowestPassing<T extends Tried>(
  attempt: (quality: number) => Promise<T | null>,
  start: number,
  most: number,
): Promise<At<T> | null> {
  let [best, passed, failed]: [At<T> | null, At<T> | null, At<T> | null] = [null, null, null];
  for (let left = most, quality = start; left > 0; left--) {
    const result = await attempt(quality);
    if (!result) return null;
    const tried = { ...result, quality };
    if (tried.margin >= 0) {
      passed = tried;
      if (!best || tried.bytes <= best.bytes) best = tried;
    } else failed = tried;
    if (isEnough(passed, failed)) break;
    quality = nextQuality(passed, failed, 1 + (most - left) / 2);
  }
  return best;
}

function isEnough(passed: At<Tried> | null, failed: At<Tried> | null): boolean {
  if (!passed) return failed!.quality >= 100;
  if (passed.margin < CLOSE || passed.quality <= 1) return true;
  if (!failed) return false;
  return passed.quality - failed.quality <= 1 || failed.bytes > passed.bytes * (1 - SMALL_GAIN);
}

/** @param boldness by how much the guess is overdone while all tries lie on one side. */
function nextQuality(passed: At<Tried> | null, failed: At<Tried> | null, boldness: number): number {
  if (passed && failed) {
    const share = (HEADROOM - failed.margin) / (passed.margin - failed.margin);
    const span = passed.quality - failed.quality;
    const step = Math.round(span * clamp(share, LEAST_SHARE, 1 - LEAST_SHARE));
    return failed.quality + clamp(step, 1, span - 1);
  }
  if (failed) {
    const step = Math.ceil((boldness * (HEADROOM - failed.margin)) / POINTS_A_STEP.up);
    return Math.min(100, failed.quality + step);
  }
  const step = Math.floor((boldness * (passed!.margin - HEADROOM)) / POINTS_A_STEP.down);
  return clamp(passed!.quality - Math.max(1, step), 1, passed!.quality - 1);
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
