/**
 * Reads a drawing's XML (XML 1.0, Namespaces in XML 1.0) into a tree, as strictly as viewers do and with bounds on all that
 * could grow: nothing that this reader refuses reaches the renderer or the optimizer. What the drawing costs is for `cost.ts`.
 */
import { corrupt, unsupported } from '../codecs/bytes.ts';
import { Decline } from '../contract.ts';
import { declareEntities, type Entities } from './entities.ts';
import {
  type Attribute,
  type Element,
  type Node,
  SVG_NAMESPACE,
  XLINK_NAMESPACE,
  XML_NAMESPACE,
} from './tree.ts';

const MOST_ELEMENTS = 200_000;
/** libxml2, below the renderer, ends at 256. */
const MOST_NESTED = 200;
const MOST_ATTRIBUTES = 250;
/** Characters of one attribute or text; libxml2 ends at 10 million. */
const LONGEST_VALUE = 8 << 20;

const NAME = String.raw`[\p{L}_:][\p{L}\p{N}\p{M}_:.·-]*`;
const OPEN_TAG = new RegExp(`<(${NAME})`, 'uy');
const ATTRIBUTE = new RegExp(`\\s+(${NAME})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'uy');
const TAG_END = /\s*(\/?)>/y;
const CLOSE_TAG = new RegExp(`</(${NAME})\\s*>`, 'uy');
const DOCTYPE_START = /<!DOCTYPE\s+[^>[\]]+/y;
/** What may hold brackets without ending what is around it; each begins unlike the others, so that no text takes long. */
const SUBSET_PART = /"[^"]*"|'[^']*'|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|[^\]"'<]+|</y;
const DOCTYPE_END = /\s*>/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML does not allow.
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** @returns the root. @throws Decline `corrupt`, `too-large` or `unsupported`. */
export function parseSvg(text: string): { root: Element; prolog: Node[] } {
  if (FORBIDDEN.test(text)) throw corrupt('The SVG has characters that XML does not allow.');
  return new Reader(text).read();
}

type Prefixes = Record<string, string>;

/** xlink is so often left undeclared that viewers' parsers were taught it. */
const KNOWN_PREFIXES: Prefixes = { '': '', xml: XML_NAMESPACE, xlink: XLINK_NAMESPACE };

class Reader {
  private readonly text: string;
  private at = 0;
  private elements = 0;
  private entities: Entities = declareEntities('');

  constructor(text: string) {
    this.text = text;
  }

  read(): { root: Element; prolog: Node[] } {
    const prolog: Node[] = [];
    let root: Element | null = null;
    for (this.skipSpace(); this.at < this.text.length; this.skipSpace()) {
      const aside = this.readAside();
      if (aside) prolog.push(aside);
      else if (this.text.startsWith('<!DOCTYPE', this.at) && !root) this.readDoctype();
      else if (root) throw corrupt('The SVG has something behind its end.');
      else root = this.readTree();
    }
    if (!root) throw corrupt('The SVG has no drawing in it.');
    return {
      root,
      // Of instructions viewers know one; others are for programs that have run already, or should not.
      prolog: prolog.filter((node) => node.kind !== 'instruction' || /^xml-stylesheet\s/.test(node.text)),
    };
  }

  private skipSpace(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  /** What stands between two marks. */
  private between(start: string, end: string): string | null {
    if (!this.text.startsWith(start, this.at)) return null;
    const from = this.at + start.length;
    const to = this.text.indexOf(end, from);
    if (to < 0) throw corrupt('The SVG ends within its markup.');
    this.at = to + end.length;
    return bounded(this.text.slice(from, to));
  }

  /** A comment or an instruction. */
  private readAside(): Node | null {
    const comment = this.between('<!--', '-->');
    if (comment !== null) return { kind: 'comment', text: comment };
    const instruction = this.between('<?', '?>');
    return instruction === null ? null : { kind: 'instruction', text: instruction };
  }

  private readDoctype(): void {
    const refusal = corrupt('The SVG has a DOCTYPE that cannot be read.');
    if (!this.match(DOCTYPE_START)) throw refusal;
    if (this.text[this.at] === '[') {
      const from = ++this.at;
      while (this.match(SUBSET_PART));
      this.entities = declareEntities(this.text.slice(from, this.at));
      if (this.text[this.at++] !== ']') throw refusal;
    }
    if (!this.match(DOCTYPE_END)) throw refusal;
  }

  /** The root and all below it, without recursion. */
  private readTree(): Element {
    const [root, isRootClosed] = this.readOpenTag(KNOWN_PREFIXES);
    if (root.element.local !== 'svg' || !['', SVG_NAMESPACE].includes(root.element.namespace))
      throw unsupported('The XML is no SVG drawing.');
    const open = isRootClosed ? [] : [root];
    while (open.length > 0) {
      const { element, prefixes } = open.at(-1)!;
      const closed = this.match(CLOSE_TAG);
      if (closed) {
        if (closed[1] !== element.name)
          throw corrupt(`The SVG closes ${closed[1]} where ${element.name} is open.`);
        open.pop();
      } else {
        const node = this.readAside() ?? this.readCharacters();
        if (node) element.children.push(node);
        else {
          const [child, isClosed] = this.readOpenTag(prefixes);
          element.children.push(child.element);
          if (!isClosed) open.push(child);
          if (open.length > MOST_NESTED)
            throw tooLarge(`more than ${MOST_NESTED} elements within each other`);
        }
      }
    }
    return root.element;
  }

  private readCharacters(): Node | null {
    const literal = this.between('<![CDATA[', ']]>');
    if (literal !== null) return { kind: 'text', text: literal };
    const end = this.text.indexOf('<', this.at);
    if (end < 0) throw corrupt('The SVG ends before its drawing does.');
    if (end === this.at) return null;
    const text = this.entities.resolve(this.text.slice(this.at, end));
    this.at = end;
    return { kind: 'text', text: bounded(text) };
  }

  private readOpenTag(outer: Prefixes): [{ element: Element; prefixes: Prefixes }, isClosed: boolean] {
    const name = this.match(OPEN_TAG)?.[1];
    if (!name) throw corrupt('The SVG has a < that begins no tag.');
    if (++this.elements > MOST_ELEMENTS) throw tooLarge(`more than ${MOST_ELEMENTS} elements`);
    const raw = this.readAttributes();
    const end = this.match(TAG_END);
    if (!end) throw corrupt(`The SVG has a tag, ${name.slice(0, 40)}, that cannot be read.`);
    const prefixes = { ...outer };
    for (const [attribute, value] of raw) {
      if (attribute === 'xmlns') prefixes[''] = value;
      else if (attribute.startsWith('xmlns:')) prefixes[attribute.slice(6)] = value;
    }
    const attributes = [...raw].map(([attribute, value]): Attribute => {
      const isPlain = !attribute.includes(':') || attribute.startsWith('xmlns:');
      return isPlain
        ? { name: attribute, namespace: '', local: attribute, value }
        : { ...resolveName(attribute, prefixes), value };
    });
    return [
      { element: { kind: 'element', ...resolveName(name, prefixes), attributes, children: [] }, prefixes },
      end[1] === '/',
    ];
  }

  private readAttributes(): Map<string, string> {
    const raw = new Map<string, string>();
    for (let found = this.match(ATTRIBUTE); found; found = this.match(ATTRIBUTE)) {
      const name = found[1]!;
      if (raw.has(name)) throw corrupt(`The SVG has an attribute twice, ${name.slice(0, 40)}.`);
      // Line ends are spaces in attributes, but for those that are referred to (XML 1.0 §3.3.3).
      const value = (found[2] ?? found[3]!).replace(/[\t\n]/g, ' ');
      raw.set(name, bounded(this.entities.resolve(value)));
      if (raw.size > MOST_ATTRIBUTES)
        throw tooLarge(`more than ${MOST_ATTRIBUTES} attributes at one element`);
    }
    return raw;
  }
}

function resolveName(name: string, prefixes: Prefixes): { name: string; namespace: string; local: string } {
  const colon = name.indexOf(':');
  const prefix = colon < 0 ? '' : name.slice(0, colon);
  if (!Object.hasOwn(prefixes, prefix))
    throw corrupt(`The SVG has names with the prefix ${prefix.slice(0, 40)}, which it does not declare.`);
  return { name, namespace: prefixes[prefix]!, local: name.slice(colon + 1) };
}

function bounded(value: string): string {
  if (value.length > LONGEST_VALUE) throw tooLarge(`a value of ${value.length} characters`);
  return value;
}

function tooLarge(what: string): Decline {
  return new Decline('too-large', `The SVG has ${what}, which is more than is read.`);
}
