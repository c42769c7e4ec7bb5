/** What of an image file's metadata a policy lets through to a result; docs/use/metadata.md tells it to users. */
import type { MetadataPolicy } from '../contract.ts';
import { uprightDensity } from './density.ts';
import { orientationExif, uprightExif } from './exif.ts';
import { type Embedded, type Header, NOTHING_EMBEDDED } from './header.ts';
import { profileSpace } from './icc.ts';
import { filterExif } from './metadata/exif-policy.ts';
import { filterIptc } from './metadata/iptc.ts';
import { filterXmp } from './metadata/xmp.ts';

type Described = Pick<Header, 'embedded' | 'colour' | 'orientation'>;

/**
 * What a result made of upright pixels carries. Only the density is always kept. The profile goes along where the
 * policy keeps what is not needed and the pixels can stay in its space (`decodeNative`): RGB in RGB.
 * @param keepsInks whether the pixels are the CMYK source's own inks: then its profile says what they look like.
 */
export function embeddedFor(source: Described, policy: MetadataPolicy, keepsInks = false): Embedded {
  const { exif, xmp, iptc, icc, density } = source.embedded;
  const upright = uprightDensity(density, source.orientation);
  const wantsProfile = policy === 'private-stripped' || policy === 'all';
  const profile = keepsInks || (wantsProfile && keepsProfile(source)) ? icc : null;
  if (policy === 'none') return { ...NOTHING_EMBEDDED, icc: profile, density: upright };
  if (policy === 'all') {
    return {
      exif: exif && uprightExif(exif),
      xmp: xmp && uprightXmp(xmp),
      iptc,
      icc: profile,
      density: upright,
    };
  }
  return {
    exif: exif && filterExif(exif, policy, 1, upright),
    xmp: xmp && uprightXmp(filterXmp(xmp, policy)),
    iptc: iptc && filterIptc(iptc, policy),
    icc: profile,
    density: upright,
  };
}

/**
 * What a result carries whose samples lie as the source's do: the orientation, too, and the profile that the policy
 * keeps or the colours need. Of `all`, blocks as they are.
 */
export function embeddedAsStored(
  source: Described & { wideGamut: boolean },
  policy: MetadataPolicy,
): Embedded {
  const { orientation, embedded, wideGamut, colour } = source;
  if (policy === 'all') return embedded;
  const { exif, xmp, iptc, icc, density } = embedded;
  const turned = orientation === 1 ? null : orientationExif(orientation);
  // A CMYK profile says what the inks look like; without it viewers guess.
  const needsProfile = wideGamut || colour === 'cmyk';
  return {
    exif: (exif && policy !== 'none' && filterExif(exif, policy, orientation, density)) || turned,
    xmp: xmp && filterXmp(xmp, policy),
    iptc: iptc && filterIptc(iptc, policy),
    icc: policy === 'private-stripped' || needsProfile ? icc : null,
    density,
  };
}

/** Whether results may stay in the space of the source's profile. */
export function keepsProfile({ embedded, colour }: Pick<Header, 'embedded' | 'colour'>): boolean {
  return colour === 'rgb' && embedded.icc !== null && profileSpace(embedded.icc) === 'RGB ';
}

/** XMP may repeat the orientation, as an attribute or an element (XMP specification part 2, tiff namespace). */
function uprightXmp(xmp: Uint8Array | null): Uint8Array | null {
  if (!xmp) return null;
  const text = Buffer.from(xmp).toString('latin1');
  return Buffer.from(text.replace(/(tiff:Orientation(?:="|='|>))[2-8](?=["'<])/g, '$11'), 'latin1');
}
