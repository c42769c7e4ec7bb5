/**
 * Images in a PDF as files that the engine's own codecs and judge take, and back (ISO 32000-1, 8.9). Only images that
 * mean the same as a JPEG may change; masks, palettes and what other codings hold stay as they are.
 */

import { encodePngSamples } from '../codecs/png/carrier.ts';
import { type Colour, colourOf } from './colours.ts';
import type { PdfDocument } from './document.ts';
import { decodeFully, filtersOf } from './filters.ts';
import { sizeOf } from './image-size.ts';
import { inksOfJpeg, inksOfSamples } from './inks.ts';
import { bareJpeg, componentsOf, tagJpeg } from './jpeg-stream.ts';
import { type Mask, maskOf } from './masks.ts';
import { type Dictionary, isDictionary, isStream, nameOf, numberOf, type Stream } from './objects.ts';
import { areMasking } from './plain-samples.ts';

export interface EmbeddedImage {
  /**
   * A JPEG as it is but for its metadata, a PNG of its samples, or a TIFF of its inks, with the profile that the document
   * gives it.
   */
  file: Uint8Array;
  /** Whether its stream holds a JPEG or samples. */
  format: 'jpeg' | 'png';
  width: number;
  height: number;
  /** 1 for grey, 3 for RGB, 4 for inks; null where it may not be coded anew with losses. */
  components: 1 | 3 | 4 | null;
  /** Of a JPEG of inks, that JPEG as it is but for its metadata. */
  stored?: Uint8Array;
  /** Of inks, whether full ink is 0. */
  isInverted?: boolean;
  /** Through which it is seen. */
  mask: Mask | null;
  /** Bytes of the profile in `file`, which the stream does not need. */
  profileBytes: number;
  /** Of a JPEG, what its stream says of its colours beside it. */
  parameters: Dictionary | null;
}

/**
 * @returns null for what is no image, none that can be read as a file, or has too many pixels.
 * @throws Decline('too-large') when the document grows beyond what is unpacked of it.
 */
export async function readImage(
  stream: Stream,
  document: PdfDocument,
  maxPixels: number,
): Promise<EmbeddedImage | null> {
  const { resolve, budget } = document;
  const { dictionary } = stream;
  if (nameOf(resolve(dictionary.get('Subtype'))) !== 'Image') return null;
  const filters = filtersOf(stream, resolve);
  const size = sizeOf(dictionary, document);
  if (!filters || !size || size.width * size.height > maxPixels) return null;
  const { width, height } = size;
  const isJpeg = filters.at(-1)?.name === 'DCTDecode';
  const colour = mayLose(dictionary, document) ? await colourOf(dictionary, document) : null;
  if (!isJpeg && !colour) return null;
  const layers = decodeFully(stream, filters, budget);
  if (!layers || layers.filters.length !== Number(isJpeg)) return null;
  const profile = colour?.icc ?? null;
  const mask = colour && (await maskOf(dictionary, document, maxPixels));
  const facts = { width, height, mask, profileBytes: profile?.length ?? 0 };
  if (isJpeg) {
    const { parameters } = layers.filters[0]!;
    const stored = bareJpeg(layers.data);
    if (!stored) return null;
    const components = !parameters && colour?.components === componentsOf(stored) ? colour.components : null;
    const image = { ...facts, format: 'jpeg' as const, components, parameters };
    if (components !== 4) return { ...image, file: tagJpeg(stored, components && profile) };
    const file = await inksOfJpeg(stored, colour!, maxPixels);
    return file
      ? { ...image, file, stored, isInverted: colour!.isInverted }
      : { ...image, file: stored, components: null };
  }
  const file = await samplesAsFile(layers.data, width, height, colour!);
  const { components, isInverted } = colour!;
  return file && { ...facts, format: 'png', file, components, isInverted, parameters: null };
}

/** Null where there are fewer samples than were said. */
async function samplesAsFile(
  data: Uint8Array,
  width: number,
  height: number,
  colour: Colour,
): Promise<Uint8Array | null> {
  const { components, icc } = colour;
  const length = width * height * components;
  if (data.length < length) return null;
  const samples = data.subarray(0, length);
  if (components === 4) return inksOfSamples(samples, width, height, colour);
  return encodePngSamples(samples, width, height, components, { icc });
}

/** Whether all that is said of an image would be as true of one that looks nearly the same. */
function mayLose(dictionary: Dictionary, document: PdfDocument): boolean {
  const { resolve } = document;
  const bits = numberOf(resolve(dictionary.get('BitsPerComponent'))) ?? 8;
  const isMask = 'atom' in resolve(dictionary.get('ImageMask')) && dictionary.has('ImageMask');
  return bits === 8 && !areMasking(dictionary, document) && !isMask;
}

/** Numbers of the streams that say where others are transparent: what is seen of them is not what they hold. */
export function maskNumbers({ objects, resolve }: PdfDocument): Set<number> {
  const numbers = new Set<number>();
  for (const object of objects.values()) {
    const dictionary = isStream(object) ? object.dictionary : object;
    if (!isDictionary(dictionary)) continue;
    for (const key of ['SMask', 'Mask']) {
      const value = dictionary.get(key);
      if (value && 'to' in value && isStream(resolve(value))) numbers.add(value.to);
    }
  }
  return numbers;
}
