/**
 * The one door to sharp: its settings for the whole process, and the few ways in which codecs open
 * bytes or samples with it. Only the loaders of formats that the engine reads are left unblocked.
 */
import { createRequire } from 'node:module';
import sharp, { type Sharp } from 'sharp';
import { Decline, type Limits, type Pixels } from '../contract.ts';
import type { DeepSamples } from './samples.ts';
import { inksAsTiff } from './tiff/carrier.ts';

sharp.cache(false);
// Parallel work is the pool's business: one job, one thread.
sharp.concurrency(1);
sharp.block({ operation: ['VipsForeignLoad'] });
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Heif', 'Nsgif', 'Tiff', 'Svg'];
sharp.unblock({ operation: LOADERS.map((loader) => `VipsForeignLoad${loader}Buffer`) });

/** The versions of libvips and of the codecs inside it, by name. */
export const VERSIONS = sharp.versions as Record<string, string>;

/** How an encoder inside sharp is named in reports, e.g. `mozjpeg 0826579 (sharp 0.35.5)`. */
export function encoderName(name: string, version: string | undefined): string {
  return `${name} ${version ?? 'unknown'} (sharp ${VERSIONS.sharp})`;
}

const napi = createRequire(import.meta.url)('@napi-rs/image/package.json') as { version: string };

/** How an encoder inside @napi-rs/image is named in reports, e.g. `oxipng (@napi-rs/image 1.15.0)`. */
export function napiName(name: string): string {
  return `${name} (@napi-rs/image ${napi.version})`;
}

/** Opens an encoded image of one of the engine's formats; anything in it that a decoder warns about is an error. */
export function openImage(
  bytes: Uint8Array,
  limits: Pick<Limits, 'maxPixels'>,
  options: { ignoreIcc?: boolean; pages?: number } = {},
): Sharp {
  return sharp(bytes, { failOn: 'warning', limitInputPixels: limits.maxPixels, ...options });
}

/** How many dots libvips takes for an inch: as many as CSS does. */
const DENSITY = 96;

/** Opens a drawing that was written by us; see `svg/render.ts` for its size. */
export function openDrawing(svg: Uint8Array, maxPixels: number): Sharp {
  return sharp(svg, { failOn: 'error', limitInputPixels: maxPixels, density: DENSITY });
}

/** Opens raw samples of 8 or 16 bits, `channels` a pixel. */
export function openSamples(
  data: Uint8Array | Uint16Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
): Sharp {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

/** In 8 bits, whether or not there are more. */
export function openPixels(pixels: Pixels): Sharp {
  const { data, width, height, channels, inks } = pixels;
  return inks
    ? keepInks(sharp(inksAsTiff(pixels), { limitInputPixels: false }))
    : openSamples(data, width, height, channels);
}

/** What becomes of an image, as 16-bit RGB with or without alpha. */
export async function readDeepSamples(image: Sharp): Promise<DeepSamples> {
  const raw = image.toColourspace('rgb16').raw({ depth: 'ushort' });
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const samples = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  return { data: samples, width, height, channels: channels === 4 ? 4 : 3 };
}

/** Leaves CMYK what it is from end to end; sharp would make RGB of it. */
export function keepInks(image: Sharp): Sharp {
  return image.pipelineColourspace('cmyk').toColourspace('cmyk');
}

/**
 * A whole image's own samples as RGBA, whatever its profile says of them.
 * @throws Decline('corrupt').
 */
export async function decodeRgba(bytes: Uint8Array, limits: Pick<Limits, 'maxPixels'>): Promise<Pixels> {
  const image = openImage(bytes, limits, { ignoreIcc: true }).toColourspace('srgb').ensureAlpha().raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true }).catch((error: Error) => {
    throw new Decline('corrupt', `The image does not decode cleanly: ${error.message.trim().split('\n')[0]}`);
  });
  return { data, width: info.width, height: info.height, channels: 4 };
}
