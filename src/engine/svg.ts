/**
 * A drawing made smaller: written again in fewer characters for as long as it looks the same, or rendered for the formats made of
 * pixels. Drawings are never made of pixels, and `auto` leaves a drawing one, since only drawings are sharp at every size.
 */
import { Decline, type OptimizeOptions, type Output, PIXEL_FORMATS, type PixelFormat } from './contract.ts';
import type { Source } from './inspect.ts';
import { optimizeStill } from './still.ts';
import type { Drawing } from './svg/drawing.ts';
import { rasterize } from './svg/rasterize.ts';
import { rewrite } from './svg/rewrite.ts';

/** @throws Decline when no target has an output that may ship; the signal's reason. */
export async function optimizeSvg(
  source: Source & { drawing: Drawing },
  options: OptimizeOptions,
  signal?: AbortSignal,
): Promise<Output[]> {
  const targets = options.targets.filter((target): target is PixelFormat =>
    PIXEL_FORMATS.some((format) => format === target),
  );
  const attempts: (() => Promise<Output[]>)[] = [];
  if (targets.length < options.targets.length)
    attempts.push(async () => [await rewrite(source, options, signal)]);
  if (targets.length > 0) {
    attempts.push(async () =>
      optimizeStill(await rasterize(source, options), { ...options, targets }, signal),
    );
  }
  return gather(attempts);
}

/** What any of them gives. @throws Decline of the first, when none gives anything. */
async function gather(attempts: (() => Promise<Output[]>)[]): Promise<Output[]> {
  const outputs: Output[] = [];
  const declines: Decline[] = [];
  for (const attempt of attempts) {
    try {
      outputs.push(...(await attempt()));
    } catch (error) {
      if (!(error instanceof Decline)) throw error;
      declines.push(error);
    }
  }
  if (outputs.length === 0) throw declines[0]!;
  return outputs;
}
