/**
 * A PDF made smaller: its streams packed anew, its images through the judge, its objects written tightly; everything
 * that it says stays, which is proven on the bytes that ship. How its parts are read and written is `pdf/`'s business.
 */
import { createHash } from 'node:crypto';
import { KEENEYE_VERSION } from '../lib/version.ts';
import { napiName } from './codecs/sharp.ts';
import { Decline, type OptimizeOptions, type Output } from './contract.ts';
import { budgetFor } from './gate.ts';
import type { Source } from './inspect.ts';
import { mayPack } from './pdf/conformance.ts';
import { deflateHarder } from './pdf/deflate-harder.ts';
import { type PdfDocument, readDocument } from './pdf/document.ts';
import { plannedSizes } from './pdf/downsample.ts';
import { maskNumbers, readImage } from './pdf/images.ts';
import { type IndirectObject, isStream, type Reference, type Stream } from './pdf/objects.ts';
import { readPages } from './pdf/pages.ts';
import { type Recoded, recodeImage } from './pdf/recode.ts';
import { findDuplicates, repackStream } from './pdf/repack.ts';
import { repackImages } from './pdf/repack-images.ts';
import { changedImages } from './pdf/same.ts';
import { firstPages, type ImageVerdict, worstOf } from './pdf/worst.ts';
import { writeDocument } from './pdf/write.ts';
import type { Size } from './transform/size.ts';

/** Smaller images are not worth a judge's time. */
const LEAST_IMAGE_BYTES = 2048;
/** What one image counts for at least, for a search takes its time for the smallest, too. */
const LEAST_COST_PIXELS = 1 << 16;

/**
 * @param source a PDF, inspected.
 * @throws Decline when nothing smaller may ship, or what was asked for cannot be done to a document; the signal's reason.
 */
export async function optimizePdf(
  source: Source,
  options: OptimizeOptions,
  signal?: AbortSignal,
): Promise<Output[]> {
  checkAsked(options);
  const document = readDocument(source.bytes);
  const standIns = findDuplicates(document);
  const objects = new Map<number, IndirectObject>();
  for (const [number, object] of document.objects) {
    signal?.throwIfAborted();
    if (!standIns.has(number))
      objects.set(number, isStream(object) ? repackStream(object, document) : object);
  }
  const { imageDpi } = options;
  const sizes = imageDpi === undefined ? new Map() : plannedSizes(document, imageDpi);
  const recoded = await recodeImages(objects, document, options, sizes, signal);
  const packers: string[] = [];
  if (await repackImages(objects, recoded, sizes, document, signal)) packers.push(napiName('oxipng'));
  if (options.effort === 'thorough' && (await deflateHarder(objects, recoded, document, signal)))
    packers.push('zopfli');
  for (const [number, { stream }] of recoded) objects.set(number, stream);
  const find = (reference: Reference) =>
    document.leads(reference) ? (standIns.get(reference.to) ?? reference.to) : null;
  const data = writeDocument({ ...document, objects, find, packed: mayPack(document) });
  if (data.length >= budgetFor(source.bytes.length, options)) throw noGain(options);
  const verdicts = prove(source.bytes, data, recoded, sizes);
  const images = [...recoded.values()].map(({ output }) => output);
  return [toOutput(source, data, packers, images, verdicts)];
}

function checkAsked({ targets, crop, resize, turn }: OptimizeOptions): void {
  if (!targets.includes('same') && !targets.includes('auto'))
    throw new Decline('unsupported', 'A PDF stays a PDF; no image is made of it.');
  if (crop || resize || turn) throw new Decline('unsupported', 'A PDF is not cropped, resized or turned.');
}

/** By number, what images become that have a smaller coding; the largest first, for as many pixels as one image may have. */
async function recodeImages(
  objects: Map<number, IndirectObject>,
  document: PdfDocument,
  options: OptimizeOptions,
  sizes: Map<number, Size>,
  signal: AbortSignal | undefined,
): Promise<Map<number, Recoded>> {
  const masks = maskNumbers(document);
  const streams = [...objects].filter((entry): entry is [number, Stream] => isStream(entry[1]));
  streams.sort(([, a], [, b]) => b.data.length - a.data.length);
  const recoded = new Map<number, Recoded>();
  let pixelsLeft = options.limits.maxPixels;
  for (const [number, best] of streams) {
    signal?.throwIfAborted();
    if (best.data.length < LEAST_IMAGE_BYTES) break;
    const image = await readImage(best, document, pixelsLeft);
    if (!image) continue;
    pixelsLeft -= Math.max(image.width * image.height, LEAST_COST_PIXELS);
    const suited = masks.has(number) ? { ...image, components: null } : image;
    const recode = (size: Size | null) => recodeImage(suited, best, document, options, size, signal);
    const size = sizes.get(number);
    const result = (size && (await recode(size))) || (await recode(null));
    if (result) recoded.set(number, result);
  }
  return recoded;
}

function noGain({ fidelity }: OptimizeOptions): Decline {
  if (fidelity === 'lossless')
    return new Decline('already-optimal', 'The PDF is already as small as it gets.');
  return new Decline('no-gain', 'No faithful result is smaller than the source.');
}

/**
 * Reads the result as a stranger would and compares it with the source.
 * @returns the images that differ and what was said of each, in the order in which the document leads to them.
 * @throws Error when anything differs but images that were judged, in the bytes that were judged: our own fault.
 */
function prove(
  before: Uint8Array,
  after: Uint8Array,
  recoded: Map<number, Recoded>,
  sizes: Map<number, Size>,
): ImageVerdict[] {
  const judged = [...recoded.values()];
  const [source, result] = [readDocument(before), readDocument(after)];
  if (readPages(source).count !== readPages(result).count) throw new Error('the PDF has lost pages');
  const pages = firstPages(source);
  return changedImages(source, result, sizes).map(({ number, after: image }) => {
    const known = judged.find(({ stream }) => Buffer.compare(stream.data, image.data) === 0);
    if (!known) throw new Error('an image of the PDF changed without having been judged');
    return { ...known.output, image: { page: pages.get(number) ?? null, object: number } };
  });
}

function toOutput(
  { facts, pages }: Source,
  data: Uint8Array,
  packers: string[],
  images: Output[],
  verdicts: ImageVerdict[],
): Output {
  const { width, height } = facts;
  const encoders = new Set(images.map(({ encoder }) => encoder));
  const qualities = images.flatMap(({ quality }) => quality ?? []);
  return {
    format: 'pdf',
    data,
    width,
    height,
    frames: pages,
    sha256: createHash('sha256').update(data).digest('hex'),
    encoder: [`keeneye ${KEENEYE_VERSION} (zlib ${process.versions.zlib})`, ...packers, ...encoders].join(
      ', ',
    ),
    quality: qualities.length > 0 ? Math.min(...qualities) : null,
    evaluations: images.reduce((sum, { evaluations }) => sum + evaluations, 0),
    ...worstOf(verdicts, facts),
  };
}
