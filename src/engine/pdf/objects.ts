/**
 * The objects that a PDF is made of (ISO 32000-1, 7.3). Numbers and strings stay the text that they were written as,
 * so that what is written again is what was read.
 */

/** A number, a string with its delimiters, `true`, `false` or `null`, one character a byte. */
export interface Atom {
  atom: string;
}

/** Without its solidus, `#` escapes resolved. */
export interface Name {
  name: string;
}

/** A reference to an indirect object. Of all generations the cross-reference table knows one. */
export interface Reference {
  to: number;
  generation: number;
}

export type Dictionary = Map<string, Value>;
export type Value = Atom | Name | Reference | Value[] | Dictionary;

/** A dictionary and bytes, as they stand in the file: encoded by the filters that the dictionary names. */
export interface Stream {
  dictionary: Dictionary;
  data: Uint8Array;
}

export type IndirectObject = Value | Stream;

export const NULL: Atom = { atom: 'null' };

export function isStream(object: IndirectObject): object is Stream {
  return 'dictionary' in object;
}

export function isDictionary(object: IndirectObject | undefined): object is Dictionary {
  return object instanceof Map;
}

export function isReference(object: IndirectObject): object is Reference {
  return 'to' in object;
}

export function nameOf(object: IndirectObject | undefined): string | null {
  return object && 'name' in object ? object.name : null;
}

/** Null where the object is no number. */
export function numberOf(object: IndirectObject | undefined): number | null {
  if (!object || !('atom' in object) || !/^[+-]?(\d+\.?\d*|\.\d+)$/.test(object.atom)) return null;
  return Number(object.atom);
}

/** Every reference in an object, in the order of reading. */
export function* referencesIn(object: IndirectObject): Generator<Reference> {
  if (isStream(object)) yield* referencesIn(object.dictionary);
  else if (isReference(object)) yield object;
  else if (isDictionary(object)) for (const value of object.values()) yield* referencesIn(value);
  else if (Array.isArray(object)) for (const value of object) yield* referencesIn(value);
}

/** Every dictionary in an object, its own above all. */
export function* dictionariesIn(object: IndirectObject): Generator<Dictionary> {
  if (isStream(object)) yield* dictionariesIn(object.dictionary);
  else if (isDictionary(object)) {
    yield object;
    for (const value of object.values()) yield* dictionariesIn(value);
  } else if (Array.isArray(object)) for (const value of object) yield* dictionariesIn(value);
}

/** @param renumber the number to write for a reference; null for one that leads nowhere. */
export function writeValue(value: Value, renumber: (reference: Reference) => number | null): string {
  const write = (item: Value): string => {
    if ('atom' in item) return item.atom;
    if ('name' in item) return writeName(item.name);
    if (isReference(item)) return writeReference(renumber(item));
    if (isDictionary(item))
      return `<<${[...item].map(([key, entry]) => joined(writeName(key), write(entry))).join('')}>>`;
    return `[${item.map(write).reduce(joined, '')}]`;
  };
  return write(value);
}

function writeReference(number: number | null): string {
  return number === null ? 'null' : `${number} 0 R`;
}

/** Tokens need white space between them only where neither begins or ends itself. */
function joined(before: string, after: string): string {
  const touches = before !== '' && /[^\])>]$/.test(before) && /^[^[(</]/.test(after);
  return touches ? `${before} ${after}` : before + after;
}

/** Regular characters but `#` stand for themselves (7.3.5). */
function writeName(name: string): string {
  const escaped = name.replace(
    /[^!-~]|[#()<>[\]{}/%]/g,
    (character) => `#${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `/${escaped}`;
}
