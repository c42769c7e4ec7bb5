/** What of an image file's metadata a policy lets through to a result; docs/use/metadata.md tells it to users. */
import type { MetadataPolicy } from '../contract.ts';
import { uprightDensity } from './density.ts';
import { orientationExif, uprightExif } from './exif.ts';
import { type Embedded, type Header, NOTHING_EMBEDDED } from './header.ts';
import { profileSpace } from './icc.ts';
import { filterExif } from './metadata/exif-policy.ts';
import { filterIptc } from './metadata/iptc.ts';
import { type Size, sizeExif, uprightXmp } from './metadata/stated-size.ts';
import { filterXmp } from './metadata/xmp.ts';

type Described = Pick<Header, 'embedded' | 'colour' | 'orientation'>;

/**
 * What a result made of upright pixels carries. Only the density is always kept. The profile goes along where the
 * policy keeps what is not needed and the pixels can stay in its space (`decodeNative`): RGB in RGB.
 * @param size of the result, which EXIF and XMP may repeat.
 * @param keepsInks whether the pixels are the CMYK source's own inks: then its profile says what they look like.
 */
export function embeddedFor(
  source: Described,
  policy: MetadataPolicy,
  size: Size,
  keepsInks = false,
): Embedded {
  const { exif, xmp, iptc, icc, density } = source.embedded;
  const upright = uprightDensity(density, source.orientation);
  const wantsProfile = policy === 'private-stripped' || policy === 'all';
  const profile = keepsInks || (wantsProfile && keepsProfile(source)) ? icc : null;
  if (policy === 'none') return { ...NOTHING_EMBEDDED, icc: profile, density: upright };
  if (policy === 'all') {
    return {
      exif: exif && sizeExif(uprightExif(exif), size),
      xmp: xmp && uprightXmp(xmp, size),
      iptc,
      icc: profile,
      density: upright,
    };
  }
  const keptExif = exif && filterExif(exif, policy, 1, upright);
  const keptXmp = xmp && filterXmp(xmp, policy);
  return {
    exif: keptExif && sizeExif(keptExif, size),
    xmp: keptXmp && uprightXmp(keptXmp, size),
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
