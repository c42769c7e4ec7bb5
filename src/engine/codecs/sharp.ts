/**
 * The one door to sharp: its settings for the whole process, and the few ways in which codecs open
 * bytes or pixels with it. Only the loaders of formats that the engine reads are left unblocked.
 */
import sharp, { type Sharp } from 'sharp';
import type { Limits, Pixels } from '../contract.ts';

sharp.cache(false);
sharp.concurrency(1);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Heif', 'Nsgif', 'Tiff'].map(
    (loader) => `VipsForeignLoad${loader}Buffer`,
  ),
});

/** The versions of libvips and of the codecs inside it, by name. */
export const VERSIONS = sharp.versions as Record<string, string>;

/** How an encoder inside sharp is named in reports, e.g. `mozjpeg 0826579 (sharp 0.35.5)`. */
export function encoderName(name: string, version: string | undefined): string {
  return `${name} ${version ?? 'unknown'} (sharp ${VERSIONS.sharp})`;
}

/** Opens an encoded image of one of the engine's formats; anything in it that a decoder warns about is an error. */
export function openImage(
  bytes: Uint8Array,
  limits: Pick<Limits, 'maxPixels'>,
  options: { ignoreIcc?: boolean } = {},
): Sharp {
  return sharp(bytes, { failOn: 'warning', limitInputPixels: limits.maxPixels, ...options });
}

/** Opens raw samples, `channels` of 8 bits a pixel. */
export function openSamples(data: Uint8Array, width: number, height: number, channels: 1 | 3 | 4): Sharp {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

export function openPixels({ data, width, height, channels }: Pixels): Sharp {
  return openSamples(data, width, height, channels);
}
