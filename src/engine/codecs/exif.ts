/**
 * The few things the engine needs of EXIF: read the orientation, write a block that holds nothing but
 * an orientation, and reset it (EXIF 2.32 §4.5; TIFF 6.0 §2 for the directory structure).
 */
import { viewOf } from './bytes.ts';

const ORIENTATION = 0x0112;
const SHORT = 3;
const ENTRY_BYTES = 12;

interface Directory {
  /** Offset of each entry's first byte. */
  entries: number[];
  /** Offset of the pointer to the next directory. */
  next: number;
}

/** @returns 1 to 8; 1 where the block says nothing sensible, as viewers do. */
export function exifOrientation(exif: Uint8Array | null): number {
  const found = exif && orientationEntry(exif);
  if (!found) return 1;
  const value = found.view.getUint16(found.entry + 8, found.littleEndian);
  return value >= 1 && value <= 8 ? value : 1;
}

/** A block of 26 bytes that says how to turn the image and nothing else. */
export function orientationExif(orientation: number): Uint8Array {
  const exif = new Uint8Array(26);
  const view = viewOf(exif);
  view.setUint32(0, 0x4d4d002a);
  view.setUint32(4, 8);
  view.setUint16(8, 1);
  view.setUint16(10, ORIENTATION);
  view.setUint16(12, SHORT);
  view.setUint32(14, 1);
  view.setUint16(18, orientation);
  return exif;
}

/**
 * A copy for pixels that are stored upright: the orientation says so, and a thumbnail that was stored
 * turned is no longer pointed to.
 */
export function uprightExif(exif: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(exif);
  const found = orientationEntry(copy);
  if (!found || exifOrientation(copy) === 1) return copy;
  found.view.setUint16(found.entry + 8, 1, found.littleEndian);
  if (found.next + 4 <= copy.length) found.view.setUint32(found.next, 0, found.littleEndian);
  return copy;
}

function orientationEntry(exif: Uint8Array) {
  const view = viewOf(exif);
  const littleEndian = exif[0] === 0x49;
  const directory = firstDirectory(exif, view, littleEndian);
  const entry = directory?.entries.find((at) => view.getUint16(at, littleEndian) === ORIENTATION);
  if (!directory || entry === undefined || view.getUint16(entry + 2, littleEndian) !== SHORT) return null;
  return { view, littleEndian, entry, next: directory.next };
}

/** Damaged blocks are common and harmless: what cannot be read is not there. */
function firstDirectory(exif: Uint8Array, view: DataView, littleEndian: boolean): Directory | null {
  if (exif.length < 14) return null;
  const start = view.getUint32(4, littleEndian);
  if (start + 2 > exif.length) return null;
  const count = view.getUint16(start, littleEndian);
  const whole = Math.min(count, Math.floor((exif.length - start - 2) / ENTRY_BYTES));
  const entries = Array.from({ length: whole }, (_, index) => start + 2 + index * ENTRY_BYTES);
  return { entries, next: start + 2 + count * ENTRY_BYTES };
}
