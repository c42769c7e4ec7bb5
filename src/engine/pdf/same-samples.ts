/** The proof that images hold the same samples though these are stored in other bits, or by a palette. */
import type { Size } from '../transform/size.ts';
import type { PdfDocument } from './document.ts';
import { decodeFully, filtersOf } from './filters.ts';
import { sizeOf } from './image-size.ts';
import { unpackLevels } from './levels.ts';
import { nameOf, numberOf, type Stream, type Value } from './objects.ts';
import { arePlain } from './plain-samples.ts';
import { bytesOf } from './predictors.ts';
import { bytesOfString } from './strings.ts';

/** Entries that may then differ. */
export const SAMPLING = ['ColorSpace', 'BitsPerComponent'];

export interface Found {
  stream: Stream;
  document: PdfDocument;
}

/** An image of samples that mean what its colour space says, and nothing else. */
interface Sampled extends Size {
  /** As the dictionary has it, and its elements where it is an array. */
  space: Value;
  elements: Value[];
  isIndexed: boolean;
  bits: number;
}
type Samples = Sampled & { data: Uint8Array };

/**
 * @returns the colour spaces that must say the same besides; null where the images are stored alike in bits and kind of colour
 *   space, or hold other samples.
 */
export function sameSamples(before: Found, after: Found): [before: Value, after: Value] | null {
  const [one, other] = [sampledOf(before), sampledOf(after)];
  if (!one || !other || (one.bits === other.bits && one.isIndexed === other.isIndexed)) return null;
  if (one.width !== other.width || one.height !== other.height) return null;
  const [a, b] = [withData(one, before), withData(other, after)];
  if (!a || !b) return null;
  if (b.isIndexed && !a.isIndexed) return isLookedUp(a, b, after.document) ? [a.space, b.elements[1]!] : null;
  if (a.isIndexed !== b.isIndexed) return null;
  return Buffer.compare(levelsOf(a), levelsOf(b)) === 0 ? [a.space, b.space] : null;
}

function sampledOf({ stream, document }: Found): Sampled | null {
  const { dictionary } = stream;
  const { resolve } = document;
  const [size, space] = [sizeOf(dictionary, document), dictionary.get('ColorSpace')];
  const bits = numberOf(resolve(dictionary.get('BitsPerComponent'))) ?? 0;
  if (!size || !space || !arePlain(dictionary, document) || ![1, 2, 4, 8].includes(bits)) return null;
  const object = resolve(space);
  const elements = Array.isArray(object) ? object : [];
  const isIndexed = nameOf(resolve(elements[0])) === 'Indexed';
  return { ...size, space, elements, isIndexed, bits };
}

function withData(image: Sampled, { stream, document }: Found): Samples | null {
  const layers = decodeFully(stream, filtersOf(stream, document.resolve) ?? [], document.budget);
  return layers && layers.filters.length === 0 ? { ...image, data: layers.data } : null;
}

/** Whether every pixel of three samples of 8 bits is the colour that its index stands for. */
function isLookedUp(a: Samples, b: Samples, { resolve }: PdfDocument): boolean {
  const table = resolve(b.elements[3]);
  const lookup = 'atom' in table ? bytesOfString(table) : null;
  const count = (numberOf(resolve(b.elements[2])) ?? -1) + 1;
  const pixels = a.width * a.height;
  if (!lookup || lookup.length < count * 3 || a.bits !== 8 || a.data.length !== pixels * 3) return false;
  if (b.data.length !== bytesOf({ components: 1, bits: b.bits, columns: b.width }).rowBytes * b.height)
    return false;
  const indices = unpackLevels(b.data, b.width, b.bits);
  for (let at = 0; at < pixels * 3; at++) {
    const index = indices[Math.floor(at / 3)]!;
    if (index >= count || a.data[at] !== lookup[index * 3 + (at % 3)]) return false;
  }
  return true;
}

/** Of one sample a pixel, the index, or how much of the whole range it is, in 255ths. */
function levelsOf({ data, width, bits, isIndexed }: Samples): Uint8Array {
  const levels = unpackLevels(data, width, bits);
  const step = isIndexed ? 1 : 255 / ((1 << bits) - 1);
  return step === 1 ? levels : levels.map((level) => level * step);
}
