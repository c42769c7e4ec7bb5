/** Any number of different JPEGs of 30 to 60 kB: a few dozen pictures, each with as many comments as are needed. */
import sharp from 'sharp';
import { photo } from '../../test/images/pixels.ts';

const PICTURES = 24;
const LARGEST_BYTES = 60_000;
const SMALLEST_BYTES = 30_000;

export async function floodImages(count: number): Promise<Uint8Array[]> {
  const pictures: Buffer[] = [];
  for (let at = 0; at < Math.min(PICTURES, count); at++) pictures.push(await picture(at));
  return Array.from({ length: count }, (_, at) => commented(pictures[at % pictures.length]!, `image ${at}`));
}

async function picture(at: number): Promise<Buffer> {
  const { data, ...raw } = photo(400 + 8 * at, 300, 100 + at);
  for (let quality = 95; ; quality -= 2) {
    const jpeg = await sharp(data, { raw }).jpeg({ quality }).toBuffer();
    if (jpeg.length > LARGEST_BYTES) continue;
    if (jpeg.length < SMALLEST_BYTES) throw new Error(`a picture has only ${jpeg.length} bytes`);
    return jpeg;
  }
}

/** With a comment segment right behind the start of image. */
export function commented(jpeg: Buffer, comment: string): Uint8Array {
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, comment.length + 2]);
  return Buffer.concat([head, Buffer.from(comment, 'latin1'), jpeg.subarray(2)]);
}
