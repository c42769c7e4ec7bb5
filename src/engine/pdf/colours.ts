/** What the samples of a PDF's images mean: their colour space, and what they are mapped to in it (ISO 32000-1, 8.6, 8.9.5.2). */
import { profileSpace } from '../codecs/icc.ts';
import { isSrgbProfile } from '../codecs/srgb-profile.ts';
import type { PdfDocument } from './document.ts';
import { decodeFully, filtersOf } from './filters.ts';
import { type Dictionary, isStream, nameOf, numberOf, type Stream, type Value } from './objects.ts';
import { isSound, type Rows } from './predictors.ts';

export interface Colour {
  components: 1 | 3 | 4;
  /** Null for sRGB, grey and inks of which nothing more is said. */
  icc: Uint8Array | null;
  /** Whether a sample of 0 means full ink. */
  isInverted: boolean;
}

const DEVICES: Record<string, Colour['components']> = { DeviceGray: 1, DeviceRGB: 3, DeviceCMYK: 4 };

/** Null for an image whose colours are others than a JPEG's, or mapped in a way that none is. */
export async function colourOf(dictionary: Dictionary, document: PdfDocument): Promise<Colour | null> {
  const space = await spaceOf(dictionary.get('ColorSpace'), document);
  const isInverted = mapsInversely(dictionary, document);
  if (!space || isInverted === null || (isInverted && space.components !== 4)) return null;
  return { ...space, isInverted };
}

/** Null where samples are mapped to something else than the whole range, from one end to the other. */
function mapsInversely(dictionary: Dictionary, { resolve }: PdfDocument): boolean | null {
  const decode = resolve(dictionary.get('Decode'));
  if (!Array.isArray(decode)) return false;
  const ends = decode.map((item) => numberOf(resolve(item)));
  if (ends.every((end, at) => end === at % 2)) return false;
  return ends.every((end, at) => end === 1 - (at % 2)) ? true : null;
}

type Space = Omit<Colour, 'isInverted'>;

async function spaceOf(space: Value | undefined, document: PdfDocument): Promise<Space | null> {
  const { resolve } = document;
  const object = resolve(space);
  const device = DEVICES[nameOf(object) ?? ''];
  if (device) return { components: device, icc: null };
  if (!Array.isArray(object) || nameOf(resolve(object[0])) !== 'ICCBased') return null;
  const profile = resolve(object[1]);
  if (!isStream(profile)) return null;
  const known = PROFILED.get(profile);
  if (known !== undefined) return known;
  const found = await profiledSpace(profile, document);
  PROFILED.set(profile, found);
  return found;
}

/** What profiles say: a thousand images may have one profile, which is unpacked once. */
const PROFILED = new WeakMap<Stream, Space | null>();

async function profiledSpace(profile: Stream, { resolve, budget }: PdfDocument): Promise<Space | null> {
  const components = numberOf(resolve(profile.dictionary.get('N')));
  if (components === 1) return { components, icc: null };
  const layers = decodeFully(profile, filtersOf(profile, resolve) ?? [], budget);
  if (!layers || layers.filters.length > 0) return null;
  const icc = layers.data;
  if (components === 4) return profileSpace(icc) === 'CMYK' ? { components, icc } : null;
  if (components !== 3 || profileSpace(icc) !== 'RGB ') return null;
  return { components, icc: (await isSrgbProfile(icc, 'rgb')) ? null : icc };
}

/** Of colour spaces that are arrays. */
const FAMILIES: Record<string, number> = { CalGray: 1, CalRGB: 3, Lab: 3, Indexed: 1, Separation: 1 };

/** How an image's samples lie in rows; null for what is no image, or in a colour space that is not known. */
export function rowsOf(dictionary: Dictionary, document: PdfDocument): Rows | null {
  const { resolve } = document;
  const read = (key: string) => numberOf(resolve(dictionary.get(key)));
  if (nameOf(resolve(dictionary.get('Subtype'))) !== 'Image') return null;
  const mask = resolve(dictionary.get('ImageMask'));
  const isStencil = 'atom' in mask && mask.atom === 'true';
  const components = isStencil ? 1 : componentsIn(dictionary.get('ColorSpace'), document);
  const [columns, bits] = [read('Width'), isStencil ? 1 : read('BitsPerComponent')];
  if (components === null || columns === null || bits === null) return null;
  const rows = { components, bits, columns };
  return isSound(rows) ? rows : null;
}

function componentsIn(space: Value | undefined, { resolve }: PdfDocument): number | null {
  const object = resolve(space);
  const device = DEVICES[nameOf(object) ?? ''];
  if (device || !Array.isArray(object)) return device ?? null;
  const family = nameOf(resolve(object[0])) ?? '';
  const second = resolve(object[1]);
  if (family === 'ICCBased') return isStream(second) ? numberOf(resolve(second.dictionary.get('N'))) : null;
  if (family === 'DeviceN') return Array.isArray(second) ? second.length : null;
  return FAMILIES[family] ?? null;
}
