/**
 * Makes a JPEG smaller without touching a coefficient: the entropy coding and the order of scans are
 * redone by mozjpeg, which drops all metadata, then in the steps that `scan-script.ts` finds for this very image; what
 * the image needs or the policy keeps is put back.
 */
import { compressJpeg } from '@napi-rs/image';
import type { EffortLevel, MetadataPolicy } from '../../contract.ts';
import type { Source } from '../../inspect.ts';
import { embeddedAsStored } from '../metadata.ts';
import { readCoefficients } from './coefficients.ts';
import { embedInJpeg } from './embed.ts';
import {
  APP0,
  APP14,
  insertSegments,
  isMetadata,
  isMultiPicture,
  readSegments,
  type Segment,
} from './segments.ts';
import { writeProgressive } from './write-coefficients.ts';

/**
 * @param source a JPEG that has been decoded once: the transcoder mends truncated data silently.
 * @returns the same image; with what `embeddedAsStored` says, with `all` every metadata segment but the
 *   index of pictures behind the first, which are dropped. Null where the
 *   transcoder refuses a file that decoders show, as it does when coefficients are out of range.
 */
export async function transcodeJpeg(
  source: Source,
  policy: MetadataPolicy,
  effort: EffortLevel = 'usual',
): Promise<Uint8Array | null> {
  const packed = await packJpeg(source.bytes, effort);
  if (!packed || policy === 'all') return packed && insertSegments(packed, allSegments(source.bytes));
  return embedInJpeg(packed, embeddedAsStored(source, policy));
}

/**
 * @param effort `fast` takes the transcoder's own choice of scans.
 * @returns the image without metadata; null where the transcoder refuses it.
 */
export async function packJpeg(jpeg: Uint8Array, effort: EffortLevel): Promise<Uint8Array | null> {
  const packed = await compressJpeg(jpeg.subarray(0, readSegments(jpeg).end)).catch(refused);
  if (!packed || effort === 'fast') return packed;
  const own = repack(packed, effort);
  return own.length < packed.length ? own : packed;
}

/** Reads what the transcoder wrote rather than its source: that is whole, whatever the source's data were like. */
function repack(packed: Uint8Array, effort: EffortLevel): Uint8Array {
  const prelude = readSegments(packed)
    .list.filter(isMetadata)
    .map(({ start, end }) => packed.subarray(start, end));
  return writeProgressive(readCoefficients(packed), prelude, effort);
}

function refused(error: Error): null {
  if (error.message.startsWith('Compress JPEG failed')) return null;
  throw error;
}

/** The metadata segments of a file that go along when all metadata do. */
export function allSegments(jpeg: Uint8Array): Uint8Array[] {
  return readSegments(jpeg)
    .list.filter(isKeptByAll)
    .map(({ start, end }) => jpeg.subarray(start, end));
}

/** The transcoder writes the JFIF and Adobe segments that say how components become colours. */
function isKeptByAll(segment: Segment): boolean {
  return isMetadata(segment) && ![APP0, APP14].includes(segment.marker) && !isMultiPicture(segment);
}
