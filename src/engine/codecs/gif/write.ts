/** Puts GIF files together (GIF89a specification): the screen, what says how often it plays, and images. */

import type { Rectangle } from '../../contract.ts';
import { type Animation, type Delay, delayIn } from '../animation.ts';
import { latin1 } from '../bytes.ts';
import { GIF_UNITS_PER_SECOND } from './animation.ts';
import type { LzwTask } from './lzw-choose.ts';
import { codeSizeFor, type IndexedPalette, indexBits } from './palettes.ts';

export interface CodedImage extends Rectangle {
  /** Its own palette, or null to use the screen's. */
  palette: Uint8Array | null;
  transparent: number;
  /** 1 keep, 2 clear, 3 restore. */
  disposal: number;
  delay: Delay;
  /** As `packIndices` gives it. */
  lzw: Uint8Array;
}

const MOST_DELAY = 0xffff;
const MOST_REPEATS = 0xffff;

/**
 * What the LZW encoder is asked to write.
 * @param part pixels as RGBA numbers, 0 for transparent, and 1 for those that may stay transparent.
 * @param radius how far a colour may be off, in steps of 1/255 of RGB; 0 to be exact.
 */
export function taskFor(
  { colours, free }: { colours: Uint32Array; free: Uint8Array },
  palette: IndexedPalette,
  radius: number,
): LzwTask {
  const { indices, transparent } = palette;
  const wanted = new Int16Array(colours.length);
  for (let at = 0; at < colours.length; at++)
    wanted[at] = colours[at] === 0 ? -1 : (indices.get(colours[at]!) ?? -1);
  const codeSize = codeSizeFor(palette);
  const near =
    radius === 0
      ? null
      : {
          colours: palette.colours,
          distances: palette.distances(),
          most: radius ** 2,
        };
  return { wanted, free, transparent, codeSize, near };
}

/** The graphic control, the descriptor, the palette and the data of one image. */
export function writeImage({
  x,
  y,
  width,
  height,
  palette,
  transparent,
  disposal,
  delay,
  lzw,
}: CodedImage): Uint8Array {
  const hundredths = Math.min(MOST_DELAY, delayIn(delay, GIF_UNITS_PER_SECOND));
  const isPlain = hundredths === 0 && transparent < 0 && disposal <= 1;
  const control = Buffer.from([
    0x21,
    0xf9,
    4,
    (disposal << 2) | (transparent < 0 ? 0 : 1),
    0,
    0,
    Math.max(0, transparent),
    0,
  ]);
  control.writeUInt16LE(hundredths, 4);
  const descriptor = Buffer.alloc(10);
  descriptor[0] = 0x2c;
  for (const [at, number] of [x, y, width, height].entries()) descriptor.writeUInt16LE(number, 1 + 2 * at);
  const table = palette ? colourTable(palette) : null;
  if (table) descriptor[9] = 0x80 | table.sizeBits;
  return Buffer.concat([...(isPlain ? [] : [control]), descriptor, ...(table ? [table.bytes] : []), lzw]);
}

/** @param palette of the screen, or null when every image has its own. */
export function writeGif(
  { width, height, plays }: Pick<Animation, 'width' | 'height' | 'plays'>,
  palette: Uint8Array | null,
  images: Uint8Array[],
  xmp: Uint8Array | null,
): Uint8Array {
  const screen = Buffer.from('GIF89a\0\0\0\0\0\0\0', 'latin1');
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  const table = palette ? colourTable(palette) : null;
  if (table) screen[10] = 0x80 | (table.sizeBits << 4) | table.sizeBits;
  return Buffer.concat([
    screen,
    ...(table ? [table.bytes] : []),
    ...(plays === 1 ? [] : [loopBlock(plays)]),
    ...(xmp ? [xmpBlock(xmp)] : []),
    ...images,
    Uint8Array.of(0x3b),
  ]);
}

/** A table has 2, 4, 8 … 256 colours; its size in flags is the exponent less one. */
function colourTable(colours: Uint8Array): { bytes: Uint8Array; sizeBits: number } {
  const sizeBits = indexBits(colours.length / 3) - 1;
  const bytes = new Uint8Array(3 << (sizeBits + 1));
  bytes.set(colours);
  return { bytes, sizeBits };
}

function loopBlock(plays: number): Uint8Array {
  const repeats = plays === 0 ? 0 : Math.min(MOST_REPEATS, plays - 1);
  return Buffer.from(
    `\x21\xff\x0bNETSCAPE2.0\x03\x01${latin1(Uint8Array.of(repeats & 255, repeats >> 8), 0, 2)}\0`,
    'latin1',
  );
}

/** Readers that know no XMP take the packet for sub-blocks; from any of its bytes the trailer leads them to its end (XMP part 3 §1.1.2). */
function xmpBlock(xmp: Uint8Array): Uint8Array {
  const trailer = Uint8Array.from({ length: 258 }, (_, at) => (at === 0 ? 1 : at === 257 ? 0 : 256 - at));
  return Buffer.concat([Buffer.from('\x21\xff\x0bXMP DataXMP', 'latin1'), xmp, trailer]);
}
