/** WebP's RIFF chunks (RFC 9649 §2): reads them, and writes a file of them. */
import { corrupt, latin1, viewOf } from '../header.ts';
import type { Embedded } from '../metadata.ts';

export interface RiffChunk {
  /** Four characters, e.g. `VP8 `. */
  type: string;
  data: Uint8Array;
}

/** Bits of the first byte of a VP8X chunk (RFC 9649 §2.7). */
export const FLAGS = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04, animation: 0x02 } as const;

/** @throws Decline('corrupt') when the file is shorter than it says or a chunk leads out of it. */
export function readRiffChunks(bytes: Uint8Array): RiffChunk[] {
  const view = viewOf(bytes);
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length) throw corrupt('The WebP is shorter than it says.');
  const chunks: RiffChunk[] = [];
  for (let at = 12; at + 8 <= end; ) {
    const size = view.getUint32(at + 4, true);
    if (at + 8 + size > end) throw corrupt('A WebP chunk leads out of the file.');
    chunks.push({ type: latin1(bytes, at, 4), data: bytes.subarray(at + 8, at + 8 + size) });
    at += 8 + size + (size % 2);
  }
  return chunks;
}

export function findRiffChunk(chunks: RiffChunk[], type: string): Uint8Array | null {
  return chunks.find((chunk) => chunk.type === type)?.data ?? null;
}

/** Adds metadata to a still WebP that has none; IPTC has no place in WebP. */
export function embedInWebp(webp: Uint8Array, { icc, exif, xmp }: Embedded, frame: VP8XFrame): Uint8Array {
  if (!icc && !exif && !xmp) return webp;
  const image = readRiffChunks(webp).filter(({ type }) => ['ALPH', 'VP8 ', 'VP8L'].includes(type));
  const flags = (icc ? FLAGS.icc : 0) | (exif ? FLAGS.exif : 0) | (xmp ? FLAGS.xmp : 0);
  return writeRiffChunks([
    { type: 'VP8X', data: extendedHeader(flags | (frame.hasAlpha ? FLAGS.alpha : 0), frame) },
    ...(icc ? [{ type: 'ICCP', data: icc }] : []),
    ...image,
    ...(exif ? [{ type: 'EXIF', data: exif }] : []),
    ...(xmp ? [{ type: 'XMP ', data: xmp }] : []),
  ]);
}

export interface VP8XFrame {
  width: number;
  height: number;
  hasAlpha: boolean;
}

function extendedHeader(flags: number, { width, height }: VP8XFrame): Uint8Array {
  const header = Buffer.alloc(10);
  header.writeUInt8(flags, 0);
  header.writeUIntLE(width - 1, 4, 3);
  header.writeUIntLE(height - 1, 7, 3);
  return header;
}

function writeRiffChunks(chunks: RiffChunk[]): Uint8Array {
  const body = Buffer.concat(
    chunks.flatMap(({ type, data }) => {
      const head = Buffer.alloc(8);
      head.write(type, 0, 'latin1');
      head.writeUInt32LE(data.length, 4);
      return [head, data, Buffer.alloc(data.length % 2)];
    }),
  );
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  head.writeUInt32LE(body.length + 4, 4);
  return Buffer.concat([head, body]);
}
