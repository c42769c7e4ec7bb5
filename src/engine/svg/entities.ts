/**
 * Resolves references to characters and to the entities that a file declares itself, as Adobe Illustrator does for its
 * namespaces (XML 1.0 §4). Nothing outside the file is ever asked for, and what references grow to is bounded.
 */
import { corrupt, unsupported } from '../codecs/bytes.ts';
import { Decline } from '../contract.ts';

/** Characters that all references to declared entities of a file may stand for together, */
const MOST_EXPANDED = 1 << 20;
/** and how deep entities may be made of entities. */
const MOST_NESTED = 8;

const PREDEFINED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export interface Entities {
  /** @throws Decline `corrupt` (unknown), `too-large`, `unsupported` (markup). */
  resolve(text: string): string;
}

/**
 * @param subset what a DOCTYPE has between its brackets.
 * @throws Decline('unsupported') where it refers to other files or declares more than plain entities.
 */
export function declareEntities(subset: string): Entities {
  const declared = readDeclarations(subset.replace(/<!--[\s\S]*?-->/g, ''));
  let expanded = 0;
  function resolve(text: string, depth: number): string {
    if (!text.includes('&')) return text;
    return text.replace(/&([^;\s&<]*);?/g, (reference, name: string) => {
      if (!reference.endsWith(';')) throw corrupt('The SVG has an & that begins no reference.');
      if (name.startsWith('#')) return characterOf(name);
      const known = Object.hasOwn(PREDEFINED, name) ? PREDEFINED[name] : undefined;
      if (known !== undefined) return known;
      const value = declared.get(name);
      if (value === undefined) throw corrupt(`The SVG refers to an unknown entity, ${name.slice(0, 40)}.`);
      expanded += value.length;
      if (expanded > MOST_EXPANDED || depth >= MOST_NESTED)
        throw new Decline('too-large', 'The entities of the SVG grow beyond what is read.');
      return resolve(value, depth + 1);
    });
  }
  return { resolve: (text) => resolve(text, 0) };
}

function readDeclarations(subset: string): Map<string, string> {
  if (/<!ENTITY\s+%|%[\w:.-]+;/.test(subset)) throw unsupported('The SVG has entities for its declarations.');
  if (/<!ENTITY\s+[^\s"'>]+\s+(SYSTEM|PUBLIC)\b/.test(subset))
    throw unsupported('The SVG refers to other files by entities.');
  if (hasDefaults(subset)) throw unsupported('The SVG declares values of attributes that it does not write.');
  const declared = new Map<string, string>();
  for (const [, name, double, single] of subset.matchAll(
    /<!ENTITY\s+([^\s"'>%]+)\s+(?:"([^"]*)"|'([^']*)')\s*>/g,
  )) {
    const value = double ?? single ?? '';
    if (value.includes('<')) throw unsupported('The SVG has markup in its entities.');
    if (!declared.has(name!)) declared.set(name!, value);
  }
  return declared;
}

/** Default values of attributes, but for those of namespaces. */
function hasDefaults(subset: string): boolean {
  const lists = subset.match(/<!ATTLIST[^>]*>/g) ?? [];
  return lists.some((list) =>
    /["']/.test(list.replace(/\bxmlns(:[\w.-]+)?\s+CDATA\s+(#FIXED\s+)?(["']).*?\3/g, '')),
  );
}

function characterOf(name: string): string {
  const code = /^#x[0-9a-f]{1,6}$/i.test(name)
    ? Number.parseInt(name.slice(2), 16)
    : /^#\d{1,7}$/.test(name)
      ? Number(name.slice(1))
      : -1;
  const isAllowed = code === 9 || code === 10 || code === 13 || (code >= 32 && code <= 0x10ffff);
  if (!isAllowed || (code >= 0xd800 && code <= 0xdfff))
    throw corrupt('The SVG refers to a character that does not exist.');
  return String.fromCodePoint(code);
}
