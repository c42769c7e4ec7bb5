/** Objects that lie together in one stream (ISO 32000-1, 7.5.7). */
import { corrupt, latin1 } from '../codecs/bytes.ts';
import { Decline } from '../contract.ts';
import { MAX_OBJECTS, plainBytes } from './cross-reference.ts';
import type { ReadBudget } from './filters.ts';
import { type IndirectObject, isStream, numberOf, type Value } from './objects.ts';
import { createParser } from './parse.ts';

export interface PackedObjects {
  /** In the order of the stream; of two with one number the first counts. */
  numbers: Iterable<number>;
  /** Undefined for what is not in it. */
  read(number: number): Value | undefined;
}

/** @throws Decline `corrupt`; `too-large` when there are more objects than a document may have. */
export function openObjectStream(object: IndirectObject | undefined, budget: ReadBudget): PackedObjects {
  if (!object || !isStream(object)) throw damaged();
  const [count, first] = ['N', 'First'].map((key) => numberOf(object.dictionary.get(key)) ?? Number.NaN) as [
    number,
    number,
  ];
  const data = plainBytes(object, budget);
  if (count > MAX_OBJECTS) throw new Decline('too-large', `The PDF has more than ${MAX_OBJECTS} objects.`);
  if (!(count >= 0 && first >= 0 && first <= data.length)) throw damaged();
  const heads = latin1(data, 0, first)
    .trim()
    .split(/[\0\t\n\f\r ]+/, 2 * count)
    .map(Number);
  const offsets = new Map<number, number>();
  for (let index = 0; index < count; index++) {
    const [number, offset] = [heads[2 * index]!, heads[2 * index + 1]!];
    if (!Number.isSafeInteger(number) || !(offset >= 0)) throw damaged();
    if (!offsets.has(number)) offsets.set(number, first + offset);
  }
  return {
    numbers: offsets.keys(),
    read(number) {
      const offset = offsets.get(number);
      return offset === undefined ? undefined : createParser(data, offset, budget).value();
    },
  };
}

function damaged(): Decline {
  return corrupt('An object stream of the PDF is damaged.');
}
