/** The size that an image has once it meets a box: arithmetic only. */
import { Decline, type Limits, type Resize } from '../contract.ts';

export interface Size {
  width: number;
  height: number;
}

/** @param box of a `cover` or a `fill`, with one side only the other follows in proportion. */
export function coveredSize({ width, height }: Size, box: Pick<Resize, 'width' | 'height'>): Size {
  return {
    width: box.width ?? side(width, (box.height ?? height) / height),
    height: box.height ?? side(height, (box.width ?? width) / width),
  };
}

/**
 * Of an `inside` or an `outside`: in proportion, the nearest whole pixels, at least one. Neither enlarges; with one
 * side only they are the same.
 */
export function fittedSize({ width, height }: Size, { fit, ...box }: Omit<Resize, 'gravity'>): Size {
  const scales = [(box.width ?? Number.NaN) / width, (box.height ?? Number.NaN) / height].filter(
    (scale) => !Number.isNaN(scale),
  );
  const scale = Math.min(1, fit === 'outside' ? Math.max(...scales) : Math.min(...scales));
  return { width: side(width, scale), height: side(height, scale) };
}

function side(length: number, scale: number): number {
  return Math.max(1, Math.round(length * scale));
}

/**
 * A small file and a few digits could else ask for gigabytes of pixels.
 * @throws Decline('too-large') beyond the limits that hold for sources.
 */
export function checkSize(
  { width, height }: Size,
  { maxPixels, maxSide }: Pick<Limits, 'maxPixels' | 'maxSide'>,
): void {
  if (width * height <= maxPixels && Math.max(width, height) <= maxSide) return;
  throw new Decline(
    'too-large',
    `A result of ${width} x ${height} pixels is too large; at most ${maxPixels}, and ${maxSide} a side, are made.`,
  );
}
