/** Which images of a document have more pixels than are wanted where they are drawn, and how many they should have. */
import type { Size } from '../transform/size.ts';
import type { PdfDocument } from './document.ts';
import { type DrawnSize, drawnSizes } from './drawn-sizes.ts';
import { sizeOf } from './image-size.ts';
import { isStream, nameOf, type Stream } from './objects.ts';
import { findDuplicates } from './repack.ts';

/** An image is not worth being blurred for less. */
const LEAST_SHRINKING = 0.9;

/**
 * By object number, for images that are drawn at more than `dpi` dots an inch the size at which they have no fewer; equal
 * images, which are stored once, have the size of the one that is drawn largest.
 */
export function plannedSizes(document: PdfDocument, dpi: number): Map<number, Size> {
  const drawn = drawnSizes(document);
  const standIns = findDuplicates(document);
  const largest = new Map<number, DrawnSize>();
  for (const [number] of imagesOf(document)) {
    const { width, height } = drawn.get(number) ?? UNKNOWN;
    const shared = standIns.get(number) ?? number;
    const known = largest.get(shared) ?? { width: 0, height: 0 };
    largest.set(shared, { width: Math.max(known.width, width), height: Math.max(known.height, height) });
  }
  const sizes = new Map<number, Size>();
  for (const [number, { dictionary }] of imagesOf(document)) {
    const size = sizeOf(dictionary, document);
    const smaller = size && shrunk(size, largest.get(standIns.get(number) ?? number)!, dpi);
    if (smaller) sizes.set(number, smaller);
  }
  return sizes;
}

/** Nobody knows how few pixels would do. */
const UNKNOWN = { width: Number.POSITIVE_INFINITY, height: Number.POSITIVE_INFINITY };

function imagesOf({ objects, resolve }: PdfDocument): [number, Stream][] {
  return [...objects].filter(
    (entry): entry is [number, Stream] =>
      isStream(entry[1]) && nameOf(resolve(entry[1].dictionary.get('Subtype'))) === 'Image',
  );
}

/** Null where nothing is to be gained. */
function shrunk({ width, height }: Size, drawn: DrawnSize, dpi: number): Size | null {
  const share = Math.max((dpi * drawn.width) / width, (dpi * drawn.height) / height);
  if (!(share > 0 && share <= LEAST_SHRINKING)) return null;
  // A matrix that was rounded must not add a pixel.
  const side = (length: number) => Math.max(1, Math.ceil(length * share - 1e-3));
  return { width: side(width), height: side(height) };
}
