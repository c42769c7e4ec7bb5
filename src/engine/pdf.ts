/**
 * A PDF made smaller: its streams packed anew, its images through the judge, its objects written tightly; everything
 * that it says stays, which is proven on the bytes that ship. How its parts are read and written is `pdf/`'s business.
 */
import { createHash } from 'node:crypto';
import { KEENEYE_VERSION } from '../lib/version.ts';
import { Decline, type Judgement, type OptimizeOptions, type Output, type Visibility } from './contract.ts';
import { budgetFor, gatedScore } from './gate.ts';
import type { Source } from './inspect.ts';
import { flawless } from './metric/score.ts';
import { mayPack } from './pdf/conformance.ts';
import { type PdfDocument, readDocument } from './pdf/document.ts';
import { maskNumbers, readImage } from './pdf/images.ts';
import { type IndirectObject, isStream, type Reference, type Stream } from './pdf/objects.ts';
import { readPages } from './pdf/pages.ts';
import { type Recoded, recodeImage } from './pdf/recode.ts';
import { findDuplicates, repackStream } from './pdf/repack.ts';
import { changedImages } from './pdf/same.ts';
import { writeDocument } from './pdf/write.ts';
import { invisible } from './visibility.ts';

/** Smaller images are not worth a judge's time. */
const LEAST_IMAGE_BYTES = 2048;
/** A page without a changed image counts as an image of at most this side. */
const FLAWLESS_SIDE = 1024;

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
  const recoded = await recodeImages(objects, document, options, signal);
  for (const [number, { stream }] of recoded) objects.set(number, stream);
  const find = (reference: Reference) =>
    document.leads(reference) ? (standIns.get(reference.to) ?? reference.to) : null;
  const data = writeDocument({ ...document, objects, find, packed: mayPack(document) });
  if (data.length >= budgetFor(source.bytes.length, options)) throw noGain(options);
  prove(source.bytes, data, recoded);
  return [
    toOutput(
      source,
      data,
      [...recoded.values()].map(({ output }) => output),
    ),
  ];
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
    pixelsLeft -= image.pixels;
    const suited = masks.has(number) ? { ...image, components: null } : image;
    const result = await recodeImage(suited, best, document, options, signal);
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
 * @throws Error when anything differs but images that were judged, in the bytes that were judged: our own fault.
 */
function prove(before: Uint8Array, after: Uint8Array, recoded: Map<number, Recoded>): void {
  const judged = [...recoded.values()].map(({ stream }) => stream.data);
  const [source, result] = [readDocument(before), readDocument(after)];
  for (const [, image] of changedImages(source, result))
    if (!judged.some((data) => Buffer.compare(data, image.data) === 0))
      throw new Error('an image of the PDF changed without having been judged');
  if (readPages(source).count !== readPages(result).count) throw new Error('the PDF has lost pages');
}

function toOutput({ facts, pages }: Source, data: Uint8Array, images: Output[]): Output {
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
    encoder: [`keeneye ${KEENEYE_VERSION} (zlib ${process.versions.zlib})`, ...encoders].join(', '),
    quality: qualities.length > 0 ? Math.min(...qualities) : null,
    evaluations: images.reduce((sum, { evaluations }) => sum + evaluations, 0),
    ...worstOf(images, width, height),
  };
}

/** A document is as good as the worst of its images; without one that changed, it is what it was. */
function worstOf(
  images: (Judgement & { visibility: Visibility })[],
  width: number,
  height: number,
): Judgement & { visibility: Visibility } {
  const sides = [Math.min(width, FLAWLESS_SIDE), Math.min(height, FLAWLESS_SIDE)] as const;
  const untouched = { ...flawless(...sides), visibility: invisible(...sides) };
  const judged = images.length > 0 ? images : [untouched];
  const { score, worstTile } = judged.reduce((worst, next) =>
    gatedScore(next) < gatedScore(worst) ? next : worst,
  );
  const visibility = judged.reduce((worst, next) =>
    next.visibility.jnd > worst.visibility.jnd ? next : worst,
  ).visibility;
  return { score, worstTile, visibility };
}
