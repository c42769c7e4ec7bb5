/**
 * The engine's one verb: an image in, its smallest faithful encodings out, or the reason why there are
 * none. Bytes and plain options in, an outcome out; where either comes from is the caller's business.
 */
import { firstFrame } from './animation/first-frame.ts';
import { isMovingFormat } from './animation/play.ts';
import { optimizeAnimation } from './animation.ts';
import { Decline, type OptimizeOptions, type Outcome, type Output, type SourceFacts } from './contract.ts';
import { checkStill, inspectFrames, type Source } from './inspect.ts';
import { optimizePdf } from './pdf.ts';
import { optimizeStill } from './still.ts';
import { optimizeSvg } from './svg.ts';
import { ENGINE_VERSION } from './version.ts';

/**
 * @param bytes an image file: JPEG, PNG, WebP, AVIF, GIF (still), TIFF, BMP, ICO, HEIC or SVG; or a PDF.
 * @param options see `DEFAULT_OPTIONS` for what a plain lossy optimization asks.
 * @param signal ends the work between two encodes; a codec's single call cannot be interrupted.
 * @throws the signal's reason; whatever is wrong with the image itself is a declined outcome.
 */
export async function optimize(
  bytes: Uint8Array,
  options: OptimizeOptions,
  signal?: AbortSignal,
): Promise<Outcome> {
  let facts: SourceFacts | null = null;
  try {
    const source = await inspectFrames(bytes, options.limits);
    facts = source.facts;
    const outputs = await optimizeByKind(source, options, signal);
    return { status: 'done', engine: ENGINE_VERSION, source: facts, outputs };
  } catch (error) {
    if (!(error instanceof Decline)) throw error;
    const { reason, message } = error;
    return { status: 'declined', engine: ENGINE_VERSION, source: facts, reason, detail: message };
  }
}

/** The first frame of an animation is a still image. */
async function optimizeByKind(
  source: Source,
  options: OptimizeOptions,
  signal?: AbortSignal,
): Promise<Output[]> {
  const { drawing, facts, pages } = source;
  if (drawing) return optimizeSvg({ ...source, drawing }, options, signal);
  if (facts.format === 'pdf') return optimizePdf(source, options, signal);
  if (pages > 1 && options.frames === 'first')
    return optimizeStill(await firstFrame(source), options, signal);
  if (pages > 1 && isMovingFormat(facts.format)) return optimizeAnimation(source, options, signal);
  checkStill(source);
  return optimizeStill(source, options, signal);
}
