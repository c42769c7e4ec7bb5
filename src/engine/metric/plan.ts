/** What has to be computed for an image of a given size: how many scales, and which maps at each. */
import { CHANNELS, MAPS, SCALES, WEIGHTS } from './weights.ts';

/** Images smaller than this in either direction are no input to SSIMULACRA 2. */
export const MIN_SIDE = 8;

/** Up to here the reference's means and variances are kept: 20 bytes a pixel instead of 7, a quarter faster. */
const KEEP_PIXELS = 16_000_000;

/** With all scales present, weights below this move no score by more than 0.001. */
const NEGLIGIBLE = 0.01;

export interface Plan {
  width: number;
  height: number;
  /** Scales that the image has, 1 to 6: decides which weights its numbers meet. */
  scales: number;
  /** Scales that are computed: those with a map to compute. */
  depth: number;
  /** Per scale and channel (scale x 3 + channel) the maps needed: bit 0 SSIM error, 1 artifact, 2 detail loss. */
  masks: number[];
  /** Whether the reference's means and variances are kept; costs memory, saves time, changes no number. */
  keep: boolean;
}

/** Size of an image at a scale, in pixels; each scale halves the one before, rounding up. */
export function sideAt(side: number, scale: number): number {
  return Math.ceil(side / 2 ** scale);
}

/** Scale s exists when the one before it is at least 8 x 8. */
export function scaleCount(width: number, height: number): number {
  let scales = 1;
  while (scales < SCALES && Math.min(sideAt(width, scales - 1), sideAt(height, scales - 1)) >= MIN_SIDE)
    scales++;
  return scales;
}

/**
 * The weight of one number. The list is consumed in sequence, so that with fewer than six scales the
 * channels Y' and B' meet weights that were meant for others, as in the original tool.
 */
export function weightAt(scales: number, channel: number, scale: number, norm: number, map: number): number {
  return WEIGHTS[((channel * scales + scale) * 2 + norm) * MAPS + map]!;
}

/**
 * The plan for an image: with six scales only the maps that a weight above `NEGLIGIBLE` asks for (no X' or
 * B' at full size, nothing of the smallest scale), otherwise everything.
 * @param complete compute every map in any case.
 */
export function planFor(width: number, height: number, complete = false): Plan {
  const scales = scaleCount(width, height);
  const fast = scales === SCALES && !complete;
  const masks = Array.from({ length: SCALES * CHANNELS }, (_, at) =>
    fast ? neededMaps(Math.floor(at / CHANNELS), at % CHANNELS) : (1 << MAPS) - 1,
  );
  return {
    width,
    height,
    scales,
    depth: fast ? usedScales(masks) : scales,
    masks,
    keep: width * height <= KEEP_PIXELS,
  };
}

function neededMaps(scale: number, channel: number): number {
  let mask = 0;
  for (let map = 0; map < MAPS; map++) {
    const weights = [0, 1].map((norm) => weightAt(SCALES, channel, scale, norm, map));
    if (Math.max(...weights) > NEGLIGIBLE) mask |= 1 << map;
  }
  return mask;
}

function usedScales(masks: number[]): number {
  return Math.floor(masks.findLastIndex((mask) => mask !== 0) / CHANNELS) + 1;
}
