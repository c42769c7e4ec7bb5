/**
 * Files that must be refused, or at least must not hurt: truncations, bombs, lying headers, things that
 * are no images. Whole files to damage come from `files.ts`.
 */
import { constants, deflateRawSync, deflateSync } from 'node:zlib';
import { insertChunks, writeChunks } from '../../src/engine/codecs/png/chunks.ts';
import { randomNumbers } from './pixels.ts';

/** @returns the first 1/16, 2/16 … 15/16 of a file. */
export function truncations(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: 15 }, (_, index) =>
    bytes.subarray(0, Math.floor((bytes.length * (index + 1)) / 16)),
  );
}

/** @returns copies with a few bytes, spread over the whole file, set at random. */
export function mutations(bytes: Uint8Array, count: number, seed = 5): Uint8Array[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => {
    const copy = Uint8Array.from(bytes);
    for (let change = 0; change < 4; change++)
      copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
    return copy;
  });
}

/** Things that a form may upload as `photo.jpg`, by what they are. */
export const NO_IMAGES: Record<string, Uint8Array> = {
  'nothing at all': new Uint8Array(),
  'one byte': Uint8Array.of(0xff),
  'a letter': text('This is a letter, whatever its name says.\n'),
  'a web page': text('<!doctype html><title>404</title>'),
  'a PDF document': text('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n'),
  'a JPEG’s first bytes': Uint8Array.of(0xff, 0xd8, 0xff),
  'a PNG’s first bytes': Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  'a WebP’s first bytes': text('RIFF\x10\0\0\0WEBP'),
  'a GIF’s first bytes': text('GIF89a'),
  'an AVIF’s first bytes': text('\0\0\0\x14ftypavif\0\0\0\0avif'),
  'a TIFF’s first bytes': text('II*\0'),
  'a big TIFF’s first bytes': text('II+\0\x08\0\0\0'),
  'a HEIC’s first bytes': text('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
  'a Windows icon’s first bytes': text('\0\0\x01\0\x01\0\x10\x10\0\0'),
  'a BMP without a header of its own': Uint8Array.from([
    ...text('BM'),
    70,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    54,
    0,
    0,
    0,
    ...new Array(56).fill(0),
  ]),
};

/**
 * A valid PNG of black that is a thousandth of its pixels' size.
 * @param width a multiple of 8
 */
export function pngBomb(width: number, height: number): Uint8Array {
  const sizeBytes = height * (1 + width / 8);
  return writeChunks([
    { type: 'IHDR', data: pngHeader(width, height, 1, 0) },
    { type: 'IDAT', data: zlibOfZeros(sizeBytes) },
    { type: 'IEND', data: new Uint8Array() },
  ]);
}

/** A GIF of 36 bytes that claims to be as large as a GIF can be. */
export function gifBomb(): Uint8Array {
  const screen = [0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, 0, 0, 0, 255, 255, 255];
  const frame = [0x2c, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 2, 2, 0x4c, 0x01, 0];
  return Uint8Array.from([...text('GIF89a'), ...screen, ...frame, 0x3b]);
}

/** Adds a profile that is small in the file and `sizeBytes` large outside of it. */
export function withProfileBomb(png: Uint8Array, sizeBytes: number): Uint8Array {
  const profile = deflateSync(new Uint8Array(sizeBytes));
  return insertChunks(png, [{ type: 'iCCP', data: Buffer.concat([text('bomb\0\0'), profile]) }]);
}

/** Makes a PNG's header say another size than its data has. */
export function pngClaiming(png: Uint8Array, width: number, height: number): Uint8Array {
  const header = Uint8Array.from(png.subarray(16, 29));
  header.set(pngHeader(width, height, 0, 0).subarray(0, 8));
  const claimed = writeChunks([{ type: 'IHDR', data: header }]);
  return Buffer.concat([claimed, png.subarray(33)]);
}

/** Makes a JPEG's frame header say another size than its data has. */
export function jpegClaiming(jpeg: Uint8Array, width: number, height: number): Uint8Array {
  const copy = Buffer.from(jpeg);
  const frame = [0xc0, 0xc2]
    .map((marker) => copy.indexOf(Uint8Array.of(0xff, marker)))
    .find((at) => at !== -1)!;
  copy.writeUInt16BE(height, frame + 5);
  copy.writeUInt16BE(width, frame + 7);
  return copy;
}

function pngHeader(width: number, height: number, bitDepth: number, colourType: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, colourType], 8);
  return header;
}

/** A zlib stream made by repeating one compressed megabyte, so that a gigabyte costs nothing to make. */
function zlibOfZeros(sizeBytes: number): Uint8Array {
  const megabyte = 1 << 20;
  const whole = deflateRawSync(new Uint8Array(megabyte), { finishFlush: constants.Z_FULL_FLUSH });
  const rest = deflateRawSync(new Uint8Array(sizeBytes % megabyte));
  const checksum = Buffer.alloc(4);
  // Adler-32 of zeros: the low half stays 1, the high half counts them (RFC 1950 §8.2).
  checksum.writeUInt32BE((((sizeBytes % 65_521) << 16) | 1) >>> 0);
  const repeated = new Array<Uint8Array>(Math.floor(sizeBytes / megabyte)).fill(whole);
  return Buffer.concat([Uint8Array.of(0x78, 0x9c), ...repeated, rest, checksum]);
}

function text(characters: string): Uint8Array {
  return Buffer.from(characters, 'latin1');
}
