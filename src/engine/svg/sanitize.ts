/**
 * Takes out of a drawing whatever could run or refer to elsewhere. What is left are SVG's own elements, and references into the
 * same file or to images that it holds. The renderer never sees anything else; results are sanitized only when asked for.
 */
import { isHarmless, withoutReferences } from './css.ts';
import {
  type Attribute,
  attributeOf,
  type Element,
  isSvg,
  type Node,
  SVG_NAMESPACE,
  textOf,
} from './tree.ts';

/** SVG 2 appendix F and SVG 1.1, filters and animation included, without what shows or runs other documents. */
const ELEMENTS = new Set(
  `a altGlyph altGlyphDef altGlyphItem animate animateColor animateMotion animateTransform circle clipPath color-profile cursor
  defs desc ellipse feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap
  feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology
  feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence filter font font-face font-face-name glyph glyphRef g
  hatch hatchpath hkern image line linearGradient marker mask mesh meshgradient meshpatch meshrow metadata missing-glyph mpath
  path pattern polygon polyline radialGradient rect set stop style svg switch symbol text textPath title tref tspan use view
  vkern`.split(/\s+/),
);
export const ANIMATIONS = ['animate', 'animateColor', 'animateMotion', 'animateTransform', 'set'];
/** Images that hold pixels and nothing else. */
const IMAGE_DATA = /^data:image\/(png|jpe?g|gif|webp)\s*(;[\w=-]+)*;base64,/i;

/** What a drawing's own images may be refused for, besides. */
export type KeepsImage = (href: string) => boolean;

/** @returns a copy; the given tree stays as it is. */
export function sanitize(root: Element, keepsImage: KeepsImage = () => true): Element {
  const clean = (element: Element): Element => ({
    ...element,
    attributes: cleanAttributes(element, keepsImage),
    children:
      element.local === 'style'
        ? cleanSheet(element)
        : element.children.filter(isKept).map((child) => (child.kind === 'element' ? clean(child) : child)),
  });
  return clean(root);
}

function isKept(node: Node): boolean {
  if (node.kind !== 'element') return node.kind !== 'instruction';
  if (!isSvg(node) || !ELEMENTS.has(node.local)) return false;
  if (ANIMATIONS.includes(node.local))
    return !/^\s*([\w-]+:)?(href|src|on\w+)\s*$/i.test(attributeOf(node, 'attributeName') ?? '');
  return node.local !== 'style' || /^\s*(text\/css)?\s*$/i.test(attributeOf(node, 'type') ?? '');
}

function cleanSheet(style: Element): Node[] {
  return [{ kind: 'text', text: withoutReferences(textOf(style)) }];
}

function cleanAttributes(element: Element, keepsImage: KeepsImage): Attribute[] {
  return element.attributes.flatMap((attribute) => {
    const { local, value, name } = attribute;
    if (name === 'style') return [{ ...attribute, value: withoutReferences(value) }];
    if (name === 'xmlns' || name.startsWith('xmlns:')) return [attribute];
    if (/^on/i.test(local) || local === 'base' || local === 'ping') return [];
    if (/^(href|src)$/i.test(local)) return isSafeTarget(element, value, keepsImage) ? [attribute] : [];
    return isHarmless(value) ? [attribute] : [];
  });
}

function isSafeTarget({ local }: Element, target: string, keepsImage: KeepsImage): boolean {
  if (/^\s*#/.test(target)) return true;
  return ['image', 'feImage'].includes(local) && IMAGE_DATA.test(target.trim()) && keepsImage(target.trim());
}

/** Elements and attributes of SVG alone, under the names that the renderer knows: for its eyes only. */
export function plainCopy(element: Element): Element {
  const attributes = element.attributes
    .filter(
      ({ name, local, namespace }) =>
        !/^xmlns(:|$)/.test(name) && (namespace === '' || local === 'href' || name.startsWith('xml:')),
    )
    .map((attribute) =>
      attribute.namespace === '' || attribute.name.startsWith('xml:')
        ? attribute
        : { ...attribute, name: 'xlink:href' },
    );
  const children = element.children
    .filter(
      (child) => child.kind === 'text' || (child.kind === 'element' && !ANIMATIONS.includes(child.local)),
    )
    .map((child) => (child.kind === 'element' ? plainCopy(child) : child));
  return { ...element, name: element.local, namespace: SVG_NAMESPACE, attributes, children };
}
