/** Files of few bytes and very many parts: chunks, segments, boxes, images, numbers. Each would be an object in memory. */
import { writeChunks } from '../../src/engine/codecs/png/chunks.ts';
import { avifFile, gifFile, jpegFile, pngFile, tiffFile, webpFile } from './files.ts';
import { photo, screenshot } from './pixels.ts';
import { tiffWith } from './tiff-directories.ts';

const PICTURE = photo(64, 48);

/** @returns valid files, by what there is too much of. */
export async function crowdedFiles(): Promise<Record<string, Uint8Array>> {
  const jpeg = await jpegFile(PICTURE);
  const png = await pngFile(PICTURE);
  const gif = await gifFile(screenshot(8, 8));
  const chunk = writeChunks([{ type: 'teSt', data: new Uint8Array() }]).subarray(8);
  const webp = Buffer.concat([await webpFile(PICTURE), repeated(Buffer.from('teSt\0\0\0\0'), 120_000)]);
  webp.writeUInt32LE(webp.length - 8, 4);
  return {
    'segments of a JPEG': Buffer.concat([
      jpeg.subarray(0, 2),
      repeated(Buffer.of(0xff, 0xe5, 0, 2), 20_000),
      jpeg.subarray(2),
    ]),
    'chunks of a PNG': Buffer.concat([png.subarray(0, 33), repeated(chunk, 250_000), png.subarray(33)]),
    'chunks of a WebP': webp,
    'boxes of an AVIF': Buffer.concat([
      await avifFile(PICTURE),
      repeated(Buffer.from('\0\0\0\x08free'), 120_000),
    ]),
    'images of a GIF': Buffer.concat([
      gif.subarray(0, gif.length - 1),
      repeated(Buffer.of(0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 0), 120_000),
      gif.subarray(-1),
    ]),
    'strips of a TIFF': tiffWith(Buffer.from(await tiffFile(PICTURE)), 273, 1, new Uint8Array(5 << 20)),
  };
}

function repeated(part: Uint8Array, count: number): Buffer {
  return Buffer.alloc(part.length * count, part);
}
