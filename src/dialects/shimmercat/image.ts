/** Whether a file begins as an image does, so that what is none is refused at once and not queued. */

import { fileStart } from '../../lib/file-start.ts';

/** JPEG and PNG are the vendor's (API guide); WebP, GIF, TIFF, BMP, AVIF and HEIC are read here, too. */
const STARTS = /^(\xff\xd8\xff|\x89PNG\r\n|RIFF.{4}WEBP|GIF8[79]a|II[*+]|MM.[*+]|BM|.{4}ftyp)/s;

export function isImage(bytes: Uint8Array): boolean {
  return STARTS.test(fileStart(bytes, 12));
}
