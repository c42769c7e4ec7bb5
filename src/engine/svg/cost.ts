/**
 * What a drawing costs to render, found by counting and before anything is rendered: elements that references multiply,
 * layers that need a canvas of their own, the work of filters. Few bytes can ask for years of it.
 */
import { Decline } from '../contract.ts';
import { idsIn } from './css.ts';
import { attributeOf, type Element, elementsOf, textOf } from './tree.ts';

/** Elements drawn, references followed, the pixels of images and characters of text counted in. */
const MOST_DRAWN = 500_000;
/** Canvases drawn on a pixel: for groups with opacity, masks and filters, these by the work of their steps. */
const MOST_LAYERS = 20_000;

export interface Cost {
  drawn: number;
  /** Operations a pixel of the whole canvas, at the least 1. */
  layers: number;
}

const REFERRING = [
  'fill',
  'stroke',
  'filter',
  'mask',
  'clip-path',
  'marker',
  'marker-start',
  'marker-mid',
  'marker-end',
  'style',
];

/** @param images pixels of embedded images by address. @throws Decline('too-large'). */
export function measureCost(root: Element, images: Map<string, number>): Cost {
  const byId = new Map<string, Element>();
  const sheets: string[] = [];
  for (const element of elementsOf(root)) {
    const id = attributeOf(element, 'id');
    if (id !== undefined && !byId.has(id)) byId.set(id, element);
    if (element.local === 'style') sheets.push(textOf(element));
  }
  const costOf = costing(byId, images);
  const cost = costOf(root);
  // What style sheets refer to may be drawn at every element.
  const shared = sheets
    .flatMap(idsIn)
    .map((id) => byId.get(id))
    .filter((target) => target !== undefined);
  const matched = shared.length > 0 ? count(root) : 0;
  for (const target of new Set(shared)) {
    if (target.local.endsWith('Gradient')) continue;
    addTo(cost, costOf(target), Math.min(matched, 1000));
  }
  checkCost(cost);
  return cost;
}

function checkCost({ drawn, layers }: Cost): void {
  if (drawn > MOST_DRAWN)
    throw new Decline('too-large', `The SVG draws more than the ${MOST_DRAWN} parts that are drawn.`);
  if (layers > MOST_LAYERS)
    throw new Decline('too-large', 'The SVG asks for more filters, masks and layers than are drawn.');
}

function count(root: Element): number {
  let elements = 0;
  for (const _ of elementsOf(root)) elements++;
  return elements;
}

function addTo(sum: Cost, { drawn, layers }: Cost, times = 1): void {
  sum.drawn += drawn * times;
  sum.layers += layers * times;
}

/** Costs of elements with all that they refer to, each counted once and remembered; what refers to itself is not drawn. */
function costing(byId: Map<string, Element>, images: Map<string, number>): (element: Element) => Cost {
  const known = new Map<Element, Cost>();
  const open = new Set<Element>();
  function costOf(element: Element): Cost {
    const before = known.get(element);
    if (before) return { ...before };
    if (open.has(element)) return { drawn: 0, layers: 0 };
    if (open.size > 400)
      throw new Decline('too-large', 'The SVG refers from part to part too often in a row.');
    open.add(element);
    const cost = { drawn: 1 + ownWork(element, images), layers: ownLayers(element) };
    for (const child of element.children) {
      if (child.kind === 'element') addTo(cost, costOf(child));
      else if (child.kind === 'text' && /^(text|tspan|textPath|tref)$/.test(element.local))
        cost.drawn += child.text.length / 4;
    }
    for (const [target, times] of targetsOf(element, byId)) addTo(cost, costOf(target), times);
    open.delete(element);
    known.set(element, { ...cost });
    // Numbers that grow beyond all bounds are caught where they first do.
    checkCost(cost);
    return cost;
  }
  return costOf;
}

/** In elements' worth of drawing. */
function ownWork(element: Element, images: Map<string, number>): number {
  if (element.local === 'image' || element.local === 'feImage')
    return (images.get(attributeOf(element, 'href')?.trim() ?? '') ?? 0) / 2000;
  return verticesOf(element) / 20;
}

function verticesOf(element: Element): number {
  const data = attributeOf(element, 'd') ?? attributeOf(element, 'points') ?? '';
  return data.length / 4;
}

const LAYERED = /(^|;)\s*(opacity|mix-blend-mode|isolation|mask|filter)\s*:/;

/** Operations a pixel that an element needs by itself; those of filters count where they are referred to. */
function ownLayers(element: Element): number {
  const isLayered = ['opacity', 'mask', 'filter'].some((name) => attributeOf(element, name) !== undefined);
  const layers = isLayered || LAYERED.test(attributeOf(element, 'style') ?? '') ? 1 : 0;
  return layers + (element.local.startsWith('fe') ? stepWork(element) : 0);
}

/** A filter's step: what of its work a file can ask to be large (Filter Effects 1 §9). */
function stepWork(step: Element): number {
  const numbers = (name: string) =>
    (attributeOf(step, name) ?? '').split(/[\s,]+/).map((part) => Math.abs(Number(part)) || 0);
  const product = (name: string) => {
    const [first = 0, second = first] = numbers(name);
    return first * second;
  };
  if (step.local === 'feTurbulence') return 4 * Math.max(1, numbers('numOctaves')[0]!);
  if (step.local === 'feConvolveMatrix') return Math.max(9, product('order'));
  // Cut down by the renderer to the canvas, along each side.
  if (step.local === 'feMorphology') return Math.max(1, Math.min(4 * product('radius'), 1e7));
  return 2;
}

/** What is drawn once more, or several times, because an element refers to it. */
function* targetsOf(element: Element, byId: Map<string, Element>): Generator<[Element, number]> {
  const href = attributeOf(element, 'href')?.trim();
  const target = href?.startsWith('#') ? byId.get(href.slice(1)) : undefined;
  if (target) yield [target, 1];
  for (const name of REFERRING) {
    const value = attributeOf(element, name);
    if (!value) continue;
    for (const id of idsIn(value)) {
      const referred = byId.get(id);
      if (referred) yield [referred, referred.local === 'marker' ? 1 + verticesOf(element) : 1];
    }
  }
}
