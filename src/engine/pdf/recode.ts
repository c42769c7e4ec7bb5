/** An embedded image through the engine's own path for still images: the same codecs, search, judge and gates. */
import { insertSegments } from '../codecs/jpeg/segments.ts';
import { Decline, type OptimizeOptions, type Output } from '../contract.ts';
import { inspect } from '../inspect.ts';
import type { Presentation } from '../presentation.ts';
import { optimizeStill } from '../still.ts';
import type { Size } from '../transform/size.ts';
import type { PdfDocument } from './document.ts';
import { decodeFully, filtersOf, type Layers } from './filters.ts';
import { flateOf } from './flate-image.ts';
import type { EmbeddedImage } from './images.ts';
import { marked } from './inks.ts';
import { adobeTransform, bareJpeg, componentsOf, metadataOf, samePdfColours } from './jpeg-stream.ts';
import { alphaAt } from './masks.ts';
import type { Dictionary, Stream } from './objects.ts';
import { encodedAs } from './repack.ts';

/** A stream for an image, and what the judge said of it. */
export interface Recoded {
  stream: Stream;
  output: Output;
}

/**
 * @param best the smallest stream so far, which a result must beat.
 * @param size what the image is to be resized to; null to keep its own.
 * @returns null where no result passes.
 */
export async function recodeImage(
  image: EmbeddedImage,
  best: Stream,
  document: PdfDocument,
  options: OptimizeOptions,
  size: Size | null,
  signal?: AbortSignal,
): Promise<Recoded | null> {
  const { stored } = image;
  const recode = (each: EmbeddedImage, rival: Stream) =>
    recodeFile(each, rival, document, options, size, signal);
  if (!stored) return recode(image, best);
  // The file of its inks has not the coefficients that an exact result keeps.
  const exact = size
    ? null
    : await recode({ ...image, file: stored, components: null, profileBytes: 0 }, best);
  const lossy = size || options.fidelity !== 'lossless' ? await recode(image, exact?.stream ?? best) : null;
  return lossy ?? exact;
}

async function recodeFile(
  image: EmbeddedImage,
  best: Stream,
  document: PdfDocument,
  options: OptimizeOptions,
  size: Size | null,
  signal?: AbortSignal,
): Promise<Recoded | null> {
  const mayLose = image.components !== null && (size !== null || options.fidelity !== 'lossless');
  // Whoever wants nothing lost but pixels gets no JPEG of what is none.
  const staysFlate = options.fidelity === 'lossless' && image.format === 'png';
  if (size ? !mayLose : !mayLose && staysFlate) return null;
  const asked = { ...options, ...(size && { resize: { ...size, fit: 'fill' as const } }) };
  const output = await smallest(
    image,
    best,
    mayLose ? asked : { ...asked, fidelity: 'lossless', quality: undefined },
    staysFlate ? 'png' : 'jpeg',
    signal,
  );
  if (!output) return null;
  const layers = staysFlate
    ? await flateOf(output.data, image.components as 1 | 3, options.limits)
    : jpegLayers(output, image, options.metadata === 'all' ? metadataIn(best, document) : []);
  if (!layers || layers.data.length >= best.data.length) return null;
  const stream = encodedAs(best, layers);
  return { stream: size ? { ...stream, dictionary: sizedAs(size, stream.dictionary) } : stream, output };
}

/** Null where viewers would take its components for other colours. */
function jpegLayers(output: Output, image: EmbeddedImage, kept: Uint8Array[]): Layers | null {
  const jpeg = bareJpeg(output.data);
  if (!jpeg) return null;
  if (output.quality === null) {
    if (!samePdfColours(image.file, jpeg, image.parameters)) return null;
  } else if (componentsOf(jpeg) !== image.components) return null;
  const filters = [{ name: 'DCTDecode', parameters: image.parameters }];
  const hasMarker = image.stored && adobeTransform(image.stored) !== null;
  const coded = image.components === 4 ? marked(jpeg, hasMarker ?? false) : jpeg;
  return { data: insertSegments(coded, kept), filters };
}

function sizedAs({ width, height }: Size, dictionary: Dictionary): Dictionary {
  return new Map(dictionary).set('Width', { atom: `${width}` }).set('Height', { atom: `${height}` });
}

async function smallest(
  image: EmbeddedImage,
  best: Stream,
  options: OptimizeOptions,
  format: 'jpeg' | 'png',
  signal: AbortSignal | undefined,
): Promise<Output | null> {
  const { file, profileBytes } = image;
  const budgetBytes = (best.data.length + profileBytes) * options.maxOverhead;
  try {
    const source = await inspect(file, options.limits);
    const presentation = presentationOf(image, options.resize ?? source.facts);
    const [output] = await optimizeStill(
      { ...source, presentation },
      {
        ...options,
        targets: [format],
        accept: [format],
        metadata: profileBytes > 0 ? 'all' : 'none',
        // What is printed stays what it is printed with.
        cmyk: 'keep',
        background: undefined,
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

function presentationOf(
  { components, isInverted, mask }: EmbeddedImage,
  { width, height }: Partial<Size>,
): Presentation {
  const plainInks = components === 4 && !isInverted;
  return mask ? { plainInks, alpha: alphaAt(mask, width!, height!) } : { plainInks };
}

function metadataIn(stream: Stream, { resolve, budget }: PdfDocument): Uint8Array[] {
  const layers = decodeFully(stream, filtersOf(stream, resolve) ?? [], budget);
  return layers?.filters.length === 1 ? metadataOf(layers.data) : [];
}
