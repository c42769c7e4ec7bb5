/**
 * A PDF as what it means: every object that its trailer leads to, whichever way the file stores it. What nothing leads
 * to (earlier revisions, hints for the web, whatever was appended) is not part of it.
 */
import { corrupt, latin1, unsupported } from '../codecs/bytes.ts';
import { Decline } from '../contract.ts';
import { type CrossReference, MAX_OBJECTS, plainBytes, readCrossReference } from './cross-reference.ts';
import { createInflateBudget, type InflateBudget, type Resolve } from './filters.ts';
import {
  type Dictionary,
  type IndirectObject,
  isDictionary,
  isReference,
  isStream,
  NULL,
  nameOf,
  numberOf,
  type Reference,
  referencesIn,
} from './objects.ts';
import { createParser, parseIndirect } from './parse.ts';

export interface PdfDocument {
  /** As in the header or, where that says more, in the catalog: e.g. 1.7. */
  version: number;
  /** Without what only says how the file is stored. */
  trailer: Dictionary;
  catalog: Dictionary;
  /** By object number. */
  objects: Map<number, IndirectObject>;
  /** The object behind a reference, or the value itself; `NULL` for what is not there. */
  resolve: Resolve;
  /** Whether a reference leads to one of `objects`. */
  leads(reference: Reference): boolean;
  budget: InflateBudget;
}

const MAX_BYTES = 512 << 20;
/** Of the trailer; the rest says how the file is stored, or is unknown here and stays. */
const STORAGE_KEYS = [
  'Size',
  'Prev',
  'XRefStm',
  'Type',
  'W',
  'Index',
  'Filter',
  'DecodeParms',
  'Length',
  'DL',
  'DocChecksum',
];

/**
 * @throws Decline `unsupported` for what a rewrite would break (encrypted or signed documents), `too-large`, `corrupt`.
 */
export function readDocument(file: Uint8Array): PdfDocument {
  if (file.length > MAX_BYTES) throw new Decline('too-large', `The PDF has more than ${MAX_BYTES} bytes.`);
  const header = latin1(file, 0, 1024);
  const start = header.indexOf('%PDF-');
  const said = /^%PDF-(\d\.\d)/.exec(header.slice(start));
  if (!said) throw corrupt('The PDF does not say its version.');
  const bytes = file.subarray(start);
  const budget = createInflateBudget();
  const crossReference = readCrossReference(bytes, budget);
  const { trailer } = crossReference;
  if (trailer.has('Encrypt')) throw unsupported('The PDF is encrypted, and is left as it is.');
  const store = createStore(bytes, crossReference, budget);
  const kept: Dictionary = new Map([...trailer].filter(([key]) => !STORAGE_KEYS.includes(key)));
  const objects = reachable(kept, store);
  const resolve: Resolve = (value = NULL) => {
    let object: IndirectObject = value;
    for (let hops = 0; isReference(object); hops++) {
      if (hops > 8) throw corrupt('References of the PDF lead in a circle.');
      object = store.get(object) ?? NULL;
    }
    return object;
  };
  const catalog = resolve(kept.get('Root'));
  if (!isDictionary(catalog)) throw corrupt('The PDF has no catalog.');
  const version = Math.max(Number(said[1]), Number(nameOf(resolve(catalog.get('Version'))) ?? 0) || 0);
  return {
    version,
    trailer: kept,
    catalog,
    objects,
    resolve,
    leads: (reference) => store.get(reference) !== undefined,
    budget,
  };
}

/** Everything that the trailer leads to. @throws Decline('unsupported') where that holds a signature. */
function reachable(trailer: Dictionary, store: Store): Map<number, IndirectObject> {
  const objects = new Map<number, IndirectObject>();
  const ahead = [...referencesIn(trailer)];
  for (let reference = ahead.pop(); reference; reference = ahead.pop()) {
    if (objects.has(reference.to)) continue;
    const object = store.get(reference);
    if (!object) continue;
    if (isSigned(object)) throw unsupported('The PDF is signed, and any change would break its signature.');
    objects.set(reference.to, object);
    ahead.push(...referencesIn(object));
  }
  return objects;
}

/** A signature signs ranges of the file's bytes (12.8.1). It may stand within the object of its field. */
function isSigned(object: IndirectObject): boolean {
  if (Array.isArray(object)) return object.some(isSigned);
  if (!isDictionary(object)) return false;
  return object.has('ByteRange') || [...object.values()].some(isSigned);
}

interface Store {
  /** Undefined for what is not there, or of another generation. */
  get(reference: Reference): IndirectObject | undefined;
}

function createStore(bytes: Uint8Array, { places }: CrossReference, budget: InflateBudget): Store {
  const read = new Map<number, IndirectObject>();
  const containers = new Map<number, Map<number, IndirectObject>>();
  const underway = new Set<number>();
  const store: Store = {
    get({ to, generation }) {
      const place = places.get(to);
      if (!place || generation !== ('offset' in place ? place.generation : 0)) return undefined;
      const known = read.get(to);
      if (known) return known;
      if (underway.has(to)) throw corrupt('An object of the PDF is needed to read itself.');
      underway.add(to);
      const object = 'offset' in place ? readAt(to, place.offset) : contentsOf(place.container).get(to);
      underway.delete(to);
      if (!object) throw corrupt(`Object ${to} of the PDF is not where it should be.`);
      read.set(to, object);
      return object;
    },
  };
  return store;

  function readAt(number: number, offset: number): IndirectObject {
    const found = parseIndirect(bytes, offset, (length) =>
      numberOf(isReference(length) ? store.get(length) : length),
    );
    if (found.number !== number) throw corrupt(`Object ${number} of the PDF is not where it should be.`);
    return found.object;
  }

  function contentsOf(container: number): Map<number, IndirectObject> {
    const place = places.get(container);
    if (!place || !('offset' in place)) throw corrupt('An object stream of the PDF is not there.');
    const known =
      containers.get(container) ?? readContents(store.get({ to: container, generation: place.generation }));
    containers.set(container, known);
    return known;
  }

  function readContents(object: IndirectObject | undefined): Map<number, IndirectObject> {
    if (!object || !isStream(object)) throw corrupt('An object stream of the PDF is damaged.');
    const [count, first] = ['N', 'First'].map(
      (key) => numberOf(object.dictionary.get(key)) ?? Number.NaN,
    ) as [number, number];
    const data = plainBytes(object, budget);
    if (!(count >= 0 && count <= MAX_OBJECTS && first >= 0 && first <= data.length))
      throw corrupt('An object stream of the PDF is damaged.');
    const heads = latin1(data, 0, first)
      .trim()
      .split(/[\0\t\n\f\r ]+/)
      .map(Number);
    const contents = new Map<number, IndirectObject>();
    for (let index = 0; index < count; index++) {
      const [number, offset] = [heads[2 * index]!, heads[2 * index + 1]!];
      if (!Number.isSafeInteger(number) || !(offset >= 0))
        throw corrupt('An object stream of the PDF is damaged.');
      if (!contents.has(number)) contents.set(number, createParser(data, first + offset).value());
    }
    return contents;
  }
}
