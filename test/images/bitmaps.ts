/** Pictures as Windows bitmaps and icons, in the kinds of both that there are. Each function gives a whole, valid file. */
import type { Pixels } from '../../src/engine/contract.ts';

export interface BmpShape {
  /** 12 is OS/2's core header, 40 Windows' first, 52 and 56 those with masks, 108 and 124 its fourth and fifth. */
  headerBytes?: 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124;
  topDown?: boolean;
  /** Of a fifth header. */
  icc?: Uint8Array;
}

/** One bitmap's parts; an icon has no file header, and counts a mask's rows in. */
interface Parts {
  head: Buffer;
  rows: Buffer;
}

/** @returns a BMP of 24 bits a pixel. */
export function bmpFile(pixels: Pixels, shape: BmpShape = {}): Uint8Array {
  const rows = packRows(pixels, 24, shape.topDown, (red, green, blue) => (red << 16) | (green << 8) | blue);
  return wrap({ head: head(pixels, shape, 24, 0), rows }, shape.icc);
}

export interface MaskedShape extends BmpShape {
  bits: 16 | 32;
  /** Of red, green, blue and alpha; without them the usual ones hold, and the header does not say so. */
  masks?: [number, number, number, number];
}

/** @returns a BMP of channels packed into 16 or 32 bits. */
export function maskedBmp(pixels: Pixels, { bits, masks, ...shape }: MaskedShape): Uint8Array {
  const used = masks ?? (bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0]);
  const rows = packRows(pixels, bits, shape.topDown, (...levels) =>
    used.reduce((sum, mask, at) => sum + place(levels[at]!, mask), 0),
  );
  return wrap({ head: head(pixels, shape, bits, masks ? 3 : 0, { masks }), rows });
}

function place(level: number, mask: number): number {
  if (mask === 0) return 0;
  const lowest = (mask & -mask) >>> 0;
  return Math.round((level / 255) * (mask / lowest)) * lowest;
}

/** @param bits 1, 2, 4 or 8; the picture must not have more colours than those can name. */
export function paletteBmp(pixels: Pixels, bits: 1 | 2 | 4 | 8, shape: BmpShape = {}): Uint8Array {
  const { palette, indices } = indexed(pixels);
  const { width, height } = pixels;
  const stride = Math.ceil((width * bits) / 32) * 4;
  const rows = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = storedRow(y, height, shape.topDown) * stride + Math.floor((x * bits) / 8);
      rows[at]! |= indices[y * width + x]! << (8 - bits - ((x * bits) % 8));
    }
  return wrap({ head: head(pixels, shape, bits, 0, { palette }), rows });
}

/** @returns a BMP of runs of 8 bits a pixel, with literal stretches among them. */
export function runLengthBmp(pixels: Pixels): Uint8Array {
  const { palette, indices } = indexed(pixels);
  const { width, height } = pixels;
  const bytes: number[] = [];
  for (let y = height - 1; y >= 0; y--) {
    for (let x = 0; x < width; ) {
      const row = indices.slice(y * width, (y + 1) * width);
      const run = row.slice(x, x + 255).findIndex((index) => index !== row[x]);
      const length = run === -1 ? Math.min(255, width - x) : run;
      const literal = row.slice(x, x + 5);
      if (length < 3 && literal.length === 5) bytes.push(0, 5, ...literal, 0);
      else bytes.push(length, row[x]!);
      x += length < 3 && literal.length === 5 ? 5 : length;
    }
    bytes.push(0, 0);
  }
  bytes.push(0, 1);
  return wrap({ head: head(pixels, {}, 8, 1, { palette }), rows: Buffer.from(bytes) });
}

function indexed({ data, channels }: Pixels) {
  const palette: number[][] = [];
  const seen = new Map<string, number>();
  const indices: number[] = [];
  for (let at = 0; at < data.length; at += channels) {
    const colour = [...data.subarray(at, at + 3)];
    const known = seen.get(colour.join()) ?? palette.push(colour) - 1;
    seen.set(colour.join(), known);
    indices.push(known);
  }
  return { palette, indices };
}

