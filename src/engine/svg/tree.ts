/** A drawing as a tree of elements, and the few ways of going through it. Reading is `parse.ts`'s, writing `write.ts`'s. */

export const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';
export const XLINK_NAMESPACE = 'http://www.w3.org/1999/xlink';
export const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

export interface Attribute {
  /** As written, with its prefix. */
  name: string;
  namespace: string;
  /** Without its prefix. */
  local: string;
  value: string;
}

export interface Element {
  kind: 'element';
  name: string;
  namespace: string;
  local: string;
  attributes: Attribute[];
  children: Node[];
}

/** Text has its entities resolved; an instruction is what stands between `<?` and `?>`. */
export type Node = Element | { kind: 'text' | 'comment' | 'instruction'; text: string };

/** An element and all below it, in the order of the document. */
export function* elementsOf(root: Element): Generator<Element> {
  yield root;
  for (const child of root.children) if (child.kind === 'element') yield* elementsOf(child);
}

/** The value of an attribute without a prefix; of `href` that of `xlink:href`, too. */
export function attributeOf(element: Element, local: string): string | undefined {
  const own = element.attributes.find(({ name }) => name === local);
  if (own || local !== 'href') return own?.value;
  return element.attributes.find((attribute) => attribute.local === 'href')?.value;
}

export function textOf(element: Element): string {
  return element.children.map((child) => (child.kind === 'text' ? child.text : '')).join('');
}

/** Whether it is an element of SVG, or of a file that names no namespace. */
export function isSvg({ namespace }: Element): boolean {
  return namespace === SVG_NAMESPACE || namespace === '';
}
