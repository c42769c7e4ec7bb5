/**
 * Where a PDF's objects lie, found by looking at all of the file, as readers do when its cross-reference table is wrong.
 * Whether what is found this way is a whole document is for `document.ts` to check.
 */
import { corrupt, latin1 } from '../codecs/bytes.ts';
import { Decline } from '../contract.ts';
import { type CrossReference, MAX_OBJECTS, type Place } from './cross-reference.ts';
import type { ReadBudget } from './filters.ts';
import { openObjectStream } from './object-stream.ts';
import { type Dictionary, isDictionary, isStream, nameOf, numberOf, type Value } from './objects.ts';
import { createParser, type Numbered, parseIndirect } from './parse.ts';

/** What looks like an object or a trailer and is none, before a file is given up: each may cost a look at all that follows. */
const MAX_MISSES = 64;
/** `12 0 ` before `obj`. */
const HEAD = /(?<!\d)\d{1,10}[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+$/;
const HEAD_BYTES = 32;

/**
 * Of objects with one number the last in the file counts, as the newest revision is appended. Nothing is looked for
 * within streams.
 * @throws Decline `corrupt` when there is no trailer, `too-large` when there are too many objects.
 */
export function rebuildCrossReference(bytes: Uint8Array, budget: ReadBudget): CrossReference {
  const places = new Map<number, Place>();
  const trailers: Dictionary[] = [];
  const attempt = createAttempts();
  let from = 0;
  for (const { start, found } of objectsIn(bytes, budget, attempt)) {
    trailers.push(...trailersIn(bytes.subarray(from, start), budget, attempt));
    from = found.end;
    const { number, generation, object } = found;
    places.set(number, { offset: start, generation });
    if (isStream(object)) {
      const type = nameOf(object.dictionary.get('Type'));
      if (type === 'XRef') trailers.push(object.dictionary);
      if (type === 'ObjStm')
        for (const packed of openObjectStream(object, budget).numbers)
          places.set(packed, { container: number });
    }
    if (places.size > MAX_OBJECTS)
      throw new Decline('too-large', `The PDF has more than ${MAX_OBJECTS} objects.`);
  }
  trailers.push(...trailersIn(bytes.subarray(from), budget, attempt));
  return { places, trailer: chosen(trailers) };
}

/** The newest that says where the document begins. Where one is encrypted, all is. */
function chosen(trailers: Dictionary[]): Dictionary {
  const trailer = trailers.findLast((each) => each.has('Root'));
  if (!trailer) throw corrupt('The PDF has no trailer.');
  return trailers.find((each) => each.has('Encrypt')) ?? trailer;
}

type Attempt = <T>(read: () => T) => T | null;

/** @returns a function that gives null for what is damaged. */
function createAttempts(): Attempt {
  let misses = 0;
  return (read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Decline && error.reason === 'corrupt')) throw error;
      if (++misses > MAX_MISSES) throw corrupt('Too much of the PDF is damaged.');
      return null;
    }
  };
}

function* objectsIn(
  bytes: Uint8Array,
  budget: ReadBudget,
  attempt: Attempt,
): Generator<{ start: number; found: Numbered }> {
  const file = bufferOf(bytes);
  const dataLength = lengthWithin(file);
  for (let at = file.indexOf('obj'); at !== -1; at = file.indexOf('obj', at)) {
    const from = Math.max(0, at - HEAD_BYTES);
    const head = HEAD.exec(latin1(bytes, from, at - from));
    at += 'obj'.length;
    if (!head) continue;
    const start = from + head.index;
    const found = attempt(() => parseIndirect(bytes, start, dataLength, budget));
    if (!found) continue;
    yield { start, found };
    at = found.end;
  }
}

/** As long as a stream says where that is true; else, and where another object says it, up to its end. */
function lengthWithin(file: Buffer) {
  return (length: Value, start: number): number | null => {
    const said = numberOf(length);
    if (said !== null && /^[\0\t\n\f\r ]*endstream/.test(latin1(file, start + said, 16))) return said;
    const end = file.indexOf('endstream', start);
    return end === -1 ? null : end - start;
  };
}

/** @param gap what lies between two objects. */
function* trailersIn(gap: Uint8Array, budget: ReadBudget, attempt: Attempt): Generator<Dictionary> {
  const text = bufferOf(gap);
  for (let at = text.indexOf('trailer'); at !== -1; at = text.indexOf('trailer', at)) {
    at += 'trailer'.length;
    const value = attempt(() => createParser(gap, at, budget).value());
    if (value && isDictionary(value)) yield value;
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
