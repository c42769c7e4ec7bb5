/** Reads what a file says of itself, and refuses what the engine must not decode, before any pixel is decoded. */
import { createHash } from 'node:crypto';
import { openImage } from './codecs/sharp.ts';
import { Decline, type InputFormat, type Limits, type SourceFacts } from './contract.ts';

export interface Source {
  facts: SourceFacts;
  bytes: Uint8Array;
  limits: Limits;
  orientation: number;
  hasAlpha: boolean;
  icc: Uint8Array | null;
  wideGamut: boolean;
  bitDepth: 8 | 16;
  colour: 'rgb' | 'grey' | 'cmyk';
  isLosslessSource: boolean;
  pages: number;
}

/** @throws Decline `unsupported`, `corrupt`, `too-large`, `would-lose-animation` or `would-lose-hdr`. */
export async function inspect(bytes: Uint8Array, limits: Limits): Promise<Source> {
  const found = await openImage(bytes, limits)
    .metadata()
    .catch(() => {
      throw new Decline('unsupported', 'This is not an image that Keeneye reads.');
    });
  const format = (found.format === 'heif' ? 'avif' : found.format) as InputFormat;
  const { width, height } = found.autoOrient;
  if (width * height > limits.maxPixels || Math.max(width, height) > limits.maxSide) {
    throw new Decline('too-large', `The image is ${width} x ${height} pixels.`);
  }
  if ((found.pages ?? 1) > 1) throw new Decline('would-lose-animation', 'The image is animated.');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    facts: { format, bytes: bytes.length, width, height, sha256 },
    bytes,
    limits,
    orientation: found.orientation ?? 1,
    hasAlpha: found.hasAlpha,
    icc: found.icc ?? null,
    wideGamut: false,
    bitDepth: found.depth === 'uchar' ? 8 : 16,
    colour:
      found.space === 'cmyk' ? 'cmyk' : found.space === 'b-w' || found.space === 'grey16' ? 'grey' : 'rgb',
    isLosslessSource: ['png', 'gif', 'tiff'].includes(format),
    pages: 1,
  };
}
