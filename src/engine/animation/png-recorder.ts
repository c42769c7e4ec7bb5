/**
 * Writes animated PNG: all frames share one kind of samples, the smallest that holds every colour. Lossy, frames are made
 * simpler (`png-tolerance.ts`) and stored as exactly.
 */
import { deflateSync } from 'node:zlib';
import { losslessCompressPng } from '@napi-rs/image';
import type { Animation, Patch } from '../codecs/animation.ts';
import { wordsOf } from '../codecs/bytes.ts';
import { animationChunks } from '../codecs/png/animation.ts';
import { type Chunk, findChunk, readChunks, writeChunks } from '../codecs/png/chunks.ts';
import { napiName, openSamples } from '../codecs/sharp.ts';
import { patchOf, type Step, stepBetween } from './changes.ts';
import type { Simplifier } from './png-tolerance.ts';
import type { Coded, Recorder, Take } from './recorder.ts';
import type { Survey } from './survey.ts';

/** Pixels of all changes together up to which oxipng packs them: it takes more than a second a megapixel. */
const PACKS_WELL = 12_000_000;
/** Levels of zlib: they differ by a hundredth in bytes and several times in time. */
const BEST = 9;
const TRYING = 5;
const MOST_COLOURS = 256;
const GREY = 0;
const RGB = 2;
const INDEXED = 3;
const RGBA = 6;

/** How samples are stored. */
interface Samples {
  colourType: typeof GREY | typeof RGB | typeof INDEXED | typeof RGBA;
  bitDepth: number;
  /** Of an indexed image, by RGBA as a number; the transparent colour is 0. */
  indices: Map<number, number>;
  chunks: Chunk[];
}

/**
 * @param carried chunks of colour and metadata that the file should have.
 * @param simplifier null for frames as they are.
 */
export function recordPng(
  shape: Pick<Animation, 'width' | 'height' | 'plays'>,
  found: Survey,
  carried: Chunk[],
  simplifier: Simplifier | null,
): Recorder {
  const palette = simplifier?.palette;
  const samples = palette ? indexed([...wordsOf(palette)]) : chooseSamples(found);
  const frames: (Omit<Patch, 'data'> & { data: Uint8Array })[] = [];
  const packsWell = found.changedPixels <= PACKS_WELL;
  let bytes = 0;

  async function code(take: Take, quality: number | null, afresh: boolean): Promise<Coded | null> {
    const isExact = quality === null || !simplifier;
    if (isExact && palette && !holds(samples, take.frame)) return null;
    const look = isExact ? take.frame : simplifier.simplify(take, quality, afresh);
    const isWhole = afresh || take.before === null;
    const step = stepBetween(isWhole ? null : take.canvas, look, shape.width, shape.height, false);
    const tries: { patch: Patch; stream: Uint8Array }[] = [];
    for (const data of [step.whole, hasTransparency(samples) ? step.sparse : null]) {
      if (!data) continue;
      // Of frames that are tried at several qualities only the one that is kept is packed well.
      const stream = await (simplifier ? streamOf(data, step, samples, TRYING) : pack(data, step));
      tries.push({ patch: patchOf(step, data, take.delay), stream });
    }
    const { patch, stream } = tries.reduce((a, b) => (b.stream.length < a.stream.length ? b : a));
    return {
      bytes: stream.length,
      patch,
      async keep() {
        const packed = simplifier ? await pack(patch.data, step) : stream;
        frames.push({ ...patch, data: packed });
        bytes += packed.length;
      },
    };
  }

  async function pack(data: Uint8Array, step: Step): Promise<Uint8Array> {
    const plain = await streamOf(data, step, samples, BEST);
    if (!packsWell) return plain;
    const header = { type: 'IHDR', data: headerOf(step, samples) };
    const end = { type: 'IEND', data: new Uint8Array() };
    return packStream(writeChunks([header, ...samples.chunks, { type: 'IDAT', data: plain }, end]), plain);
  }

  return {
    encoder: packsWell ? napiName('oxipng') : 'zlib',
    lossy: simplifier !== null,
    rivalsItself: true,
    code,
    bytes: () => bytes,
    finish() {
      const header = { type: 'IHDR', data: headerOf(shape, samples) };
      const animation = animationChunks(shape.plays, frames);
      return writeChunks([
        header,
        ...carried,
        ...samples.chunks,
        ...animation,
        { type: 'IEND', data: new Uint8Array() },
      ]);
    },
  };
}

