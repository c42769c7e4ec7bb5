/** The proof that a document is still the same: everything is compared but how it is stored, and what images look like. */
import type { Size } from '../transform/size.ts';
import type { PdfDocument } from './document.ts';
import { decodeFully, filtersOf, type Layers } from './filters.ts';
import { sizeOf } from './image-size.ts';
import {
  type Dictionary,
  type IndirectObject,
  isDictionary,
  isReference,
  isStream,
  nameOf,
  type Stream,
  type Value,
  writeValue,
} from './objects.ts';
import { SAMPLING, sameSamples } from './same-samples.ts';

/** An image whose bytes differ though everything that is said of it is the same. */
export interface ChangedImage {
  /** Of its object before. */
  number: number;
  before: Stream;
  after: Stream;
}

/** Two objects that must say the same; the number is that of the first, where it has one. */
interface Pair {
  a: IndirectObject;
  b: IndirectObject;
  number?: number;
}

/** Entries of an image's dictionary that say how it is coded, and of how many pixels it is. */
const CODING = ['Filter', 'DecodeParms'];
const SIZE = ['Width', 'Height'];

/** That two documents do not say the same. */
export class Difference extends Error {}

/**
 * Walks both documents side by side from their trailers.
 * @param sizes by number before, the sizes that images may have instead of their own.
 * @returns the images that differ, each once, in the order in which the document leads to them.
 * @throws Difference that says what else differs.
 */
export function changedImages(
  before: PdfDocument,
  after: PdfDocument,
  sizes: Map<number, Size> = new Map(),
): ChangedImage[] {
  const changed: ChangedImage[] = [];
  /** Which object after stands for which before; of streams one may stand for several that are equal. */
  const counterparts = new Map<number, number>();
  const taken = new Set<number>();
  const ahead: Pair[] = [{ a: before.trailer, b: after.trailer }];
  for (let pair = ahead.pop(); pair; pair = ahead.pop()) comparePair(pair);
  return changed;

  function comparePair({ a, b, number = 0 }: Pair): void {
    if (isReference(a)) {
      if (before.leads(a)) compareReferences(a.to, b);
      else compareTexts('null', b);
    } else if (isStream(a) || isStream(b)) compareStreams(a, b, number);
    else if (isDictionary(a)) compareDictionaries(a, b, []);
    else if (Array.isArray(a)) compareArrays(a, b);
    else compareTexts(textOf(a), b);
  }

  function compareArrays(a: Value[], b: IndirectObject): void {
    if (!Array.isArray(b) || a.length !== b.length) throw different('an array');
    for (let at = a.length - 1; at >= 0; at--) ahead.push({ a: a[at]!, b: b[at]! });
  }

  function compareReferences(from: number, b: IndirectObject): void {
    if (!isReference(b) || !after.leads(b)) throw different('a reference');
    const known = counterparts.get(from);
    if (known !== undefined && known !== b.to) throw different('a reference');
    if (known !== undefined) return;
    const [one, other] = [before.objects.get(from)!, after.objects.get(b.to)!];
    if (taken.has(b.to) && !isStream(other)) throw different('an object');
    counterparts.set(from, b.to);
    taken.add(b.to);
    ahead.push({ a: one, b: other, number: from });
  }

  function compareTexts(text: string, b: IndirectObject): void {
    if (isStream(b) || isReference(b) || Array.isArray(b) || isDictionary(b) || textOf(b) !== text)
      throw different('a value');
  }

  function compareDictionaries(a: Dictionary, b: IndirectObject, unlike: string[]): void {
    if (!isDictionary(b)) throw different('a dictionary');
    const keys = [...a.keys()].filter((key) => !unlike.includes(key));
    if (keys.length !== [...b.keys()].filter((key) => !unlike.includes(key)).length)
      throw different('a dictionary');
    for (const key of keys.toReversed()) {
      if (!b.has(key)) throw different(`${key} of a dictionary`);
      ahead.push({ a: a.get(key)!, b: b.get(key)! });
    }
  }

  function compareStreams(a: IndirectObject, b: IndirectObject, number: number): void {
    if (!isStream(a) || !isStream(b)) throw different('a stream');
    const size = sizes.get(number);
    const isResized = size !== undefined && sameSize(size, sizeOf(b.dictionary, after));
    const spaces = isResized
      ? null
      : sameSamples({ stream: a, document: before }, { stream: b, document: after });
    const unlike = isResized ? SIZE : spaces ? SAMPLING : [];
    compareDictionaries(a.dictionary, b.dictionary, [...CODING, ...unlike]);
    if (spaces) return void ahead.push({ a: spaces[0], b: spaces[1] });
    if (!isResized && sameContents(contentsOf(a, before), contentsOf(b, after))) return;
    if (nameOf(before.resolve(a.dictionary.get('Subtype'))) !== 'Image') throw different('a stream');
    changed.push({ number, before: a, after: b });
  }
}

function sameSize(a: Size, b: Size | null): boolean {
  return a.width === b?.width && a.height === b.height;
}

function textOf(value: Exclude<IndirectObject, Stream>): string {
  return writeValue(value, () => null);
}

/** What a stream is for, or its bytes as they are where these cannot be decoded. */
function contentsOf(stream: Stream, { resolve, budget }: PdfDocument): Layers {
  const filters = filtersOf(stream, resolve) ?? [];
  return decodeFully(stream, filters, budget) ?? { data: stream.data, filters };
}

function sameContents(a: Layers, b: Layers): boolean {
  return Buffer.compare(a.data, b.data) === 0 && filterText(a) === filterText(b);
}

function filterText({ filters }: Layers): string {
  return filters.map(({ name, parameters }) => `${name} ${parameters ? textOf(parameters) : ''}`).join();
}

function different(what: string): Error {
  return new Difference(`the documents differ in ${what}`);
}
