/** TIFFs, and the EXIF that is made like them, with directories that no program writes. */
import { tiffFile } from './files.ts';
import { photo } from './pixels.ts';

/** EXIF whose directories all are one, which comes after itself. */
export function circularExif(): Uint8Array {
  const pointers = [0x8769, 0x8825, 0xa005].map((tag) => [tag >> 8, tag & 255, 0, 4, 0, 0, 0, 1, 0, 0, 0, 8]);
  return Buffer.from([...Buffer.from('MM\0*'), 0, 0, 0, 8, 0, 3, ...pointers.flat(), 0, 0, 0, 8]);
}

/** A TIFF whose EXIF is its own directory, and so are its smaller versions. */
export async function circularTiff(): Promise<Uint8Array> {
  const whole = Buffer.from(await tiffFile(photo(64, 48)));
  const once = tiffWith(whole, 330, 4, long(0));
  const start = once.length + 4 + (once.length % 2);
  const twice = tiffWith(once, 0x8769, 4, long(start));
  twice.writeUInt32LE(start, twice.indexOf(Uint8Array.of(330 & 255, 330 >> 8, 4, 0, 1, 0, 0, 0), start) + 8);
  return twice;
}

/**
 * The same TIFF under a directory behind it, in which a field is another; the old one is left where it was.
 * @param whole in the lower byte first
 * @param type of the field, of which a value has a byte, or four where it is 4
 */
export function tiffWith(whole: Buffer, tag: number, type: number, value: Uint8Array): Buffer {
  const start = whole.readUInt32LE(4);
  const entries = Array.from({ length: whole.readUInt16LE(start) }, (_, at) =>
    whole.subarray(start + 2 + 12 * at, start + 14 + 12 * at),
  );
  const valueAt = whole.length + (whole.length % 2);
  const directoryAt = valueAt + value.length + (value.length % 2);
  const entry = Buffer.alloc(12);
  entry.writeUInt16LE(tag, 0);
  entry.writeUInt16LE(type, 2);
  entry.writeUInt32LE(value.length / (type === 4 ? 4 : 1), 4);
  if (value.length <= 4) entry.set(value, 8);
  else entry.writeUInt32LE(valueAt, 8);
  const all = [...entries.filter((each) => each.readUInt16LE(0) !== tag), entry];
  all.sort((a, b) => a.readUInt16LE(0) - b.readUInt16LE(0));
  const count = Buffer.alloc(2);
  count.writeUInt16LE(all.length, 0);
  const file = Buffer.alloc(directoryAt);
  file.set(whole);
  file.set(value, valueAt);
  file.writeUInt32LE(directoryAt, 4);
  return Buffer.concat([file, count, ...all, Buffer.alloc(4)]);
}

/** A number of 32 bits, the lower byte first. */
export function long(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number, 0);
  return bytes;
}
