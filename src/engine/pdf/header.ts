/** What a PDF says of itself, in the terms of images: its pages are its frames, the first one's size is its own. */
import { EVERYTHING_PLAIN, type Header, NOTHING_EMBEDDED } from '../codecs/header.ts';
import { readDocument } from './document.ts';
import { readPages } from './pages.ts';

/**
 * Reads the structure of the whole file, no page and no image.
 * @throws Decline as `readDocument` and `readPages` do.
 */
export function readPdfHeader(bytes: Uint8Array): Header {
  const { count, width, height } = readPages(readDocument(bytes));
  return {
    ...EVERYTHING_PLAIN,
    width,
    height,
    pages: count,
    colour: 'rgb',
    bitDepth: 8,
    isLossless: true,
    embedded: NOTHING_EMBEDDED,
  };
}
