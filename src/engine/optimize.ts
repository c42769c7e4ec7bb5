/**
 * The engine's one verb: an image in, its smallest faithful encodings out, or the reason why there are
 * none. Bytes and plain options in, an outcome out; where either comes from is the caller's business.
 */
import { Decline, type OptimizeOptions, type Outcome, type Output, type SourceFacts } from './contract.ts';
import { inspect, type Source } from './inspect.ts';
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
    const source = await inspect(bytes, options.limits, options.frames);
    facts = source.facts;
    const outputs = await optimizeByKind(source, options, signal);
    return { status: 'done', engine: ENGINE_VERSION, source: facts, outputs };
  } catch (error) {
    if (!(error instanceof Decline)) throw error;
    const { reason, message } = error;
    return { status: 'declined', engine: ENGINE_VERSION, source: facts, reason, detail: message };
  }
}

function optimizeByKind(source: Source, options: OptimizeOptions, signal?: AbortSignal): Promise<Output[]> {
  const { drawing } = source;
  if (drawing) return optimizeSvg({ ...source, drawing }, options, signal);
  return (source.facts.format === 'pdf' ? optimizePdf : optimizeStill)(source, options, signal);
}
