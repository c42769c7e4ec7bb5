/** Puts metadata into a JPEG that has none. */
import type { Embedded } from '../header.ts';
import { densityExif } from '../metadata/exif-policy.ts';
import { withJfifDensity } from './jfif.ts';
import { APP14, embeddedSegments, insertSegments, readSegments } from './segments.ts';

/**
 * The density stands in JFIF's header. Beside Adobe's segment that would be read as another colour space: there it
 * stands in EXIF.
 */
export function embedInJpeg(jpeg: Uint8Array, embedded: Embedded): Uint8Array {
  const { density, exif } = embedded;
  if (!density) return insertSegments(jpeg, embeddedSegments(embedded));
  const hasAdobe = readSegments(jpeg).list.some(({ marker }) => marker === APP14);
  if (!hasAdobe) return insertSegments(withJfifDensity(jpeg, density), embeddedSegments(embedded));
  return insertSegments(jpeg, embeddedSegments({ ...embedded, exif: exif ?? densityExif(density) }));
}
