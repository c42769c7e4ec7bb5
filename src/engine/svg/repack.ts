/**
 * Takes out of a tree what is never shown, by policy: what editors remember for themselves, metadata, comments, the space
 * between elements. Titles and descriptions stay, which are read out to those who do not see the drawing.
 */
import type { MetadataPolicy } from '../contract.ts';
import { attributeOf, type Element, isSvg, type Node, textOf } from './tree.ts';

/** Namespaces of drawing programs: what they keep there no viewer shows, and it names files of whoever drew. */
const EDITORS =
  /inkscape\.org|sodipodi\.sourceforge|ns\.adobe\.com|bohemiancoding\.com|figma\.com|serif\.com|schemas\.microsoft\.com\/visio|corel\.com|vectornator\.io|boxy-svg\.com|krita\.org|svgjs\.(com|dev)|gliffy\.com|ckgrafico|vectta|oxygenxml/i;
/** Where characters between elements may be shown. */
const HOLDS_TEXT = [
  'text',
  'tspan',
  'textPath',
  'tref',
  'altGlyph',
  'title',
  'desc',
  'style',
  'script',
  'foreignObject',
  'a',
];
const NOTICE = /^!|copyright|licen[cs]e|\(c\)|©/i;

/** @returns a copy; the given tree stays as it is. */
export function repack(root: Element, policy: MetadataPolicy): Element {
  return repackElement(root, policy);
}

/** Comments and instructions around the root, as far as a policy keeps them. */
export function repackProlog(prolog: Node[], policy: MetadataPolicy): Node[] {
  return prolog.filter((node) => node.kind === 'instruction' || keepsComment(node, policy));
}

function repackElement(element: Element, policy: MetadataPolicy): Element {
  const keepsSpace = HOLDS_TEXT.includes(element.local) || !isSvg(element);
  const children = element.children
    .filter((child) => isKept(child, policy))
    .filter((child) => keepsSpace || child.kind !== 'text' || /\S/.test(child.text));
  return {
    ...element,
    attributes: element.attributes.filter(
      ({ name, namespace, value }) =>
        policy === 'all' || !EDITORS.test(name.startsWith('xmlns:') ? value : namespace),
    ),
    // Of what is no drawing, such as HTML, nothing is known.
    children:
      element.local === 'foreignObject'
        ? element.children
        : children.map((child) => (child.kind === 'element' ? repackElement(child, policy) : child)),
  };
}

function isKept(node: Node, policy: MetadataPolicy): boolean {
  if (node.kind === 'comment') return keepsComment(node, policy);
  if (node.kind !== 'element' || policy === 'all') return true;
  if (EDITORS.test(node.namespace)) return false;
  // Illustrator's whole own file, in the place of what other programs show.
  if (node.local === 'foreignObject') return !EDITORS.test(attributeOf(node, 'requiredExtensions') ?? '');
  if (node.local === 'metadata') return policy !== 'none' && /\S/.test(allTextOf(node));
  return true;
}

function keepsComment(node: Node, policy: MetadataPolicy): boolean {
  if (node.kind !== 'comment' || policy === 'all') return true;
  return policy !== 'none' && NOTICE.test(node.text);
}

function allTextOf(element: Element): string {
  const below = element.children.map((child) =>
    child.kind === 'element'
      ? `${child.attributes.map(({ value }) => value).join('')}${allTextOf(child)}`
      : '',
  );
  return textOf(element) + below.join('');
}
