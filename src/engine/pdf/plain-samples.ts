/** Whether the samples of an image in a PDF mean colours and nothing else (ISO 32000-1, 8.9.5 and 8.9.6). */
import type { PdfDocument } from './document.ts';
import { type Dictionary, isStream } from './objects.ts';

type Resolver = Pick<PdfDocument, 'resolve'>;

/** Whether transparency hangs on the very samples: by colours that are not shown, or mixed with a matte beforehand. */
export function areMasking(dictionary: Dictionary, { resolve }: Resolver): boolean {
  const softMask = resolve(dictionary.get('SMask'));
  const isBlended = isStream(softMask) && softMask.dictionary.has('Matte');
  return isBlended || Array.isArray(resolve(dictionary.get('Mask')));
}

/** Whether every sample is what the colour space says of it. */
export function arePlain(dictionary: Dictionary, document: Resolver): boolean {
  return !areMasking(dictionary, document) && !dictionary.has('Decode') && !dictionary.has('ImageMask');
}
