/**
 * What an image file carries besides pixels, and what of it a metadata policy lets through.
 */

/** Blocks as they stand in a file, without their container's framing: EXIF starts at its TIFF header. */
export interface Embedded {
  exif: Uint8Array | null;
  xmp: Uint8Array | null;
  iptc: Uint8Array | null;
  icc: Uint8Array | null;
}

export const NOTHING_EMBEDDED: Embedded = { exif: null, xmp: null, iptc: null, icc: null };
