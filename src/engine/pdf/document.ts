/**
 * A PDF as what it means: every object that its trailer leads to, whichever way the file stores it. What nothing leads
 * to (earlier revisions, hints for the web, whatever was appended) is not part of it.
 */
import { corrupt, latin1, unsupported } from '../codecs/bytes.ts';
import { Decline } from '../contract.ts';
import { type CrossReference, readCrossReference } from './cross-reference.ts';
import { createReadBudget, type ReadBudget, type Resolve } from './filters.ts';
import { openObjectStream, type PackedObjects } from './object-stream.ts';
import {
  type Dictionary,
  type IndirectObject,
  isDictionary,
  isReference,
  NULL,
  nameOf,
  numberOf,
  type Reference,
  referencesIn,
  type Value,
} from './objects.ts';
import { readPages } from './pages.ts';
import { parseIndirect } from './parse.ts';
import { rebuildCrossReference } from './rebuild.ts';

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
  budget: ReadBudget;
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
/** What dictionaries say that hold one. */
const SIGNATURES = ['Sig', 'DocTimeStamp'];

/**
 * Where the cross-reference table is wrong, objects are looked for in all of the file, and must then make a whole document.
 * @throws Decline `unsupported` for what a rewrite would break (encrypted or signed documents), `too-large`, `corrupt`.
 */
export function readDocument(file: Uint8Array): PdfDocument {
  if (file.length > MAX_BYTES) throw new Decline('too-large', `The PDF has more than ${MAX_BYTES} bytes.`);
  const header = latin1(file, 0, 1024);
  const start = header.indexOf('%PDF-');
  const said = /^%PDF-(\d\.\d)/.exec(header.slice(start));
  if (!said) throw corrupt('The PDF does not say its version.');
  const bytes = file.subarray(start);
  const version = Number(said[1]);
  try {
    return open(bytes, version, readCrossReference);
  } catch (error) {
    if (!(error instanceof Decline && error.reason === 'corrupt')) throw error;
    return rebuilt(bytes, version, error);
  }
}

function rebuilt(bytes: Uint8Array, version: number, { message }: Decline): PdfDocument {
  try {
    const document = open(bytes, version, rebuildCrossReference);
    checkWhole(document);
    return document;
  } catch (error) {
    if (!(error instanceof Decline && error.reason === 'corrupt')) throw error;
    throw corrupt(`${message} Nor is all of it found without that: ${error.message}`);
  }
}

/** What a file has lost leaves references to nothing behind, or fewer pages than were counted. */
function checkWhole(document: PdfDocument): void {
  const { trailer, catalog, objects, resolve, leads } = document;
  for (const object of [trailer, ...objects.values()])
    for (const reference of referencesIn(object))
      if (!leads(reference)) throw corrupt(`Object ${reference.to} of the PDF is missing.`);
  const pages = resolve(catalog.get('Pages'));
  const count = isDictionary(pages) ? numberOf(resolve(pages.get('Count'))) : null;
  if (count !== readPages(document).count) throw corrupt('Pages of the PDF are missing.');
}

function open(bytes: Uint8Array, said: number, locate: typeof readCrossReference): PdfDocument {
  const budget = createReadBudget();
  const crossReference = locate(bytes, budget);
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
  const version = Math.max(said, Number(nameOf(resolve(catalog.get('Version'))) ?? 0) || 0);
  const leads = (reference: Reference) => store.get(reference) !== undefined;
  return { version, trailer: kept, catalog, objects, resolve, leads, budget };
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

/**
 * A signature signs ranges of the file's bytes, or in old files its objects (12.8.1). It may stand within the object of its
 * field.
 */
function isSigned(object: IndirectObject): boolean {
  if (Array.isArray(object)) return object.some(isSigned);
  if (!isDictionary(object)) return false;
  const isSignature = SIGNATURES.includes(nameOf(object.get('Type')) ?? '') && object.has('Contents');
  return isSignature || object.has('ByteRange') || [...object.values()].some(isSigned);
}

interface Store {
  /** Undefined for what is not there, or of another generation. */
  get(reference: Reference): IndirectObject | undefined;
}

function createStore(bytes: Uint8Array, { places }: CrossReference, budget: ReadBudget): Store {
  const read = new Map<number, IndirectObject>();
  const containers = new Map<number, PackedObjects>();
  const underway = new Set<number>();
  const store: Store = {
    get({ to, generation }) {
      const place = places.get(to);
      if (!place || generation !== ('offset' in place ? place.generation : 0)) return undefined;
      const known = read.get(to);
      if (known) return known;
      if (underway.has(to)) throw corrupt('An object of the PDF is needed to read itself.');
      underway.add(to);
      const object = 'offset' in place ? readAt(to, place.offset) : contentsOf(place.container).read(to);
      underway.delete(to);
      if (!object) throw corrupt(`Object ${to} of the PDF is not where it should be.`);
      read.set(to, object);
      return object;
    },
  };
  return store;

  function readAt(number: number, offset: number): IndirectObject {
    const lengthOf = (length: Value) => numberOf(isReference(length) ? store.get(length) : length);
    const found = parseIndirect(bytes, offset, lengthOf, budget);
    if (found.number !== number) throw corrupt(`Object ${number} of the PDF is not where it should be.`);
    return found.object;
  }

  function contentsOf(container: number): PackedObjects {
    const place = places.get(container);
    if (!place || !('offset' in place)) throw corrupt('An object stream of the PDF is not there.');
    const known =
      containers.get(container) ??
      openObjectStream(store.get({ to: container, generation: place.generation }), budget);
    containers.set(container, known);
    return known;
  }
}
