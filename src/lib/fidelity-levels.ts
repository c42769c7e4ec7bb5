/**
 * Levels of compression by neutral names, for protocols that offer a choice of a few: what each asks of the engine.
 * Which of a protocol's own words means which level is that protocol's to say.
 */

export interface FidelityLevel {
  fidelity: 'lossless' | 'glossy' | 'lossy';
  /** The lowest score that may ship; none where nothing may be lost. */
  floor?: number;
}

/**
 * What `lossless` is held to where an image is resized or cropped and its format cannot hold the new pixels exactly: the first
 * where a result that reaches it is small enough, else the last.
 */
export const RESIZED_FLOORS = [95, 90] as const;

/** From the fewest bytes to the most, and from the lowest score to the highest. */
export const FIDELITY_LEVELS = {
  /** Differences are found by who compares closely with the original at hand. */
  strongest: { fidelity: 'lossy', floor: 75 },
  /** Differences are there, and hard to find. */
  balanced: { fidelity: 'lossy', floor: 85 },
  /** For products, art and whatever will be edited again. */
  careful: { fidelity: 'glossy', floor: 90 },
  lossless: { fidelity: 'lossless' },
} as const satisfies Record<string, FidelityLevel>;
