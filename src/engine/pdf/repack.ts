/** Makes streams smaller that keep every byte they decode to, and finds those that say the same twice. */
import { createHash } from 'node:crypto';
import { deflateSync, constants as zlib } from 'node:zlib';
import type { PdfDocument } from './document.ts';
import { type Filter, filtersOf, isPredicted, type Layers, peel, unpackOnce } from './filters.ts';
import { type Dictionary, isStream, nameOf, type Stream, type Value, writeValue } from './objects.ts';
import { unpredict } from './predictors.ts';

const STRATEGIES = [zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED];

/**
 * @returns the stream in fewer bytes, packed by Flate or not at all; itself where it already is as small, is damaged,
 *   or must stay readable for those who know no PDF (XMP metadata).
 */
export function repackStream(stream: Stream, { resolve, budget }: PdfDocument): Stream {
  if (nameOf(resolve(stream.dictionary.get('Type'))) === 'Metadata') return stream;
  const filters = filtersOf(stream, resolve);
  const peeled = filters && peel(stream, filters, budget);
  if (!peeled) return stream;
  const candidates = isPredicted(peeled.filters[0]) ? predicted(peeled) : plain(peeled);
  return smallest(stream, candidates);

  function predicted(layers: Layers): Layers[] {
    const unpacked = unpackOnce(layers, budget);
    if (!unpacked) return [];
    const [{ name, parameters }] = layers.filters as [Filter];
    const isFlate = name === 'FlateDecode';
    const same = isFlate ? [{ data: deflate(unpacked.data), filters: layers.filters }] : [];
    const data = unpredict(unpacked.data, parameters!);
    const rest = data && peel({ ...stream, data }, unpacked.filters, budget);
    return rest ? [...same, ...plain(rest)] : same;
  }
}

/** @returns the stream itself where no candidate has fewer bytes. */
function smallest(stream: Stream, candidates: Layers[]): Stream {
  return candidates.reduce(
    (best, layers) => (layers.data.length < best.data.length ? encodedAs(stream, layers) : best),
    stream,
  );
}

/** Bytes that no predictor went over. */
function plain({ data, filters }: Layers): Layers[] {
  const flate: Filter = { name: 'FlateDecode', parameters: null };
  return [
    { data, filters },
    { data: deflate(data), filters: [flate, ...filters] },
  ];
}

/** As small as Flate gets with what comes with Node. */
export function deflate(data: Uint8Array): Uint8Array {
  const results = STRATEGIES.map((strategy) => deflateSync(data, { level: 9, memLevel: 9, strategy }));
  return results.reduce((best, result) => (result.length < best.length ? result : best));
}

/** A stream with other bytes and the filters that these need. */
export function encodedAs({ dictionary }: Pick<Stream, 'dictionary'>, { data, filters }: Layers): Stream {
  const entries: Dictionary = new Map(dictionary);
  entries.delete('Filter');
  entries.delete('DecodeParms');
  if (filters.length > 0) entries.set('Filter', oneOrAll(filters.map(({ name }) => ({ name }))));
  if (filters.some(({ parameters }) => parameters))
    entries.set('DecodeParms', oneOrAll(filters.map(({ parameters }) => parameters ?? { atom: 'null' })));
  return { dictionary: entries, data };
}

function oneOrAll(values: Value[]): Value {
  return values.length === 1 ? values[0]! : values;
}

/** Images have masks and these profiles; nothing that is found to be equal later than this was made by a program in good faith. */
const MOST_ROUNDS = 8;

/**
 * Finds images, fonts and colour profiles that are there more than once. Others stay apart even when they are alike:
 * an editor may change the contents of one page, or the appearance of one field.
 * @returns by number the one that stands for it.
 */
export function findDuplicates({ objects, resolve, leads }: PdfDocument): Map<number, number> {
  const standIns = new Map<number, number>();
  let found = -1;
  for (let round = 0; round < MOST_ROUNDS && found !== standIns.size; round++) {
    found = standIns.size;
    const first = new Map<string, number>();
    for (const [number, object] of objects) {
      if (standIns.has(number) || !isStream(object) || !isShareable(object)) continue;
      const key = digest(object);
      const other = first.get(key);
      if (other === undefined) first.set(key, number);
      else standIns.set(number, other);
    }
  }
  return new Map([...standIns].map(([number, standIn]) => [number, last(standIn)]));

  /** What stands for others may have turned out to be like one more. */
  function last(number: number): number {
    const next = standIns.get(number);
    return next === undefined ? number : last(next);
  }

  function isShareable({ dictionary }: Stream): boolean {
    const subtype = nameOf(resolve(dictionary.get('Subtype'))) ?? '';
    if (subtype === 'Image' || ['Type1C', 'CIDFontType0C', 'OpenType'].includes(subtype)) return true;
    return dictionary.has('Length1') || (dictionary.has('N') && !dictionary.has('Type'));
  }

  function digest({ dictionary, data }: Stream): string {
    const text = writeValue(dictionary, (reference) =>
      leads(reference) ? (standIns.get(reference.to) ?? reference.to) : null,
    );
    return createHash('sha256').update(text).update('\0').update(data).digest('hex');
  }
}
