/**
 * XML as far as metadata needs it (XML 1.0, Namespaces in XML 1.0): elements, attributes and text, with limits. What
 * could reach out or blow up is not read at all: document types, entities other than the five that every reader knows.
 */

export interface Name {
  /** As written, with its prefix. */
  raw: string;
  /** Its namespace, empty where there is none. */
  uri: string;
  local: string;
}

export interface Attribute {
  name: Name;
  /** As written: with its references. */
  value: string;
}

export interface Element {
  name: Name;
  attributes: Attribute[];
  /** Text as written, with its references; comments and instructions are left out. */
  children: (Element | string)[];
}

const MOST_DEPTH = 64;
const MOST_ELEMENTS = 50_000;
const UNKNOWN_REFERENCE = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-fA-F]{1,6});)/;
/** One thing after the other: comment, CDATA, instruction, end tag, start tag up to its attributes, text. */
const TOKEN =
  /<!--(?<comment>[\s\S]*?)-->|<!\[CDATA\[(?<data>[\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<\/(?<end>[^\s<>/]+)\s*>|<(?<start>[^\s<>/!?=]+)|(?<text>[^<]+)/y;
const ATTRIBUTE = /\s+(?<name>[^\s<>/=]+)\s*=\s*(?:"(?<double>[^"<]*)"|'(?<single>[^'<]*)')/y;
const TAG_END = /\s*(?<empty>\/?)>/y;

/** Prefixes that are declared here, and what stands around. */
interface Scope {
  parent: Scope | null;
  declared: Map<string, string>;
}

const OUTERMOST: Scope = {
  parent: null,
  declared: new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]),
};

interface Open {
  element: Element;
  scope: Scope;
}

/** Reads the one element of a document. @returns null when it is not well-formed, or too much. */
export function parseXml(text: string): Element | null {
  if (UNKNOWN_REFERENCE.test(text)) return null;
  const root: Element = { name: { raw: '', uri: '', local: '' }, attributes: [], children: [] };
  const open: Open[] = [{ element: root, scope: OUTERMOST }];
  let count = 0;
  for (let at = 0; at < text.length; ) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text);
    if (!token) return null;
    at = TOKEN.lastIndex;
    const { start, end, text: plain, data } = token.groups!;
    const { element: parent, scope } = open.at(-1)!;
    if (plain !== undefined) parent.children.push(plain);
    else if (data !== undefined) parent.children.push(escapeXml(data));
    else if (end !== undefined) {
      if (open.length === 1 || open.pop()!.element.name.raw !== end) return null;
    } else if (start !== undefined) {
      const tag = readTag(text, at, start, scope);
      if (!tag || ++count > MOST_ELEMENTS || open.length > MOST_DEPTH) return null;
      parent.children.push(tag.element);
      if (!tag.isEmpty) open.push(tag);
      at = tag.end;
    }
  }
  const elements = root.children.filter((child) => typeof child !== 'string');
  return open.length === 1 && elements.length === 1 ? elements[0]! : null;
}

/** The attributes of a start tag, with all names resolved. */
function readTag(text: string, from: number, raw: string, around: Scope) {
  const written: [name: string, value: string][] = [];
  ATTRIBUTE.lastIndex = from;
  let at = from;
  for (let found = ATTRIBUTE.exec(text); found; found = ATTRIBUTE.exec(text)) {
    const { name, double, single } = found.groups!;
    written.push([name!, double ?? single!.replaceAll('"', '&quot;')]);
    at = ATTRIBUTE.lastIndex;
  }
  TAG_END.lastIndex = at;
  const tagEnd = TAG_END.exec(text);
  if (!tagEnd) return null;
  const declared = new Map(written.flatMap(([name, value]) => declarationOf(name, value)));
  const scope = declared.size > 0 ? { parent: around, declared } : around;
  const name = resolve(raw, scope, true);
  const attributes: Attribute[] = [];
  for (const [attribute, value] of written) {
    const resolved =
      declarationOf(attribute, value).length > 0 ? DECLARATION(attribute) : resolve(attribute, scope, false);
    if (!resolved) return null;
    attributes.push({ name: resolved, value });
  }
  if (!name) return null;
  const element: Element = { name, attributes, children: [] };
  return { element, scope, isEmpty: tagEnd.groups!.empty !== '', end: TAG_END.lastIndex };
}

export const XMLNS = 'http://www.w3.org/2000/xmlns/';

function DECLARATION(raw: string): Name {
  return { raw, uri: XMLNS, local: raw.slice('xmlns:'.length) };
}

function declarationOf(name: string, value: string): [prefix: string, uri: string][] {
  if (name === 'xmlns') return [['', value]];
  return name.startsWith('xmlns:') ? [[name.slice('xmlns:'.length), value]] : [];
}

/** @returns null where the prefix is not declared. */
function resolve(raw: string, scope: Scope, takesDefault: boolean): Name | null {
  const colon = raw.indexOf(':');
  const [prefix, local] = [raw.slice(0, Math.max(0, colon)), raw.slice(colon + 1)];
  if (prefix === '' && !takesDefault) return { raw, uri: '', local };
  for (let at: Scope | null = scope; at; at = at.parent) {
    const uri = at.declared.get(prefix);
    if (uri !== undefined) return { raw, uri, local };
  }
  return prefix === '' ? { raw, uri: '', local } : null;
}

/** Writes an element as it was read. */
export function writeXml({ name, attributes, children }: Element): string {
  const pairs = attributes.map((attribute) => ` ${attribute.name.raw}="${attribute.value}"`).join('');
  const inner = children.map((child) => (typeof child === 'string' ? child : writeXml(child))).join('');
  return inner === '' ? `<${name.raw}${pairs}/>` : `<${name.raw}${pairs}>${inner}</${name.raw}>`;
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