function packRows(
  { data, width, height, channels }: Pixels,
  bits: number,
  topDown = false,
  pack: (...levels: number[]) => number,
): Buffer {
  const stride = Math.ceil((width * bits) / 32) * 4;
  const rows = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      const levels = [...data.subarray(from, from + 3), channels === 4 ? data[from + 3]! : 255];
      rows.writeUIntLE(pack(...levels), storedRow(y, height, topDown) * stride + (x * bits) / 8, bits / 8);
    }
  return rows;
}

function storedRow(y: number, height: number, topDown = false): number {
  return topDown ? y : height - 1 - y;
}

function head(
  { width, height }: Pick<Pixels, 'width' | 'height'>,
  { headerBytes = 40, topDown, icc }: BmpShape,
  bits: number,
  compression: number,
  { palette = [], masks }: { palette?: number[][]; masks?: number[] } = {},
): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(headerBytes, 0);
  const colours = (step: number) =>
    Buffer.concat(
      palette.map(([red, green, blue]) => Buffer.from([blue!, green!, red!, 0]).subarray(0, step)),
    );
  if (headerBytes === 12) {
    for (const [index, value] of [width, height, 1, bits].entries())
      header.writeUInt16LE(value, 4 + 2 * index);
    return Buffer.concat([
      header,
      colours(3),
      Buffer.alloc(3 * ((bits <= 8 ? 2 ** bits : 0) - palette.length)),
    ]);
  }
  header.writeInt32LE(width, 4);
  header.writeInt32LE(topDown ? -height : height, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(bits, 14);
  if (headerBytes >= 40) {
    header.writeUInt32LE(compression, 16);
    header.writeUInt32LE(palette.length, 32);
  }
  const room = Buffer.concat([header, Buffer.alloc(12)]);
  for (const [index, mask] of (masks ?? []).entries())
    if (40 + 4 * index < Math.max(headerBytes, 52)) room.writeUInt32LE(mask, 40 + 4 * index);
  if (icc) {
    room.write('DEBM', 56, 'latin1');
    room.writeUInt32LE(icc.length, 116);
  }
  return Buffer.concat([room.subarray(0, masks && headerBytes === 40 ? 52 : headerBytes), colours(4)]);
}

function wrap({ head: before, rows }: Parts, icc: Uint8Array = Buffer.of()): Uint8Array {
  const file = Buffer.alloc(14);
  file.write('BM', 0, 'latin1');
  file.writeUInt32LE(14 + before.length + rows.length + icc.length, 2);
  file.writeUInt32LE(14 + before.length, 10);
  if (icc.length > 0) before.writeUInt32LE(before.length + rows.length, 112);
  return Buffer.concat([file, before, rows, icc]);
}

/** An image in an icon, and what the icon's directory says of it. */
export interface IconImage {
  width: number;
  height: number;
  bits: number;
  data: Uint8Array;
}

/** @param mask whether the pixel at an index is cut out; of images of 24 bits. */
export function iconBitmap(pixels: Pixels, mask: (at: number) => boolean = () => false): IconImage {
  const { width, height, channels } = pixels;
  const bits = channels === 4 ? 32 : 24;
  const bitmap = channels === 4 ? maskedBmp(pixels, { bits: 32 }) : bmpFile(pixels);
  const rows = Buffer.from(bitmap);
  rows.writeInt32LE(2 * height, 14 + 8);
  if (channels === 4)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        rows[54 + ((height - 1 - y) * width + x) * 4 + 3] = pixels.data[(y * width + x) * 4 + 3]!;
  const stride = Math.ceil(width / 32) * 4;
  const cut = Buffer.alloc(stride * height);
  for (let at = 0; at < width * height; at++)
    if (mask(at))
      cut[(height - 1 - Math.floor(at / width)) * stride + ((at % width) >> 3)]! |=
        0x80 >> ((at % width) % 8);
  return { width, height, bits, data: Buffer.concat([rows.subarray(14), cut]) };
}

/** @returns an icon of these images, in their order. */
export function iconFile(images: IconImage[]): Uint8Array {
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  for (const [index, { width, height, bits, data }] of images.entries()) {
    const at = 6 + 16 * index;
    head.set([width & 255, height & 255], at);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(bits, at + 6);
    head.writeUInt32LE(data.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += data.length;
  }
  return Buffer.concat([head, ...images.map(({ data }) => data)]);
}
