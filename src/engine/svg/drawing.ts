/**
 * Reads an SVG into a drawing that may be rendered: its tree, what of it is safe, its size and its cost. Everything that is
 * refused is refused here, before the renderer or the optimizer sees a byte.
 */
import { EVERYTHING_PLAIN, type Header, NOTHING_EMBEDDED } from '../codecs/header.ts';
import type { Limits } from '../contract.ts';
import { type Cost, measureCost } from './cost.ts';
import { measureImages } from './images.ts';
import { parseSvg } from './parse.ts';
import { plainCopy, sanitize } from './sanitize.ts';
import { inPixels, type Viewport, viewportOf } from './size.ts';
import { isGzip, readSvgText } from './text.ts';
import type { Element, Node } from './tree.ts';

export interface Drawing {
  root: Element;
  /** Comments and instructions before or behind the root. */
  prolog: Node[];
  /** What the renderer may see. */
  safe: Element;
  viewport: Viewport;
  cost: Cost;
  isPacked: boolean;
}

/** @throws Decline `corrupt`, `too-large` or `unsupported`. */
export function readDrawing(bytes: Uint8Array, limits: Limits): Drawing {
  const { root, prolog } = parseSvg(readSvgText(bytes));
  const images = measureImages(root, limits);
  const safe = plainCopy(sanitize(root, (href) => images.has(href)));
  return {
    root,
    prolog,
    safe,
    viewport: viewportOf(root),
    cost: measureCost(safe, images),
    isPacked: isGzip(bytes),
  };
}

/** The size is rounded to whole pixels. @throws Decline as `readDrawing` does. */
export function readSvgHeader(bytes: Uint8Array, limits: Limits): Header {
  const drawing = readDrawing(bytes, limits);
  return {
    ...EVERYTHING_PLAIN,
    ...inPixels(drawing.viewport),
    colour: 'rgb',
    bitDepth: 8,
    isLossless: true,
    embedded: NOTHING_EMBEDDED,
    drawing,
  };
}
