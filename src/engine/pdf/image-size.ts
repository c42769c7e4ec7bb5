/** How many pixels a PDF says that one of its images has. */
import type { Size } from '../transform/size.ts';
import type { PdfDocument } from './document.ts';
import { type Dictionary, numberOf } from './objects.ts';

/** Null where it does not say so in whole numbers: those in a PDF may be broken, or none. */
export function sizeOf(dictionary: Dictionary, { resolve }: Pick<PdfDocument, 'resolve'>): Size | null {
  const [width, height] = ['Width', 'Height'].map((key) => numberOf(resolve(dictionary.get(key)))) as [
    number | null,
    number | null,
  ];
  return isCount(width) && isCount(height) ? { width, height } : null;
}

function isCount(number: number | null): number is number {
  return Number.isInteger(number) && number! >= 1;
}
