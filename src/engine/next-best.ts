/**
 * What `lossless` comes to where an image is to have another size and the format cannot hold the new pixels exactly, as a JPEG
 * never can: the floors at which it is judged instead. Which format can hold what is its codec's to say.
 */
import { RESIZED_FLOORS } from '../lib/fidelity-levels.ts';
import type { OptimizeOptions, Output, Reason, Resize } from './contract.ts';

type Attempt = { output: Output } | { miss: Reason };
type Size = Pick<Resize, 'width' | 'height'>;

/**
 * @param resized whether the size changes.
 * @returns options for a result that is all but lossless, the strictest first; none where only the exact will do.
 */
export function nextBest(options: OptimizeOptions, resized: boolean): OptimizeOptions[] {
  if (options.fidelity !== 'lossless' || !resized) return [];
  return RESIZED_FLOORS.map((floor) => ({ ...options, fidelity: 'glossy', floor }));
}

export function hasNewSize(before: Size, after: Size): boolean {
  return before.width !== after.width || before.height !== after.height;
}

/** @param attempt misses as `unsupported` where none of its formats can hold the image exactly: then looser options have a try. */
export async function attemptOrNextBest(
  options: OptimizeOptions,
  resized: boolean,
  attempt: (options: OptimizeOptions) => Promise<Attempt>,
): Promise<Attempt> {
  let found = await attempt(options);
  if (!('miss' in found) || found.miss !== 'unsupported') return found;
  for (const looser of nextBest(options, resized)) {
    found = await attempt(looser);
    if ('output' in found) break;
  }
  return found;
}
