/**
 * GIF's blocks (GIF89a specification): finds every image with what is said of it, and checks that all of them are whole.
 * What the images hold stays compressed.
 */
import type { Rectangle } from '../../contract.ts';
import { corrupt, latin1, tooMany, viewOf } from '../bytes.ts';

const TRAILER = 0x3b;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;
/** Behind the XMP packet stands a "magic trailer" that leads readers of sub-blocks to its end (XMP part 3 §1.1.2). */
const XMP_TRAILER_BYTES = 258;

/** Far more than are ever played; up to here all are counted. */
const MOST_IMAGES = 100_000;

/** One image as it stands in the file. */
export interface GifImage extends Rectangle {
  /** RGB triples, its own or the screen's. */
  palette: Uint8Array;
  /** The index that is not drawn, or null. */
  transparent: number | null;
  /** 0 to 3 (§23): unspecified, keep, clear, restore. */
  disposal: number;
  /** In hundredths of a second. */
  delay: number;
  interlaced: boolean;
  /** Where its code size stands; its data follow in sub-blocks. */
  dataAt: number;
}

export interface GifBlocks {
  /** Of the screen, grown to hold all images as decoders do. */
  width: number;
  height: number;
  images: GifImage[];
  /** How often it plays; 0 for ever. */
  plays: number;
  xmp: Uint8Array | null;
}

type Control = Pick<GifImage, 'transparent' | 'disposal' | 'delay'>;

const NO_CONTROL: Control = { transparent: null, disposal: 0, delay: 0 };

/** @throws Decline `corrupt` when a block leads out of the file or the trailer is missing; `too-large`. */
export function readGifBlocks(bytes: Uint8Array): GifBlocks {
  const view = viewOf(bytes);
  const found: GifBlocks = {
    width: view.getUint16(6, true),
    height: view.getUint16(8, true),
    images: [],
    plays: 1,
    xmp: null,
  };
  const palette = colourTable(bytes, 13, bytes[10]!);
  let control = NO_CONTROL;
  let at = 13 + palette.length;
  for (let block = bytes[at]; block !== TRAILER; block = bytes[at]) {
    if (block === EXTENSION) {
      const label = bytes[at + 1];
      const end = endOfSubBlocks(bytes, at + 2);
      if (label === GRAPHIC_CONTROL) control = readControl(view, at + 3);
      if (label === APPLICATION) readApplication(bytes, at + 3, end, found);
      at = end;
    } else if (block === IMAGE) {
      if (found.images.length === MOST_IMAGES) throw tooMany('The GIF', MOST_IMAGES, 'images');
      const image = readImage(bytes, view, at, palette, control);
      found.width = Math.max(found.width, image.x + image.width);
      found.height = Math.max(found.height, image.y + image.height);
      found.images.push(image);
      control = NO_CONTROL;
      at = endOfSubBlocks(bytes, image.dataAt + 1);
    } else {
      throw corrupt(
        block === undefined ? 'The GIF ends before its trailer.' : 'The GIF has an unknown block.',
      );
    }
  }
  if (found.images.length === 0) throw corrupt('The GIF has no image in it.');
  return found;
}

/** The sub-blocks from `start` on, joined. */
export function joinSubBlocks(bytes: Uint8Array, start: number): Uint8Array {
  const joined = new Uint8Array(endOfSubBlocks(bytes, start) - start);
  let length = 0;
  for (let at = start; bytes[at] !== 0; at += bytes[at]! + 1) {
    joined.set(bytes.subarray(at + 1, at + 1 + bytes[at]!), length);
    length += bytes[at]!;
  }
  return joined.subarray(0, length);
}

function readControl(view: DataView, at: number): Control {
  const flags = view.getUint8(at);
  const disposal = (flags >> 2) & 7;
  return {
    disposal: disposal > 3 ? 0 : disposal,
    delay: view.getUint16(at + 1, true),
    transparent: flags & 1 ? view.getUint8(at + 3) : null,
  };
}

/** NETSCAPE2.0 says how often an animation is repeated after it has played once, 0 for ever. */
function readApplication(bytes: Uint8Array, at: number, end: number, found: GifBlocks): void {
  const name = latin1(bytes, at, 11);
  const data = at + 11;
  if ((name === 'NETSCAPE2.0' || name === 'ANIMEXTS1.0') && bytes[data] === 3 && bytes[data + 1] === 1) {
    const repeats = viewOf(bytes).getUint16(data + 2, true);
    found.plays = repeats === 0 ? 0 : repeats + 1;
  }
  if (name === 'XMP DataXMP') found.xmp = bytes.subarray(data, Math.max(data, end - XMP_TRAILER_BYTES));
}

function readImage(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  screenPalette: Uint8Array,
  control: Control,
): GifImage {
  const [x, y] = [view.getUint16(at + 1, true), view.getUint16(at + 3, true)];
  const [width, height] = [view.getUint16(at + 5, true), view.getUint16(at + 7, true)];
  if (width === 0 || height === 0) throw corrupt('The GIF says that it has no pixels.');
  const flags = view.getUint8(at + 9);
  const own = colourTable(bytes, at + 10, flags);
  const palette = own.length > 0 ? own : screenPalette;
  return {
    x,
    y,
    width,
    height,
    palette,
    ...control,
    interlaced: (flags & 0x40) !== 0,
    dataAt: at + 10 + own.length,
  };
}

/** A colour table's size stands in the flags of the screen or the image that it belongs to. */
function colourTable(bytes: Uint8Array, at: number, flags: number): Uint8Array {
  const length = flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
  if (at + length > bytes.length) throw corrupt('The GIF ends within a palette.');
  return bytes.subarray(at, at + length);
}

/** Sub-blocks: a length byte and as many bytes, until a length of 0. */
function endOfSubBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] !== 0) {
    if (bytes[at] === undefined) throw corrupt('The GIF ends within a block.');
    at += bytes[at]! + 1;
  }
  return at + 1;
}
