/** An embedded image through the engine's own path for still images: the same codecs, search, judge and gates. */
import { insertSegments } from '../codecs/jpeg/segments.ts';
import { Decline, type OptimizeOptions, type Output } from '../contract.ts';
import { inspect } from '../inspect.ts';
import { optimizeStill } from '../still.ts';
import type { PdfDocument } from './document.ts';
import { decodeFully, filtersOf } from './filters.ts';
import type { EmbeddedImage } from './images.ts';
import { bareJpeg, componentsOf, metadataOf, samePdfColours } from './jpeg-stream.ts';
import type { Stream } from './objects.ts';
import { encodedAs } from './repack.ts';

/** A stream for an image, and what the judge said of it. */
export interface Recoded {
  stream: Stream;
  output: Output;
}

/**
 * @param best the smallest stream so far, which a result must beat.
 * @returns null where no result passes.
 */
export async function recodeImage(
  image: EmbeddedImage,
  best: Stream,
  document: PdfDocument,
  options: OptimizeOptions,
  signal?: AbortSignal,
): Promise<Recoded | null> {
  const mayLose = options.fidelity !== 'lossless' && image.components !== null;
  if (!mayLose && image.format !== 'jpeg') return null;
  const output = await smallest(
    image,
    best,
    mayLose ? options : { ...options, fidelity: 'lossless', quality: undefined },
    signal,
  );
  const jpeg = output && bareJpeg(output.data);
  if (!jpeg) return null;
  if (output.quality === null) {
    if (!samePdfColours(image.file, jpeg, image.parameters)) return null;
  } else if (componentsOf(jpeg) !== image.components) return null;
  const kept = options.metadata === 'all' ? metadataIn(best, document) : [];
  const data = insertSegments(jpeg, kept);
  if (data.length >= best.data.length) return null;
  return {
    stream: encodedAs(best, { data, filters: [{ name: 'DCTDecode', parameters: image.parameters }] }),
    output,
  };
}

async function smallest(
  { file, profileBytes }: EmbeddedImage,
  best: Stream,
  options: OptimizeOptions,
  signal: AbortSignal | undefined,
): Promise<Output | null> {
  const budgetBytes = (best.data.length + profileBytes) * options.maxOverhead;
  try {
    const source = await inspect(file, options.limits);
    const [output] = await optimizeStill(
      source,
      {
        ...options,
        targets: ['jpeg'],
        accept: ['jpeg'],
        metadata: profileBytes > 0 ? 'all' : 'none',
        gate: 'smaller',
        maxOverhead: budgetBytes / file.length,
      },
      signal,
    );
    return output ?? null;
  } catch (error) {
    if (error instanceof Decline) return null;
    throw error;
  }
}

function metadataIn(stream: Stream, { resolve, budget }: PdfDocument): Uint8Array[] {
  const layers = decodeFully(stream, filtersOf(stream, resolve) ?? [], budget);
  return layers?.filters.length === 1 ? metadataOf(layers.data) : [];
}
