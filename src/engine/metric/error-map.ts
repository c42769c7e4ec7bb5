/**
 * The per-pixel error map: for each pixel the weighted sum of the SSIM error, artifact and detail loss maps
 * of all scales and channels, each with what its mean and its 4-norm weigh together in SSIMULACRA 2.1,
 * smaller scales enlarged by repeating pixels. It is the weighted sum that an image would have in which every
 * pixel erred like this one.
 */
import { sideAt } from './plan.ts';
import { SCALES } from './weights.ts';

/** The weighted error of one scale. */
export interface ScaleMap {
  data: Float32Array;
  width: number;
}

/** Empty maps for all scales of an image; zero where a scale is never filled. */
export function createScaleMaps(width: number, height: number): ScaleMap[] {
  return Array.from({ length: SCALES }, (_, scale) => ({
    data: new Float32Array(sideAt(width, scale) * sideAt(height, scale)),
    width: sideAt(width, scale),
  }));
}

/** Sums the scales of one view per pixel and keeps the larger of that and what `errors` has. */
export function addErrors(errors: Float32Array, width: number, height: number, maps: ScaleMap[]): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      errors[at] = Math.max(errors[at]!, errorAt(maps, x, y));
    }
  }
}

function errorAt(maps: ScaleMap[], x: number, y: number): number {
  let error = 0;
  for (let scale = 0; scale < maps.length; scale++) {
    const { data, width } = maps[scale]!;
    error += data[(y >> scale) * width + (x >> scale)]!;
  }
  return error;
}
