/**
 * Two PDFs compared: everything but what their images look like must be proven the same, and each image that differs is
 * judged. Pages are not drawn.
 */
import { createFrameJudge } from '../animation/frame-judge.ts';
import { formatOfFile } from '../codecs/sniff.ts';
import {
  type CompareOptions,
  type Comparison,
  Decline,
  type PixelFormat,
  type Pixels,
  type Transforms,
} from '../contract.ts';
import { framePairs } from '../pair.ts';
import { seenThrough } from '../presentation.ts';
import type { Size } from '../transform/size.ts';
import { type PdfDocument, readDocument } from './document.ts';
import { plannedSizes } from './downsample.ts';
import { sizeOf } from './image-size.ts';
import { type EmbeddedImage, readImage } from './images.ts';
import { alphaAt } from './masks.ts';
import { readPages } from './pages.ts';
import { type ChangedImage, changedImages, Difference } from './same.ts';
import { firstPages, type ImageVerdict, worstOf } from './worst.ts';

/** An image as it was and as it is, and where it is found in the first document. */
interface ImagePair {
  number: number;
  format: PixelFormat;
  pixels: [before: Pixels, after: Pixels];
}

export function arePdfs(...files: Uint8Array[]): boolean {
  return files.every((bytes) => formatOfFile(bytes) === 'pdf');
}

/**
 * Size and frames are those of the first page and the number of pages, score and worst tile those of the worst image.
 * @throws Decline when either cannot be read, or when anything but images differs (`unsupported`).
 */
export async function comparePdfs(
  reference: Uint8Array,
  candidate: Uint8Array,
  options: CompareOptions,
): Promise<Comparison> {
  const [before, after] = [readDocument(reference), readDocument(candidate)];
  const pages = firstPages(before);
  const verdicts: ImageVerdict[] = [];
  for await (const { number, format, pixels } of imagePairs(before, after, options)) {
    const judge = createFrameJudge(format);
    judge.expect(pixels[0]);
    verdicts.push({ ...judge.judge(pixels[1]), image: { page: pages.get(number) ?? null, object: number } });
    judge.release();
  }
  const { count, width, height } = readPages(after);
  const worst = worstOf(verdicts, { width, height });
  return { ...worst, width, height, frames: count, worstFrame: worst.worstTile.image?.page ?? 1, pace: null };
}

/**
 * The pixels of all images that differ, in pairs.
 * @throws Decline as `comparePdfs` does.
 */
export async function* pixelPairs(
  reference: Uint8Array,
  candidate: Uint8Array,
  options: CompareOptions,
): AsyncGenerator<ImagePair['pixels']> {
  const [before, after] = [readDocument(reference), readDocument(candidate)];
  for await (const { pixels } of imagePairs(before, after, options)) yield pixels;
}

async function* imagePairs(
  before: PdfDocument,
  after: PdfDocument,
  { limits, transforms: { imageDpi } = {} }: CompareOptions,
): AsyncGenerator<ImagePair> {
  const sizes = imageDpi === undefined ? new Map() : plannedSizes(before, imageDpi);
  let pixelsLeft = limits.maxPixels;
  for (const changed of differences(before, after, sizes)) {
    const was = await imageAt(changed.number, changed.before, before, pixelsLeft);
    const is = await imageAt(changed.number, changed.after, after, pixelsLeft);
    pixelsLeft -= was.width * was.height;
    const transforms = resizing(sizeOf(changed.after.dictionary, after), was);
    for await (const pair of framePairs(was.file, is.file, { limits, transforms })) {
      const pixels = pair.map((each) => asSeen(each, was)) as ImagePair['pixels'];
      yield { number: changed.number, format: is.format, pixels };
    }
  }
}

/** Both have the same mask, or more differs than the image. */
function asSeen(pixels: Pixels, { mask }: EmbeddedImage): Pixels {
  return mask ? seenThrough(alphaAt(mask, pixels.width, pixels.height), pixels) : pixels;
}

/** As the engine resizes: what is judged is whether the smaller image is coded well. */
function resizing(size: Size | null, { width, height }: EmbeddedImage): Transforms {
  return size && (size.width !== width || size.height !== height) ? { resize: { ...size, fit: 'fill' } } : {};
}

function differences(before: PdfDocument, after: PdfDocument, sizes: Map<number, Size>): ChangedImage[] {
  try {
    return changedImages(before, after, sizes);
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    throw new Decline('unsupported', `The PDFs differ in more than the looks of images: ${error.message}.`);
  }
}

async function imageAt(
  number: number,
  stream: ChangedImage['before'],
  document: PdfDocument,
  maxPixels: number,
): Promise<EmbeddedImage> {
  const image = await readImage(stream, document, maxPixels);
  if (image) return image;
  throw new Decline('unsupported', `Image ${number} of the PDF differs and cannot be looked at.`);
}
