/** Finds a PDF's pages, counts them and measures the first, as a viewer shows it (ISO 32000-1, 7.7.3). */
import { corrupt } from '../codecs/bytes.ts';
import { Decline } from '../contract.ts';
import type { PdfDocument } from './document.ts';
import {
  type Dictionary,
  type IndirectObject,
  isDictionary,
  nameOf,
  numberOf,
  referencesIn,
} from './objects.ts';

export interface Pages {
  count: number;
  /** Of the first page, turned as it says, in pixels of 1/96 inch, at least 1. */
  width: number;
  height: number;
}

const MAX_PAGES = 200_000;
const MAX_DEPTH = 64;
const PIXELS_PER_POINT = 96 / 72;
/** US Letter, for a page that does not say its size. */
const LETTER = [0, 0, 612, 792];

/** A page, with what it takes from the nodes above it. */
export interface Page {
  dictionary: Dictionary;
  box: number[];
  turn: number;
  resources: Dictionary | null;
}

interface Node extends Page {
  depth: number;
}

/** @throws Decline as `walkPages` does. */
export function readPages(document: PdfDocument): Pages {
  let count = 0;
  let first: Page | null = null;
  for (const page of walkPages(document)) {
    first ??= page;
    count++;
  }
  return { count, ...sizeOf(first!, document) };
}

/**
 * Every page, in order.
 * @throws Decline `corrupt` when the page tree is damaged, leads back to itself or is empty, `too-large` beyond 200,000 pages.
 */
export function* walkPages(document: PdfDocument): Generator<Page> {
  const { catalog, resolve } = document;
  const root = resolve(catalog.get('Pages'));
  const seen = new Set<Dictionary>();
  const ahead: Node[] = isDictionary(root)
    ? [{ dictionary: root, depth: 0, box: LETTER, turn: 0, resources: null }]
    : [];
  let count = 0;
  for (let node = ahead.pop(); node; node = ahead.pop()) {
    const { dictionary, depth } = node;
    if (seen.has(dictionary) || depth > MAX_DEPTH)
      throw corrupt('The page tree of the PDF leads in a circle.');
    seen.add(dictionary);
    const resources = resolve(dictionary.get('Resources'));
    const own = {
      box: numbersAt(dictionary, 'MediaBox', document) ?? node.box,
      turn: numberOf(resolve(dictionary.get('Rotate'))) ?? node.turn,
      resources: isDictionary(resources) ? resources : node.resources,
    };
    const kids = resolve(dictionary.get('Kids'));
    if (!Array.isArray(kids)) {
      if (++count > MAX_PAGES) throw new Decline('too-large', `The PDF has more than ${MAX_PAGES} pages.`);
      yield { dictionary, ...own };
      continue;
    }
    for (const kid of kids.toReversed()) {
      const child = resolve(kid);
      if (!isDictionary(child)) throw corrupt('The PDF lacks a page that its page tree names.');
      ahead.push({ dictionary: child, depth: depth + 1, ...own });
    }
  }
  if (count === 0) throw corrupt('The PDF has no pages.');
}

/**
 * Numbers of the objects that `starts` lead to, each once, without other pages: links and fields lead to those.
 * @param seen numbers to pass over; those that are found are added.
 */
export function* leadsTo(
  starts: IndirectObject[],
  { objects, resolve }: PdfDocument,
  seen: Set<number>,
): Generator<number> {
  const ahead = starts.flatMap((start) => [...referencesIn(start)]);
  for (let reference = ahead.pop(); reference; reference = ahead.pop()) {
    const object = objects.get(reference.to);
    if (!object || seen.has(reference.to)) continue;
    const type = isDictionary(object) ? nameOf(resolve(object.get('Type'))) : null;
    if (['Page', 'Pages', 'Catalog'].includes(type ?? '')) continue;
    seen.add(reference.to);
    yield reference.to;
    ahead.push(...referencesIn(object));
  }
}

/** Null where there are not four numbers. */
function numbersAt(dictionary: Dictionary, key: string, { resolve }: PdfDocument): number[] | null {
  const list = resolve(dictionary.get(key));
  const numbers = Array.isArray(list) ? list.map((item) => numberOf(resolve(item))) : [];
  return numbers.length === 4 && !numbers.includes(null) ? (numbers as number[]) : null;
}

/** Of a page, how many points its unit has. */
export function unitOf({ dictionary }: Page, { resolve }: PdfDocument): number {
  return numberOf(resolve(dictionary.get('UserUnit'))) ?? 1;
}

function sizeOf(page: Page, document: PdfDocument): { width: number; height: number } {
  const box = numbersAt(page.dictionary, 'CropBox', document) ?? page.box;
  const [left, bottom, right, top] = box as [number, number, number, number];
  const unit = unitOf(page, document) * PIXELS_PER_POINT;
  const [across, up] = [right - left, top - bottom].map((length) =>
    Math.min(2 ** 31 - 1, Math.max(1, Math.round(Math.abs(length) * unit))),
  ) as [number, number];
  return page.turn % 180 === 0 ? { width: across, height: up } : { width: up, height: across };
}
