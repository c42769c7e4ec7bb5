/** What of an image file's metadata a policy lets through to a result. */
import type { MetadataPolicy } from '../contract.ts';
import { uprightExif } from './exif.ts';
import { type Embedded, type Header, NOTHING_EMBEDDED } from './header.ts';
import { profileSpace } from './icc.ts';

/**
 * What a result made of upright pixels carries. With `all` that is everything, the orientation reset;
 * the profile goes along only where the pixels can stay in its space (`decodeNative`): RGB in RGB.
 */
export function embeddedFor(source: Pick<Header, 'embedded' | 'colour'>, policy: MetadataPolicy): Embedded {
  if (policy === 'none') return NOTHING_EMBEDDED;
  const { exif, xmp, iptc, icc } = source.embedded;
  return {
    exif: exif && uprightExif(exif),
    xmp: xmp && uprightXmp(xmp),
    iptc,
    icc: icc && keepsProfile(source) ? icc : null,
  };
}

/** Whether results may stay in the space of the source's profile. */
export function keepsProfile({ embedded, colour }: Pick<Header, 'embedded' | 'colour'>): boolean {
  return colour === 'rgb' && embedded.icc !== null && profileSpace(embedded.icc) === 'RGB ';
}

/** XMP may repeat the orientation, as an attribute or an element (XMP specification part 2, tiff namespace). */
function uprightXmp(xmp: Uint8Array): Uint8Array {
  const text = Buffer.from(xmp).toString('latin1');
  return Buffer.from(text.replace(/(tiff:Orientation(?:="|='|>))[2-8](?=["'<])/g, '$11'), 'latin1');
}
