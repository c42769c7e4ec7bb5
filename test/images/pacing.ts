/** When the frames of an animation are shown. */
import { openAnimation } from '../../src/engine/animation/play.ts';
import { DEFAULT_LIMITS } from '../../src/engine/contract.ts';
import { inspectFrames } from '../../src/engine/inspect.ts';

/** How often it plays, 0 for ever, and for how many seconds each frame stands. */
export async function timesOf(file: Uint8Array): Promise<{ plays: number; seconds: number[] }> {
  const { plays, patches } = openAnimation(await inspectFrames(file, DEFAULT_LIMITS));
  const seconds: number[] = [];
  for await (const { delay } of patches()) seconds.push(delay.numerator / delay.denominator);
  return { plays, seconds };
}
