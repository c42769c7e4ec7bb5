/**
 * Makes a JPEG smaller without touching a coefficient: the entropy coding and the order of scans are
 * redone by mozjpeg, which drops all metadata; what the image needs or the policy keeps is put back.
 */
import { compressJpeg } from '@napi-rs/image';
import type { MetadataPolicy } from '../../contract.ts';
import type { Source } from '../../inspect.ts';
import { orientationExif } from '../exif.ts';
import { NOTHING_EMBEDDED } from '../header.ts';
import {
  APP0,
  APP14,
  embeddedSegments,
  insertSegments,
  isIcc,
  isMetadata,
  isMultiPicture,
  readSegments,
  type Segment,
} from './segments.ts';

/**
 * @param source a JPEG that has been decoded once: the transcoder mends truncated data silently.
 * @returns the same image; with `none` only its orientation and a profile that is not sRGB remain, with `all`
 *   every metadata segment but the index of pictures behind the first, which are dropped. Null where the
 *   transcoder refuses a file that decoders show, as it does when coefficients are out of range.
 */
export async function transcodeJpeg(source: Source, policy: MetadataPolicy): Promise<Uint8Array | null> {
  const { list, end } = readSegments(source.bytes);
  const packed = await compressJpeg(source.bytes.subarray(0, end)).catch(refused);
  if (!packed) return null;
  const kept = list.filter(
    policy === 'all' ? isKeptByAll : (segment) => isIcc(segment) && needsProfile(source),
  );
  const segments = kept.map((segment) => source.bytes.subarray(segment.start, segment.end));
  return insertSegments(packed, policy === 'all' ? segments : [...orientationOf(source), ...segments]);
}

function refused(error: Error): null {
  if (error.message.startsWith('Compress JPEG failed')) return null;
  throw error;
}

/** The transcoder writes the JFIF and Adobe segments that say how components become colours. */
function isKeptByAll(segment: Segment): boolean {
  return isMetadata(segment) && ![APP0, APP14].includes(segment.marker) && !isMultiPicture(segment);
}

/** A CMYK profile says what the inks look like; without it viewers guess. */
function needsProfile({ wideGamut, colour }: Source): boolean {
  return wideGamut || colour === 'cmyk';
}

function orientationOf({ orientation }: Source): Uint8Array[] {
  if (orientation === 1) return [];
  return embeddedSegments({ ...NOTHING_EMBEDDED, exif: orientationExif(orientation) });
}
