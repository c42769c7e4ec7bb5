/**
 * How large a document draws its images, by the matrices in the contents of its pages and of the forms in these
 * (ISO 32000-1, 8.3, 8.8, 8.10). Images that anything else may draw, such as a pattern or an annotation, have no size here.
 */
import { corrupt } from '../codecs/bytes.ts';
import { Decline } from '../contract.ts';
import { onlyName, operationsIn } from './content.ts';
import type { PdfDocument } from './document.ts';
import { createReadBudget, decodeFully, filtersOf } from './filters.ts';
import { combine, IDENTITY, type Matrix, matrixFrom, sidesUnder } from './matrix.ts';
import {
  type Dictionary,
  dictionariesIn,
  type IndirectObject,
  isDictionary,
  isReference,
  isStream,
  nameOf,
  type Stream,
} from './objects.ts';
import { leadsTo, type Page, unitOf, walkPages } from './pages.ts';

/** In inches. */
export interface DrawnSize {
  width: number;
  height: number;
}

const MAX_FORMS_DEEP = 12;
const MAX_FORMS = 20_000;
const MAX_SAVED = 10_000;
const POINTS_PER_INCH = 72;

/** By object number, the largest size that an image is drawn in; without those of which that is not known. */
export function drawnSizes(document: PdfDocument): Map<number, DrawnSize> {
  if (borrowsResources(document)) return new Map();
  const { resolve, objects } = document;
  const budget = createReadBudget();
  const sizes = new Map<number, DrawnSize>();
  const unknown = new Set<number>();
  /** From pages that cannot be read. */
  const reached = new Set<number>();
  /** What has resources and was read to its end. */
  const read = new Set<Dictionary>();
  let forms = 0;
  for (const page of walkPages(document)) measure(page);
  for (const number of drawnOtherwise(document, read)) unknown.add(number);
  for (const number of unknown) sizes.delete(number);
  return sizes;

  function measure(page: Page): void {
    const unit = unitOf(page, document) / POINTS_PER_INCH;
    const resources = page.resources ?? new Map();
    try {
      if (dictionaryAt(resources, 'XObject').size > 0)
        draw(contentsOf(page), resources, [unit, 0, 0, unit, 0, 0], 0);
    } catch (error) {
      if (!(error instanceof Decline)) throw error;
      for (const number of leadsTo([resources], document, reached)) unknown.add(number);
    }
    read.add(page.dictionary);
  }

  function draw(contents: Uint8Array, resources: Dictionary, start: Matrix, depth: number): void {
    const drawables = dictionaryAt(resources, 'XObject');
    // Forms are read as often as they are drawn.
    budget.leftBytes -= contents.length;
    if (budget.leftBytes < 0) lost();
    const saved: Matrix[] = [];
    let matrix = start;
    for (const operation of operationsIn(contents, budget)) {
      const { operator, operands } = operation;
      if (operator === 'q' && saved.push(matrix) > MAX_SAVED) throw corrupt('Too much is saved.');
      if (operator === 'Q') matrix = saved.pop() ?? matrix;
      if (operator === 'cm') matrix = combine(matrixFrom(operands, resolve) ?? lost(), matrix);
      if (operator !== 'Do') continue;
      const drawn = drawables.get(onlyName(operation) ?? '');
      const object = resolve(drawn);
      if (!drawn || !isReference(drawn) || !isStream(object)) continue;
      const subtype = nameOf(resolve(object.dictionary.get('Subtype')));
      if (subtype === 'Image') note(drawn.to, matrix);
      if (subtype === 'Form') drawForm(object, resources, matrix, depth + 1);
    }
  }

  function drawForm(form: Stream, outer: Dictionary, matrix: Matrix, depth: number): void {
    if (depth > MAX_FORMS_DEEP || ++forms > MAX_FORMS) throw corrupt('The PDF has too many forms in forms.');
    const own = resolve(form.dictionary.get('Matrix'));
    const placed = Array.isArray(own) ? (matrixFrom(own, resolve) ?? lost()) : IDENTITY;
    const resources = resolve(form.dictionary.get('Resources'));
    draw(plain(form), isDictionary(resources) ? resources : outer, combine(placed, matrix), depth);
    read.add(form.dictionary);
  }

  function note(number: number, matrix: Matrix): void {
    const { width, height } = sidesUnder(matrix);
    const known = sizes.get(number) ?? { width: 0, height: 0 };
    sizes.set(number, { width: Math.max(known.width, width), height: Math.max(known.height, height) });
    if (!isStream(objects.get(number) ?? new Map()) || !Number.isFinite(width * height)) unknown.add(number);
  }

  function dictionaryAt(dictionary: Dictionary, key: string): Dictionary {
    const value = resolve(dictionary.get(key));
    return isDictionary(value) ? value : new Map();
  }

  /** The streams of a page, which are one even where they part between two operators. */
  function contentsOf({ dictionary }: Page): Uint8Array {
    const contents = resolve(dictionary.get('Contents'));
    const streams = Array.isArray(contents) ? contents.map(resolve) : [contents];
    return Buffer.concat(streams.flatMap((each) => (isStream(each) ? [plain(each), Buffer.from('\n')] : [])));
  }

  function plain(stream: Stream): Uint8Array {
    const layers = decodeFully(stream, filtersOf(stream, resolve) ?? [], budget);
    return layers && layers.filters.length === 0 ? layers.data : lost();
  }
}

function lost(): never {
  throw corrupt('The contents of a page cannot be read.');
}

/** Whether glyphs or patterns may draw what is named by the page that they happen to be on. */
function borrowsResources({ objects, resolve }: PdfDocument): boolean {
  return everyDictionary(objects).some((dictionary) => {
    const isGlyphs = nameOf(resolve(dictionary.get('Subtype'))) === 'Type3';
    const isPattern = dictionary.has('PatternType') && dictionary.has('PaintType');
    return (isGlyphs || isPattern) && !isDictionary(resolve(dictionary.get('Resources')));
  });
}

/** Numbers of images that the resources of what was not read name, or that other entries than resources refer to. */
function* drawnOtherwise({ objects, resolve }: PdfDocument, read: Set<Dictionary>): Generator<number> {
  const dictionaries = everyDictionary(objects);
  const drawables = new Set<IndirectObject>();
  for (const dictionary of dictionaries) {
    const resources = resolve(dictionary.get('Resources'));
    if (!isDictionary(resources)) continue;
    const named = resolve(resources.get('XObject'));
    drawables.add(named);
    // Pages take these from the nodes above them.
    const isRead = read.has(dictionary) || nameOf(resolve(dictionary.get('Type'))) === 'Pages';
    if (!isRead && isDictionary(named)) yield* referred(named);
  }
  for (const dictionary of dictionaries) {
    const isTag = nameOf(resolve(dictionary.get('Type'))) === 'OBJR';
    if (!isTag && !drawables.has(dictionary)) yield* referred(dictionary);
  }
}

function* referred(dictionary: Dictionary): Generator<number> {
  for (const [key, value] of dictionary) {
    // A mask is not drawn by itself.
    if (key === 'SMask' || key === 'Mask') continue;
    for (const item of Array.isArray(value) ? value : [value]) if (isReference(item)) yield item.to;
  }
}

function everyDictionary(objects: PdfDocument['objects']): Dictionary[] {
  return [...objects.values()].flatMap((object) => [...dictionariesIn(object)]);
}
