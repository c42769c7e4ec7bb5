/** What a GIF's blocks say of the image or animation in it (GIF89a specification). */
import { EVERYTHING_PLAIN, type Header, NOTHING_EMBEDDED } from '../header.ts';
import { readGifBlocks } from './blocks.ts';

/** @throws Decline('corrupt') when a block leads out of the file or the trailer is missing. */
export function readGifHeader(bytes: Uint8Array): Header {
  const { width, height, images, xmp } = readGifBlocks(bytes);
  return {
    ...EVERYTHING_PLAIN,
    width,
    height,
    pages: images.length,
    colour: 'rgb',
    bitDepth: 8,
    isLossless: true,
    embedded: { ...NOTHING_EMBEDDED, xmp },
  };
}
