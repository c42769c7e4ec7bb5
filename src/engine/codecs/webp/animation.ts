/**
 * Animated WebP (RFC 9649 §2.7): takes a file apart into frames, each a still WebP of its own, and puts one together
 * of such. Which rectangles, and how they are encoded, is others' business.
 */
import { type Animation, delayIn, type Patch } from '../animation.ts';
import { corrupt, viewOf } from '../bytes.ts';
import type { Embedded } from '../header.ts';
import { decodeRgba } from '../sharp.ts';
import {
  extendedHeader,
  FLAGS,
  findRiffChunk,
  type RiffChunk,
  readFrame,
  readRiffChunks,
  riffChunks,
  stillWebp,
  writeRiffChunks,
} from './chunks.ts';

/** WebP counts in these. */
export const WEBP_UNITS_PER_SECOND = 1000;
const MOST_PLAYS = 0xffff;
const LONGEST = 0xff_ffff;
const FRAME_HEADER_BYTES = 16;
const CLEARS = 1;
const REPLACES = 2;

/** @throws Decline('corrupt'), here and when its patches are read. */
export function openWebp(bytes: Uint8Array): Animation {
  const chunks = readRiffChunks(bytes);
  const frames = chunks.filter(({ type }) => type === 'ANMF');
  const control = findRiffChunk(chunks, 'ANIM');
  const canvas = readFrame(chunks);
  return {
    ...canvas,
    frames: frames.length,
    plays: control ? viewOf(control).getUint16(4, true) : 1,
    patches: () => readPatches(frames, canvas),
  };
}

async function* readPatches(
  frames: RiffChunk[],
  canvas: Pick<Animation, 'width' | 'height'>,
): AsyncGenerator<Patch> {
  for (const { data } of frames) {
    if (data.length < FRAME_HEADER_BYTES) throw corrupt('A frame of the WebP is cut short.');
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const number = (at: number) => bytes.readUIntLE(at, 3);
    const [width, height, flags] = [number(6) + 1, number(9) + 1, bytes[15]!];
    if (width > canvas.width || height > canvas.height) throw corrupt('A frame of the WebP leads out of it.');
    const still = stillWebp(riffChunks(data, FRAME_HEADER_BYTES, data.length));
    const pixels = await decodeRgba(still, { maxPixels: width * height });
    if (pixels.width !== width || pixels.height !== height)
      throw corrupt('A frame of the WebP has another size than it says.');
    yield {
      x: number(0) * 2,
      y: number(3) * 2,
      width,
      height,
      data: pixels.data,
      blend: flags & REPLACES ? 'replace' : 'over',
      dispose: flags & CLEARS ? 'clear' : 'keep',
      delay: { numerator: number(12), denominator: WEBP_UNITS_PER_SECOND },
    };
  }
}

/** A frame as a chunk. @param still a WebP of the patch's size, at even offsets. */
export function frameChunk(
  still: Uint8Array,
  { x, y, width, height, blend, dispose, delay }: Omit<Patch, 'data'>,
): RiffChunk {
  const head = Buffer.alloc(FRAME_HEADER_BYTES);
  head.writeUIntLE(x / 2, 0, 3);
  head.writeUIntLE(y / 2, 3, 3);
  head.writeUIntLE(width - 1, 6, 3);
  head.writeUIntLE(height - 1, 9, 3);
  head.writeUIntLE(Math.min(LONGEST, delayIn(delay, WEBP_UNITS_PER_SECOND)), 12, 3);
  head[15] = (blend === 'replace' ? REPLACES : 0) | (dispose === 'clear' ? CLEARS : 0);
  const image = readRiffChunks(still).filter(({ type }) => ['ALPH', 'VP8 ', 'VP8L'].includes(type));
  return { type: 'ANMF', data: Buffer.concat([head, writeRiffChunks(image).subarray(12)]) };
}

/** The whole file; its canvas is transparent before the first frame. */
export function writeAnimatedWebp(
  { width, height, plays }: Pick<Animation, 'width' | 'height' | 'plays'>,
  frames: RiffChunk[],
  { icc, exif, xmp }: Embedded,
): Uint8Array {
  const control = Buffer.alloc(6);
  control.writeUInt16LE(Math.min(MOST_PLAYS, plays), 4);
  const flags =
    FLAGS.animation | FLAGS.alpha | (icc ? FLAGS.icc : 0) | (exif ? FLAGS.exif : 0) | (xmp ? FLAGS.xmp : 0);
  return writeRiffChunks([
    { type: 'VP8X', data: extendedHeader(flags, width, height) },
    ...(icc ? [{ type: 'ICCP', data: icc }] : []),
    { type: 'ANIM', data: control },
    ...frames,
    ...(exif ? [{ type: 'EXIF', data: exif }] : []),
    ...(xmp ? [{ type: 'XMP ', data: xmp }] : []),
  ]);
}
