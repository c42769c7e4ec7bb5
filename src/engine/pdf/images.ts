/**
 * Images in a PDF as files that the engine's own codecs and judge take, and back (ISO 32000-1, 8.9). Only images that
 * mean the same as a JPEG may change; masks, palettes and what other codings hold stay as they are.
 */

import { profileSpace } from '../codecs/icc.ts';
import { encodePngSamples } from '../codecs/png/carrier.ts';
import { isSrgbProfile } from '../codecs/srgb-profile.ts';
import type { PdfDocument } from './document.ts';
import { decodeFully, filtersOf } from './filters.ts';
import { bareJpeg, componentsOf, tagJpeg } from './jpeg-stream.ts';
import {
  type Dictionary,
  isDictionary,
  isStream,
  nameOf,
  numberOf,
  type Stream,
  type Value,
} from './objects.ts';

export interface EmbeddedImage {
  /** A JPEG as it is but for its metadata, or a PNG of its samples, with the profile that the document gives it. */
  file: Uint8Array;
  format: 'jpeg' | 'png';
  width: number;
  height: number;
  /** 1 for grey, 3 for RGB; null where it may not be coded anew with losses. */
  components: 1 | 3 | null;
  /** Bytes of the profile in `file`, which the stream does not need. */
  profileBytes: number;
  /** Of a JPEG, what its stream says of its colours beside it. */
  parameters: Dictionary | null;
}

interface Colour {
  components: 1 | 3;
  /** Null for sRGB and grey. */
  icc: Uint8Array | null;
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
  const [width, height] = ['Width', 'Height'].map((key) => numberOf(resolve(dictionary.get(key)))) as [
    number,
    number,
  ];
  if (!filters || !(width > 0 && height > 0 && width * height <= maxPixels)) return null;
  const isJpeg = filters.at(-1)?.name === 'DCTDecode';
  const colour = mayLose(dictionary, document)
    ? await colourOf(dictionary.get('ColorSpace'), document)
    : null;
  if (!isJpeg && !colour) return null;
  const layers = decodeFully(stream, filters, budget);
  if (!layers || layers.filters.length !== Number(isJpeg)) return null;
  const profile = colour?.icc ?? null;
  const facts = { width, height, profileBytes: profile?.length ?? 0 };
  if (isJpeg) {
    const { parameters } = layers.filters[0]!;
    const file = bareJpeg(layers.data);
    if (!file) return null;
    const components = !parameters && colour?.components === componentsOf(file) ? colour.components : null;
    return { ...facts, format: 'jpeg', file: tagJpeg(file, components && profile), components, parameters };
  }
  const { components } = colour!;
  const length = width * height * components;
  if (layers.data.length < length) return null;
  const file = await encodePngSamples(layers.data.subarray(0, length), width, height, components, {
    icc: profile,
  });
  return { ...facts, format: 'png', file, components, parameters: null };
}

/** Whether all that is said of an image would be as true of one that looks nearly the same. */
function mayLose(dictionary: Dictionary, { resolve }: PdfDocument): boolean {
  const softMask = resolve(dictionary.get('SMask'));
  const isBlended = isStream(softMask) && softMask.dictionary.has('Matte');
  const hasKeyColours = Array.isArray(resolve(dictionary.get('Mask')));
  const bits = numberOf(resolve(dictionary.get('BitsPerComponent'))) ?? 8;
  const isMask = 'atom' in resolve(dictionary.get('ImageMask')) && dictionary.has('ImageMask');
  return bits === 8 && !isBlended && !hasKeyColours && !isMask && mapsAsUsual(dictionary, resolve);
}

function mapsAsUsual(dictionary: Dictionary, resolve: PdfDocument['resolve']): boolean {
  const decode = resolve(dictionary.get('Decode'));
  if (!Array.isArray(decode)) return true;
  return decode.every((item, at) => numberOf(resolve(item)) === at % 2);
}

async function colourOf(space: Value | undefined, { resolve, budget }: PdfDocument): Promise<Colour | null> {
  const object = resolve(space);
  const name = nameOf(object);
  if (name === 'DeviceRGB') return { components: 3, icc: null };
  if (name === 'DeviceGray') return { components: 1, icc: null };
  if (!Array.isArray(object) || nameOf(resolve(object[0])) !== 'ICCBased') return null;
  const profile = resolve(object[1]);
  if (!isStream(profile)) return null;
  const components = numberOf(resolve(profile.dictionary.get('N')));
  if (components === 1) return { components, icc: null };
  const layers = decodeFully(profile, filtersOf(profile, resolve) ?? [], budget);
  if (components !== 3 || !layers || layers.filters.length > 0 || profileSpace(layers.data) !== 'RGB ')
    return null;
  return { components, icc: (await isSrgbProfile(layers.data, 'rgb')) ? null : layers.data };
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
