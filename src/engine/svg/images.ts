/** The images that a drawing holds in itself: their headers are read before the renderer may decode them. */
import { readGifHeader } from '../codecs/gif/header.ts';
import { readJpegHeader } from '../codecs/jpeg/header.ts';
import { readPngHeader } from '../codecs/png/header.ts';
import { sniff } from '../codecs/sniff.ts';
import { readWebpHeader } from '../codecs/webp/header.ts';
import { Decline, type Limits } from '../contract.ts';
import { attributeOf, type Element, elementsOf } from './tree.ts';

/** Pixels of all images together; each is decoded anew whenever the drawing is rendered. */
const MOST_PIXELS = 40_000_000;

/**
 * @returns the pixels of each image by its `data:` address; none of those that cannot be read.
 * @throws Decline('too-large').
 */
export function measureImages(root: Element, limits: Limits): Map<string, number> {
  const pixels = new Map<string, number>();
  let total = 0;
  for (const element of elementsOf(root)) {
    const href =
      (element.local === 'image' || element.local === 'feImage') && attributeOf(element, 'href')?.trim();
    if (!href || !/^data:/i.test(href)) continue;
    const size = pixels.get(href) ?? pixelsOf(href, limits);
    if (size === null) continue;
    total += size;
    if (total > Math.min(MOST_PIXELS, limits.maxPixels))
      throw new Decline('too-large', 'The images within the SVG have more pixels than are read.');
    pixels.set(href, size);
  }
  return pixels;
}

function pixelsOf(href: string, limits: Limits): number | null {
  const bytes = Buffer.from(
    href
      .slice(href.indexOf(',') + 1)
      .replace(/%([0-9a-f]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16))),
    'base64',
  );
  const sniffed = sniff(bytes);
  const format = 'format' in sniffed ? sniffed.format : null;
  try {
    if (format === 'png') return area(readPngHeader(bytes, limits.maxIccBytes));
    if (format === 'jpeg') return area(readJpegHeader(bytes));
    if (format === 'webp') return area(readWebpHeader(bytes));
    return format === 'gif' ? area(readGifHeader(bytes)) : null;
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Decline && error.reason !== 'too-large'))
      return null;
    throw error;
  }
}

function area({ width, height }: { width: number; height: number }): number {
  return width * height;
}
