/**
 * Animations packed anew as they are: the same rectangles, drawn in the same way, only their data smaller and what the
 * policy drops gone. What `record.ts` makes is smaller as a rule; this works for every file.
 */
import { constants, deflateSync, inflateSync } from 'node:zlib';
import { GIF_UNITS_PER_SECOND, readIndices } from '../codecs/gif/animation.ts';
import { type GifImage, joinSubBlocks, readGifBlocks } from '../codecs/gif/blocks.ts';
import { inFullBlocks } from '../codecs/gif/code-writer.ts';
import { packIndices } from '../codecs/gif/lzw-pack.ts';
import { indexBits } from '../codecs/gif/palettes.ts';
import { writeGif, writeImage } from '../codecs/gif/write.ts';
import type { Embedded } from '../codecs/header.ts';
import { animationChunks, headerFor, readApngFrames } from '../codecs/png/animation.ts';
import { type Chunk, readChunks, writeChunks } from '../codecs/png/chunks.ts';
import { writeAnimatedWebp } from '../codecs/webp/animation.ts';
import { readRiffChunks } from '../codecs/webp/chunks.ts';
import type { Source } from '../inspect.ts';
import { openAnimation } from './play.ts';
import { packStream } from './png-recorder.ts';

/** Pixels up to which oxipng packs frames: it takes more than a second a megapixel. */
const PACKS_WELL = 12_000_000;

/** @throws Decline('corrupt'). */
export function repackGif({ bytes }: Source, { xmp }: Embedded): Uint8Array {
  const { width, height, plays, images } = readGifBlocks(bytes);
  const screen = images[0]!.palette;
  const written = images.map((image) => repackImage(bytes, image, screen));
  return writeGif({ width, height, plays }, screen, written, xmp);
}

function repackImage(bytes: Uint8Array, image: GifImage, screen: Uint8Array): Uint8Array {
  const own = Buffer.from(image.palette).equals(screen) ? null : image.palette;
  return writeImage({
    ...image,
    palette: own,
    transparent: image.transparent ?? -1,
    delay: { numerator: image.delay, denominator: GIF_UNITS_PER_SECOND },
    lzw: smallestData(bytes, image),
  });
}

/** Packed anew, or the very codes of the source: a tolerant encoder's indices pack with its own dictionaries only. */
function smallestData(bytes: Uint8Array, image: GifImage): Uint8Array {
  const codeSize = bytes[image.dataAt]!;
  const { indices, clears } = readIndices(bytes, image);
  const most = indices.reduce((a, b) => Math.max(a, b), 1);
  const packed = packIndices(indices, Math.max(2, indexBits(most + 1)), clears);
  if (image.interlaced) return packed;
  const stored = inFullBlocks(codeSize, joinSubBlocks(bytes, image.dataAt + 1));
  return stored.length < packed.length ? stored : packed;
}

/** Also of 16 bits and in whatever colours: no sample is touched. @param carried chunks of colour and metadata. @throws Decline('corrupt'). */
export async function repackPng(source: Source, carried: Chunk[]): Promise<Uint8Array> {
  const chunks = readChunks(source.bytes);
  const header = chunks[0]!;
  const palette = chunks.filter(({ type }) => type === 'PLTE' || type === 'tRNS');
  const frames = readApngFrames(chunks);
  const pixels = frames.reduce((sum, { width, height }) => sum + width * height, 0);
  const packed: Parameters<typeof animationChunks>[1] = [];
  for (const frame of frames) {
    const stream = deflated(Buffer.concat(frame.data), frame, header.data);
    const own = { type: 'IHDR', data: headerFor(header.data, frame.width, frame.height) };
    const end = { type: 'IEND', data: new Uint8Array() };
    const still = writeChunks([own, ...palette, { type: 'IDAT', data: stream }, end]);
    packed.push({ ...frame, data: pixels <= PACKS_WELL ? await packStream(still, stream) : stream });
  }
  const { plays } = openAnimation(source);
  const end = { type: 'IEND', data: new Uint8Array() };
  return writeChunks([header, ...carried, ...palette, ...animationChunks(plays, packed), end]);
}

/** A zlib stream packed again, whichever way of looking for repetitions gives the fewest bytes; as it was if none. */
function deflated(
  stream: Buffer,
  { width, height }: { width: number; height: number },
  header: Uint8Array,
): Uint8Array {
  // At most 8 bytes a pixel, and for each row of each pass a byte that names its filter.
  const rows = inflateSync(stream, { maxOutputLength: width * height * 8 + height * 8 + header.length });
  const tries = [constants.Z_DEFAULT_STRATEGY, constants.Z_FILTERED].map((strategy) =>
    deflateSync(rows, { level: 9, memLevel: 9, strategy }),
  );
  return [stream, ...tries].reduce<Uint8Array>((a, b) => (b.length < a.length ? b : a), stream);
}

/** The same frames; only metadata can go. @throws Decline('corrupt'). */
export function repackWebp(source: Source, embedded: Embedded): Uint8Array {
  const frames = readRiffChunks(source.bytes).filter(({ type }) => type === 'ANMF');
  return writeAnimatedWebp(openAnimation(source), frames, embedded);
}
