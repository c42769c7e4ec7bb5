/**
 * Finds what a drawing holds that its rendering does not show: what runs or moves, HTML, styles for other devices or moments,
 * parts that only other files show. No gate looks at these, so nothing that they depend on may be changed.
 */

import { isPlainSheet, isPlainStyle } from './css.ts';
import type { Drawing } from './drawing.ts';
import { ANIMATIONS } from './sanitize.ts';
import { attributeOf, type Element, elementsOf, isSvg, textOf } from './tree.ts';

export interface Unseen {
  /** Scripts and event handlers, which may look at anything. */
  runs: boolean;
  /** By SMIL or CSS. */
  moves: boolean;
  /** Holds parts that browsers show and the renderer does not: HTML, text on a path, alternatives by language. */
  foreign: boolean;
  /** Holds parts for others to show: symbols and views that nothing in it uses, references to other files. */
  shared: boolean;
  /** Styles that apply on some devices, at some moments, or are too new for the renderer. */
  styled: boolean;
}

/** Elements that viewers know and the renderer does not, or not in the same way. */
const UNKNOWN = [
  'foreignObject',
  'textPath',
  'switch',
  'mesh',
  'meshgradient',
  'hatch',
  'font',
  'altGlyph',
  'cursor',
];

export function unseenIn(root: Element, prolog: Drawing['prolog']): Unseen {
  const unseen: Unseen = { runs: false, moves: false, foreign: false, shared: false, styled: false };
  unseen.shared = prolog.some(({ kind }) => kind === 'instruction');
  const used = new Set<string>();
  const offered: string[] = [];
  for (const element of elementsOf(root)) {
    look(element, unseen);
    const href = attributeOf(element, 'href');
    if (href?.startsWith('#')) used.add(href.slice(1));
    const id = attributeOf(element, 'id');
    if ((element.local === 'symbol' || element.local === 'view') && id !== undefined) offered.push(id);
  }
  unseen.shared ||= offered.some((id) => !used.has(id));
  return unseen;
}

function look(element: Element, unseen: Unseen): void {
  const { local } = element;
  if (!isSvg(element)) unseen.foreign ||= /xhtml|MathML/i.test(element.namespace);
  else if (local === 'script' || local === 'handler' || local === 'listener') unseen.runs = true;
  else if (ANIMATIONS.includes(local)) unseen.moves = true;
  else if (UNKNOWN.includes(local) || /^(video|audio|iframe|canvas|object|embed)$/.test(local))
    unseen.foreign = true;
  else if (local === 'style') lookAtSheet(element, unseen);
  else if (isReferringOut(element)) unseen.shared = true;
  for (const { local: name, value } of element.attributes) {
    if (/^on/i.test(name)) unseen.runs = true;
    else if (name === 'style' && !isPlainStyle(value)) lookAtStyle(value, unseen);
  }
}

function lookAtSheet(style: Element, unseen: Unseen): void {
  const css = textOf(style);
  const isForAll = /^\s*(all|screen)?\s*$/i.test(attributeOf(style, 'media') ?? '');
  const isCss = /^\s*(text\/css)?\s*$/i.test(attributeOf(style, 'type') ?? '');
  if (!isForAll || !isCss || !isPlainSheet(css)) lookAtStyle(css, unseen);
}

function lookAtStyle(css: string, unseen: Unseen): void {
  unseen.styled = true;
  if (/\banimation|@keyframes/i.test(css)) unseen.moves = true;
}

/** Links lead elsewhere without showing anything of it. */
function isReferringOut(element: Element): boolean {
  if (element.local === 'a') return false;
  const href = attributeOf(element, 'href')?.trim();
  return href !== undefined && !href.startsWith('#') && !/^data:image\/(png|jpe?g|gif|webp)/i.test(href);
}
