/**
 * Pictures of few colours in as few bits as these need, none of them changed: greys and the indices of palettes in fewer bits,
 * RGB by a palette (ISO 32000-1, 8.6.6.3).
 */
import { colourOf } from './colours.ts';
import type { PdfDocument } from './document.ts';
import { sizeOf } from './image-size.ts';
import { packLevels, unpackLevels } from './levels.ts';
import { type Dictionary, dictionariesIn, nameOf, type Value } from './objects.ts';
import { arePlain } from './plain-samples.ts';
import { bytesOf, type Rows } from './predictors.ts';
import { stringOf } from './strings.ts';

/** An image as it may be stored as well. */
export interface Narrowed {
  dictionary: Dictionary;
  samples: Uint8Array;
  rows: Rows;
}

const MOST_COLOURS = 256;
const GREYS = ['DeviceGray', 'CalGray', 'ICCBased'];

/** Readers convert DeviceRGB by this where a page or a form has it, and not alike in all of them behind a palette. */
export function hasDefaultRgb({ objects }: Pick<PdfDocument, 'objects'>): boolean {
  return objects
    .values()
    .some((object) => [...dictionariesIn(object)].some((each) => each.has('DefaultRGB')));
}

/**
 * @param mayHavePalettes whether RGB may be stored by a palette in this document.
 * @returns null where no fewer bits would do, or readers might then see other colours.
 */
export async function narrowed(
  dictionary: Dictionary,
  samples: Uint8Array,
  rows: Rows,
  document: PdfDocument,
  mayHavePalettes: boolean,
): Promise<Narrowed | null> {
  const size = sizeOf(dictionary, document);
  if (!dictionary.has('ColorSpace') || !size || samples.length !== bytesOf(rows).rowBytes * size.height)
    return null;
  if (rows.bits > 8 || !arePlain(dictionary, document)) return null;
  const found = await fewest(dictionary, samples, rows, document, mayHavePalettes);
  if (!found) return null;
  const { bits, levels } = found;
  const entries: Dictionary = new Map(dictionary);
  return {
    dictionary: entries.set('ColorSpace', found.space).set('BitsPerComponent', { atom: `${bits}` }),
    samples: packLevels(levels, rows.columns, bits),
    rows: { components: 1, bits, columns: rows.columns },
  };
}

async function fewest(
  dictionary: Dictionary,
  samples: Uint8Array,
  { components, bits, columns }: Rows,
  document: PdfDocument,
  mayHavePalettes: boolean,
): Promise<Indices | null> {
  const space = dictionary.get('ColorSpace')!;
  if (components === 3 && bits === 8) {
    const indices = mayHavePalettes ? byPalette(samples, space) : null;
    return indices && (await isSrgb(dictionary, document)) ? indices : null;
  }
  const family = familyOf(space, document);
  const areIndices = family === 'Indexed';
  if (components !== 1 || !(areIndices || GREYS.includes(family))) return null;
  const fewer = inFewerBits(unpackLevels(samples, columns, bits), bits, areIndices);
  return fewer && { ...fewer, space };
}

/** Readers convert a palette's colours otherwise than an image's where these have a profile. */
async function isSrgb(dictionary: Dictionary, document: PdfDocument): Promise<boolean> {
  const colour = await colourOf(dictionary, document);
  return colour?.components === 3 && !colour.icc;
}

function familyOf(space: Value, { resolve }: Pick<PdfDocument, 'resolve'>): string {
  const object = resolve(space);
  return nameOf(Array.isArray(object) ? resolve(object[0]) : object) ?? '';
}

interface Indices {
  levels: Uint8Array;
  bits: number;
  space: Value;
}

/** The colours by what they are, so that those alike are side by side. Null for more than a palette has. */
function byPalette(samples: Uint8Array, base: Value): Indices | null {
  const colourAt = (at: number) => (samples[at]! << 16) | (samples[at + 1]! << 8) | samples[at + 2]!;
  const colours = new Set<number>();
  for (let at = 0; at < samples.length && colours.size <= MOST_COLOURS; at += 3) colours.add(colourAt(at));
  if (colours.size > MOST_COLOURS) return null;
  const palette = [...colours].sort((a, b) => a - b);
  const indices = new Map(palette.map((colour, index) => [colour, index]));
  const levels = new Uint8Array(samples.length / 3);
  for (let at = 0; at < levels.length; at++) levels[at] = indices.get(colourAt(at * 3))!;
  const lookup = Uint8Array.from(
    palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]),
  );
  const space = [{ name: 'Indexed' }, base, { atom: `${palette.length - 1}` }, stringOf(lookup)];
  return { levels, bits: [1, 2, 4].find((bits) => palette.length <= 1 << bits) ?? 8, space };
}

/** Null where every bit counts. */
function inFewerBits(levels: Uint8Array, bits: number, areIndices: boolean): Omit<Indices, 'space'> | null {
  const most = (1 << bits) - 1;
  const table = new Uint8Array(256);
  for (const level of levels) table[level] = 1;
  const present = [...table.keys()].filter((level) => table[level]);
  for (const fewer of [1, 2, 4].filter((each) => each < bits)) {
    const step = most / ((1 << fewer) - 1);
    const suits = (level: number) => (areIndices ? level < 1 << fewer : level % step === 0);
    if (!present.every(suits)) continue;
    return { bits: fewer, levels: areIndices ? levels : levels.map((level) => level / step) };
  }
  return null;
}
