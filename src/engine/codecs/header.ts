/**
 * What a container's own structure says of the image in it. Each format has a reader
 * (`<format>/header.ts`), which also makes sure that the file is whole as far as structure can tell.
 */
import { Decline } from '../contract.ts';
import type { ColourEncoding } from './colour-encoding.ts';
import type { Embedded } from './metadata.ts';

export interface Header {
  /** As stored, before orientation. */
  width: number;
  height: number;
  /** EXIF orientation, 1 to 8, as far as viewers of this format honour it. */
  orientation: number;
  /** Frames or pages shown one after the other. */
  pages: number;
  hasAlpha: boolean;
  colour: 'rgb' | 'grey' | 'cmyk';
  /** Bits a sample, for shallower ones 8. */
  bitDepth: 8 | 10 | 12 | 16;
  /** Whether the format keeps samples exactly (of WebP: whether this file does). */
  isLossless: boolean;
  /** Holds more light than an SDR decoder shows: a gain map, or a PQ or HLG transfer. */
  isHdr: boolean;
  /** How samples map to colours where no ICC profile says so; null for sRGB. */
  encoding: ColourEncoding | null;
  embedded: Embedded;
  /** JPEG only: the quality on the IJG's scale that its quantization tables resemble. */
  jpegQuality?: number;
}

export const EVERYTHING_PLAIN: Pick<Header, 'orientation' | 'pages' | 'isHdr' | 'encoding'> = {
  orientation: 1,
  pages: 1,
  isHdr: false,
  encoding: null,
};

export function corrupt(detail: string): Decline {
  return new Decline('corrupt', detail);
}

export function unsupported(detail: string): Decline {
  return new Decline('unsupported', detail);
}

/** A view for reading numbers; reading past the end throws a RangeError, which `inspect` takes for a truncated file. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The text of `length` bytes, one character a byte. */
export function latin1(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.from(
    bytes.buffer,
    bytes.byteOffset + start,
    Math.max(0, Math.min(length, bytes.length - start)),
  ).toString('latin1');
}

/** Where `text` first stands in `bytes`, or -1. */
export function indexOfText(bytes: Uint8Array, text: string): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(text, 0, 'latin1');
}
