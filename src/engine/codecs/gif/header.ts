/** Reads a GIF's screen and frames (GIF89a specification), and checks that every block is whole. */
import { corrupt, latin1, viewOf } from '../bytes.ts';
import { EVERYTHING_PLAIN, type Header, NOTHING_EMBEDDED } from '../header.ts';

const TRAILER = 0x3b;
const EXTENSION = 0x21;
const IMAGE = 0x2c;

/** @throws Decline('corrupt') when a block leads out of the file or the trailer is missing. */
export function readGifHeader(bytes: Uint8Array): Header {
  const view = viewOf(bytes);
  let [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  let pages = 0;
  let xmp: Uint8Array | null = null;
  let at = 13 + colourTableBytes(bytes[10]!);
  for (let block = bytes[at]; block !== TRAILER; block = bytes[at]) {
    if (block === EXTENSION) {
      const end = endOfSubBlocks(bytes, at + 2);
      xmp ??= xmpIn(bytes, at, end);
      at = end;
    } else if (block === IMAGE) {
      const frame = readFrame(view, at);
      // Decoders grow a screen that is too small for a frame.
      [width, height] = [Math.max(width, frame.right), Math.max(height, frame.bottom)];
      pages++;
      at = endOfSubBlocks(bytes, at + 11 + colourTableBytes(frame.flags));
    } else {
      throw corrupt(
        block === undefined ? 'The GIF ends before its trailer.' : 'The GIF has an unknown block.',
      );
    }
  }
  if (pages === 0) throw corrupt('The GIF has no image in it.');
  return {
    ...EVERYTHING_PLAIN,
    width,
    height,
    pages,
    colour: 'rgb',
    bitDepth: 8,
    isLossless: true,
    embedded: { ...NOTHING_EMBEDDED, xmp },
  };
}

const XMP_NAME = '\xff\x0bXMP DataXMP';
/** A trailer that leads readers of sub-blocks out of the packet, wherever in it they are. */
const XMP_TRAILER_BYTES = 258;

/** An application extension whose packet stands there without sub-blocks (XMP specification part 3 §1.1.2). */
function xmpIn(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  const from = start + 1 + XMP_NAME.length;
  const to = end - XMP_TRAILER_BYTES;
  if (to <= from || latin1(bytes, start + 1, XMP_NAME.length) !== XMP_NAME) return null;
  return bytes.subarray(from, to);
}

function readFrame(view: DataView, at: number) {
  const [left, top] = [view.getUint16(at + 1, true), view.getUint16(at + 3, true)];
  const [width, height] = [view.getUint16(at + 5, true), view.getUint16(at + 7, true)];
  if (width === 0 || height === 0) throw corrupt('The GIF says that it has no pixels.');
  return { right: left + width, bottom: top + height, flags: view.getUint8(at + 9) };
}

/** A colour table's size stands in the flags of the screen or the frame that it belongs to. */
function colourTableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
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