/** The zlib stream that oxipng makes of a PNG's samples as they are, or the one that was there where that is smaller. */
export async function packStream(png: Uint8Array, stream: Uint8Array): Promise<Uint8Array> {
  const packed = await losslessCompressPng(png, {
    bitDepthReduction: false,
    colorTypeReduction: false,
    paletteReduction: false,
    grayscaleReduction: false,
    strip: false,
  });
  const [before, after] = [readChunks(png), readChunks(packed)];
  const sameKind = Buffer.from(before[0]!.data).equals(after[0]!.data);
  const data = Buffer.concat(after.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data));
  return sameKind && samePalette(before, after) && data.length < stream.length ? data : stream;
}

function samePalette(before: Chunk[], after: Chunk[]): boolean {
  return ['PLTE', 'tRNS'].every((type) =>
    Buffer.from(findChunk(before, type) ?? []).equals(findChunk(after, type) ?? Buffer.of()),
  );
}

function chooseSamples({ counts, isComplete, isOpaque, isGrey, frames }: Survey): Samples {
  const plain = { bitDepth: 8, indices: new Map<number, number>(), chunks: [] };
  // A transparent colour lets frames leave out what stays.
  const hasClear = !isOpaque || (frames > 1 && counts.size < MOST_COLOURS);
  const total = counts.size + (hasClear ? 1 : 0);
  if (isComplete && total <= MOST_COLOURS) return indexed([...(hasClear ? [0] : []), ...counts.keys()]);
  if (!isOpaque) return { ...plain, colourType: RGBA };
  return { ...plain, colourType: isGrey ? GREY : RGB };
}

/** What is not opaque comes first, as tRNS may end where it does. */
function indexed(colours: number[]): Samples {
  const bytes = (colour: number) => new Uint8Array(Uint32Array.of(colour).buffer);
  const all = colours.toSorted((a, b) => bytes(a)[3]! - bytes(b)[3]!);
  const alphas = all.map((colour) => bytes(colour)[3]!).filter((alpha) => alpha < 255);
  const bitDepth = [1, 2, 4, 8].find((bits) => all.length <= 2 ** bits)!;
  const palette = {
    type: 'PLTE',
    data: Uint8Array.from(all.flatMap((colour) => [...bytes(colour).subarray(0, 3)])),
  };
  return {
    colourType: INDEXED,
    bitDepth,
    indices: new Map(all.map((colour, index) => [colour, index])),
    chunks: [palette, ...(alphas.length > 0 ? [{ type: 'tRNS', data: Uint8Array.from(alphas) }] : [])],
  };
}

function holds({ indices }: Samples, frame: Uint8Array): boolean {
  return wordsOf(frame).every((colour) => indices.has(colour));
}

function hasTransparency({ colourType, indices }: Samples): boolean {
  return colourType === RGBA || indices.has(0);
}

function headerOf(
  { width, height }: Pick<Animation, 'width' | 'height'>,
  { bitDepth, colourType }: Samples,
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, colourType], 8);
  return header;
}

async function streamOf(
  data: Uint8Array,
  { width, height }: Step,
  samples: Samples,
  level: number,
): Promise<Uint8Array> {
  if (samples.colourType === INDEXED)
    return deflateSync(indexRows(data, width, height, samples), { level, memLevel: 9 });
  const image = openSamples(data, width, height, 4);
  if (samples.colourType !== RGBA)
    image.removeAlpha().toColourspace(samples.colourType === GREY ? 'b-w' : 'srgb');
  const png = await image.png({ compressionLevel: level, adaptiveFiltering: true }).toBuffer();
  return Buffer.concat(
    readChunks(png)
      .filter(({ type }) => type === 'IDAT')
      .map((chunk) => chunk.data),
  );
}

/** Rows without a filter, indices from the highest bit on (PNG third edition §7.2). */
function indexRows(
  data: Uint8Array,
  width: number,
  height: number,
  { bitDepth, indices }: Samples,
): Uint8Array {
  const pixels = wordsOf(data);
  const rowBytes = 1 + Math.ceil((width * bitDepth) / 8);
  const rows = new Uint8Array(rowBytes * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const bit = x * bitDepth;
      rows[y * rowBytes + 1 + (bit >> 3)]! |= indices.get(pixels[at]!)! << (8 - bitDepth - (bit & 7));
    }
  }
  return rows;
}
