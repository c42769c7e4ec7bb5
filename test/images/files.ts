/**
 * Pictures as files, in every format that the engine reads and some that it must refuse. Each function
 * takes `Pixels` (see `pixels.ts`) and gives a whole, valid file.
 */
import sharp, { type Sharp } from 'sharp';
import { openPixels } from '../../src/engine/codecs/sharp.ts';
import type { Pixels } from '../../src/engine/contract.ts';
import { storedFor } from './pixels.ts';

/** @returns a baseline JPEG, 4:2:0 and quality 90 unless told otherwise. */
export function jpegFile(
  pixels: Pixels,
  { quality = 90, chroma = '4:2:0', progressive = false, grey = false } = {},
): Promise<Uint8Array> {
  const image = grey ? openPixels(pixels).toColourspace('b-w') : openPixels(pixels);
  return image.jpeg({ quality, chromaSubsampling: chroma, progressive }).toBuffer();
}

/** @returns a JPEG stored turned, with an EXIF orientation that turns it back. */
export function orientedJpeg(pixels: Pixels, orientation: number): Promise<Uint8Array> {
  return openPixels(storedFor(pixels, orientation))
    .withMetadata({ orientation })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** @returns a 4-component JPEG in the CMYK space of sharp's own profile, which is embedded. */
export function cmykJpeg(pixels: Pixels): Promise<Uint8Array> {
  return openPixels(pixels).toColourspace('cmyk').jpeg({ quality: 92 }).toBuffer();
}

/** @returns a JPEG whose samples are in Display P3 and whose profile says so; it looks like `pixels`. */
export function wideGamutJpeg(pixels: Pixels): Promise<Uint8Array> {
  return openPixels(pixels).withIccProfile('p3').jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
}

/** @returns a PNG with loosely compressed rows, 8 bits a sample. */
export function pngFile(pixels: Pixels, { compressionLevel = 6 } = {}): Promise<Uint8Array> {
  return openPixels(pixels).png({ compressionLevel }).toBuffer();
}

/** @returns a PNG whose samples are in Display P3 and whose profile says so; it looks like `pixels`. */
export function wideGamutPng(pixels: Pixels): Promise<Uint8Array> {
  return openPixels(pixels).withIccProfile('p3').png().toBuffer();
}

/** @returns a PNG of 16 bits a sample. */
export function deepPng(pixels: Pixels): Promise<Uint8Array> {
  return openPixels(pixels).toColourspace('rgb16').png().toBuffer();
}

export function webpFile(pixels: Pixels, { quality = 92, lossless = false } = {}): Promise<Uint8Array> {
  return openPixels(pixels).webp({ quality, lossless, exact: true }).toBuffer();
}

export function avifFile(pixels: Pixels, { quality = 80 } = {}): Promise<Uint8Array> {
  return openPixels(pixels).avif({ quality, effort: 2 }).toBuffer();
}

/** @returns a still GIF; give it a picture of few colours, or it is dithered. */
export function gifFile(pixels: Pixels): Promise<Uint8Array> {
  return openPixels(pixels).gif().toBuffer();
}

export function tiffFile(pixels: Pixels): Promise<Uint8Array> {
  return openPixels(pixels).tiff({ compression: 'lzw' }).toBuffer();
}

/** @param frames at least two pictures of one size. */
export function animatedGif(frames: Pixels[]): Promise<Uint8Array> {
  return openStack(frames).gif({ delay: 100 }).toBuffer();
}

/** @param frames at least two pictures of one size. */
export function animatedWebp(frames: Pixels[]): Promise<Uint8Array> {
  return openStack(frames).webp({ delay: 100 }).toBuffer();
}

/** Frames one below the other, as sharp takes an animation. */
function openStack(frames: Pixels[]): Sharp {
  const { width, height, channels } = frames[0]!;
  const data = Buffer.concat(frames.map((frame) => frame.data));
  return sharp(data, { raw: { width, height: height * frames.length, channels, pageHeight: height } });
}
