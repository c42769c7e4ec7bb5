/** Packs what is in Flate once more by zopfli, for those who asked for it: the same bytes under the same predictors, in fewer. */
import { inflateSync } from 'node:zlib';
import { effortFor, zlibByZopfli } from '../codecs/png/zopfli.ts';
import type { PdfDocument } from './document.ts';
import { filtersOf } from './filters.ts';
import { type IndirectObject, isStream, type Stream } from './objects.ts';

/** Bytes times iterations in one document, so that zopfli takes at most about a minute of it. */
const MOST_WORK = 75_000_000;
const MOST_BYTES = 15_000_000;

/**
 * @param objects by number, of which streams become smaller; the largest first, while there is time.
 * @param others streams by number that go elsewhere.
 * @returns whether any is smaller.
 */
export async function deflateHarder(
  objects: Map<number, IndirectObject>,
  others: ReadonlyMap<number, unknown>,
  { resolve }: PdfDocument,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const streams = [...objects].filter((entry): entry is [number, Stream] => isStream(entry[1]));
  streams.sort(([, a], [, b]) => b.data.length - a.data.length);
  let [workLeft, isSmaller] = [MOST_WORK, false];
  for (const [number, stream] of streams) {
    signal?.throwIfAborted();
    if (others.has(number) || filtersOf(stream, resolve)?.[0]?.name !== 'FlateDecode') continue;
    const plain = inflated(stream.data);
    const { iterations } = (plain && effortFor(plain.length)) || { iterations: 0 };
    if (!plain || iterations === 0 || plain.length * iterations > workLeft) continue;
    workLeft -= plain.length * iterations;
    const data = await zlibByZopfli(plain, iterations);
    if (data.length >= stream.data.length) continue;
    objects.set(number, { ...stream, data });
    isSmaller = true;
  }
  return isSmaller;
}

/** Null for what is damaged, or more than zopfli ever gets. */
function inflated(data: Uint8Array): Uint8Array | null {
  try {
    return inflateSync(data, { maxOutputLength: MOST_BYTES });
  } catch {
    return null;
  }
}
