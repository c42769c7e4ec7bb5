/** How large a drawing says that it is, in CSS pixels (CSS Images 3 §5.3, SVG 2 §8.2), and how large it is drawn for a box. */
import type { Transforms } from '../contract.ts';
import { attributeOf, type Element } from './tree.ts';

export interface Size {
  width: number;
  height: number;
}

export interface Viewport extends Size {
  /** Null where the drawing has no coordinates of its own, which then are pixels. */
  viewBox: [x: number, y: number, width: number, height: number] | null;
}

/** CSS pixels a unit (CSS Values 3 §6.2); those of fonts are of 16 px. */
const PIXELS: Record<string, number> = {
  '': 1,
  px: 1,
  pt: 96 / 72,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
  q: 96 / 101.6,
  em: 16,
  rem: 16,
  ex: 8,
  ch: 8,
};
/** What CSS gives a picture that knows neither size nor shape. */
const DEFAULT_SIZE: Size = { width: 300, height: 150 };

/** Lengths relative to what is around the drawing count as none: the coordinates' own size then stands for them. */
export function viewportOf(root: Element): Viewport {
  const viewBox = readViewBox(attributeOf(root, 'viewBox'));
  const [width, height] = [readLength(root, 'width'), readLength(root, 'height')];
  return { viewBox, ...settle(width, height, viewBox) };
}

function settle(width: number | null, height: number | null, viewBox: Viewport['viewBox']): Size {
  if (width !== null && height !== null) return { width, height };
  if (!viewBox) return { width: width ?? DEFAULT_SIZE.width, height: height ?? DEFAULT_SIZE.height };
  const [, , across, down] = viewBox;
  if (width !== null) return { width, height: (width * down) / across };
  if (height !== null) return { width: (height * across) / down, height };
  return { width: across, height: down };
}

function readLength(root: Element, side: 'width' | 'height'): number | null {
  const style = new RegExp(`(?:^|;)\\s*${side}\\s*:\\s*([^;!]+)`).exec(attributeOf(root, 'style') ?? '')?.[1];
  const found = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]*)\s*$/i.exec(
    style ?? attributeOf(root, side) ?? '',
  );
  const unit = found ? PIXELS[found[2]!.toLowerCase()] : undefined;
  const pixels = unit === undefined ? 0 : Number(found![1]) * unit;
  return Number.isFinite(pixels) && pixels > 0 ? pixels : null;
}

function readViewBox(value = ''): Viewport['viewBox'] {
  const numbers = value
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const [x, y, width, height] = numbers;
  const isBox = numbers.length === 4 && numbers.every(Number.isFinite) && width! > 0 && height! > 0;
  return isBox ? [x!, y!, width!, height!] : null;
}

/** In whole pixels, at least one. */
export function inPixels({ width, height }: Size): Size {
  return { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) };
}

export function scaled({ width, height }: Size, factor: number): Size {
  return { width: width * factor, height: height * factor };
}

/** Whether two sizes have one shape, but for the rounding to whole pixels. */
export function sameShape(a: Size, b: Size): boolean {
  const slack = (a.width + a.height) / 2 + (b.width + b.height) / 2;
  return Math.abs(a.width * b.height - a.height * b.width) <= slack;
}

/**
 * The size at which to draw what will be resized, so that nothing is resampled: `inside` and `outside` never enlarge a
 * drawing either. What is cropped first is drawn at its own size.
 */
export function sizeFor(natural: Size, { crop, resize }: Pick<Transforms, 'crop' | 'resize'>): Size {
  if (!resize || crop) return inPixels(natural);
  const factors = [
    resize.width === undefined ? null : resize.width / natural.width,
    resize.height === undefined ? null : resize.height / natural.height,
  ].filter((factor) => factor !== null);
  if (resize.fit === 'cover' || resize.fit === 'fill') return inPixels(scaled(natural, Math.max(...factors)));
  const factor = resize.fit === 'inside' ? Math.min(...factors) : Math.max(...factors);
  return inPixels(scaled(natural, Math.min(1, factor)));
}
