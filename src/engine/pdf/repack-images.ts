/** Packs images anew that lose nothing: with predictors that suit them, in as few bits as their colours need. */
import type { Size } from '../transform/size.ts';
import { rowsOf } from './colours.ts';
import type { PdfDocument } from './document.ts';
import { hasDefaultRgb, narrowed } from './few-colours.ts';
import { createReadBudget, decodeFully, filtersOf } from './filters.ts';
import { type IndirectObject, isStream, type Stream, writeValue } from './objects.ts';
import { packRows } from './png-rows.ts';
import type { Rows } from './predictors.ts';
import type { Recoded } from './recode.ts';
import { deflate, encodedAs } from './repack.ts';

/** Predictors never make an image this share of its bytes that a JPEG makes much smaller. */
const LEAST_REPACKED = 0.3;
/** What loses nothing may take so many times the bytes of what does. */
const PRICE_OF_EXACTNESS = 1.01;
/** More would take too long, in one image or in all of a document. */
const MOST_SAMPLE_BYTES = 64 << 20;
const MOST_SAMPLE_BYTES_IN_ALL = 256 << 20;
/** What one image counts for at least, for oxipng takes a while to start: no more than some thousand have their turn. */
const LEAST_COST_BYTES = 1 << 16;
/** Smaller images gain less by predictors than it takes to name these. */
const LEAST_PREDICTED_BYTES = 256;

/**
 * @param objects by number, of which images become smaller where they can; the largest first.
 * @param recoded what became of images that may lose something; loses those that it does not pay to lose anything of.
 * @param sizes of images that are resized, and so are not what they were.
 * @returns whether any is smaller.
 */
export async function repackImages(
  objects: Map<number, IndirectObject>,
  recoded: Map<number, Recoded>,
  sizes: Map<number, Size>,
  document: PdfDocument,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const streams = [...objects].filter((entry): entry is [number, Stream] => isStream(entry[1]));
  streams.sort(([, a], [, b]) => b.data.length - a.data.length);
  const mayHavePalettes = !hasDefaultRgb(document);
  let [bytesLeft, isSmaller] = [MOST_SAMPLE_BYTES_IN_ALL, false];
  for (const [number, stream] of streams) {
    signal?.throwIfAborted();
    const codedBytes = recoded.get(number)?.stream.data.length ?? Number.POSITIVE_INFINITY;
    if (sizes.has(number) || codedBytes < stream.data.length * LEAST_REPACKED) continue;
    const { packed, costBytes } = await repackSamples(stream, document, bytesLeft, mayHavePalettes);
    bytesLeft -= costBytes;
    if (costBytes === 0 || packed.data.length >= codedBytes * PRICE_OF_EXACTNESS) continue;
    objects.set(number, packed);
    recoded.delete(number);
    isSmaller ||= packed !== stream;
  }
  return isSmaller;
}

interface Repacked {
  packed: Stream;
  /** 0 where it could not be repacked. */
  costBytes: number;
}

async function repackSamples(
  stream: Stream,
  document: PdfDocument,
  mostBytes: number,
  mayHavePalettes: boolean,
): Promise<Repacked> {
  const rows = rowsOf(stream.dictionary, document);
  const filters = filtersOf(stream, document.resolve);
  // Its own budget: what it unpacks to has been found to be within the document's, which is for all that is read once.
  const layers = rows && filters && decodeFully(stream, filters, createReadBudget());
  const length = layers?.filters.length === 0 ? layers.data.length : 0;
  if (!layers || length === 0 || length > Math.min(mostBytes, MOST_SAMPLE_BYTES))
    return { packed: stream, costBytes: 0 };
  const isWorthIt = stream.data.length >= LEAST_PREDICTED_BYTES;
  const candidates = [stream, isWorthIt ? await predicted(stream, layers.data, rows) : null];
  const fewer = await narrowed(stream.dictionary, layers.data, rows, document, mayHavePalettes);
  if (fewer) {
    const plain = { data: deflate(fewer.samples), filters: [{ name: 'FlateDecode', parameters: null }] };
    candidates.push(encodedAs(fewer, plain));
    if (isWorthIt) candidates.push(await predicted(fewer, fewer.samples, fewer.rows));
  }
  const packed = candidates.reduce((best, each) => (each && sizeOf(each) < sizeOf(best!) ? each : best));
  return { packed: packed!, costBytes: isWorthIt ? Math.max(length, LEAST_COST_BYTES) : length };
}

/** Null for what are no whole rows. */
async function predicted(
  image: Pick<Stream, 'dictionary'>,
  samples: Uint8Array,
  rows: Rows,
): Promise<Stream | null> {
  const layers = await packRows(samples, rows);
  return layers && encodedAs(image, layers);
}

function sizeOf({ dictionary, data }: Stream): number {
  return writeValue(dictionary, () => 0).length + data.length;
}
