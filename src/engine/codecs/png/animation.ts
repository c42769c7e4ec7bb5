/**
 * Animated PNG (PNG third edition §11.3.6): takes a file apart into frames, each a still PNG of its own, and puts one
 * together of such. What is drawn where is others' business.
 */
import type { Limits } from '../../contract.ts';
import { type Animation, type Delay, delayIn, type Patch } from '../animation.ts';
import { corrupt, viewOf } from '../bytes.ts';
import { decodeRgba } from '../sharp.ts';
import { type Chunk, findChunk, readChunks, writeChunks } from './chunks.ts';

const BLENDS = ['replace', 'over'] as const;
const DISPOSALS = ['keep', 'clear', 'restore'] as const;
const ANIMATION_CONTROL_BYTES = 8;
const CONTROL_BYTES = 26;
/** Before the control of a frame and its data. */
const SEQUENCE_BYTES = 4;
/** A denominator of 0 stands for this one. */
const USUAL_DENOMINATOR = 100;
const MOST_DELAY = 0xffff;

/** A frame as it stands in the file: its data are a zlib stream as in IDAT. */
export interface ApngFrame extends Omit<Patch, 'data'> {
  data: Uint8Array[];
}

/** The frames in their order. @throws Decline('corrupt') when they are not as many as it says, out of order, or one does not fit. */
export function readApngFrames(chunks: Chunk[]): ApngFrame[] {
  checkOrder(chunks);
  const header = viewOf(chunks[0]!.data);
  const [width, height] = [header.getUint32(0), header.getUint32(4)];
  const frames: ApngFrame[] = [];
  for (const { type, data } of chunks) {
    if (type === 'fcTL') frames.push(readControl(data, width, height));
    if (type === 'fdAT') frames.at(-1)!.data.push(data.subarray(SEQUENCE_BYTES));
    const [first] = frames;
    if (type !== 'IDAT' || !first) continue;
    if (first.width !== width || first.height !== height)
      throw corrupt('The first frame of the PNG has another size than its image.');
    first.data.push(data);
  }
  const control = chunks.filter(({ type }) => type === 'acTL');
  if (control.length !== 1 || control[0]!.data.length !== ANIMATION_CONTROL_BYTES)
    throw corrupt('The PNG does not have one animation control of the right size.');
  const said = viewOf(control[0]!.data).getUint32(0);
  if (said !== frames.length)
    throw corrupt(`The PNG says that it has ${said} frames, but has ${frames.length}.`);
  if (frames.some(({ data }) => data.length === 0)) throw corrupt('A frame of the PNG has no image.');
  return frames;
}

/** Controls and data of frames count up from 0 together, and at most the first control stands before the image, which is in one piece. */
function checkOrder(chunks: Chunk[]): void {
  const types = chunks.map(({ type }) => type);
  const [start, end] = [types.indexOf('IDAT'), types.lastIndexOf('IDAT')];
  const isPart = ({ type }: Chunk) => type === 'fcTL' || type === 'fdAT';
  const parts = chunks.filter(isPart);
  const isCounted = parts.every(
    ({ data }, at) => data.length >= SEQUENCE_BYTES && viewOf(data).getUint32(0) === at,
  );
  const isInOnePiece = types.slice(start, end).every((type) => type === 'IDAT');
  const beginsWithControl = parts[0]?.type === 'fcTL' && chunks.slice(0, start).filter(isPart).length <= 1;
  if (!isCounted || !isInOnePiece || !beginsWithControl)
    throw corrupt('The frames of the PNG are out of order.');
}

/** Whether there are frames: viewers pass over what says so behind the image, or has no frames. */
export function isAnimatedPng(chunks: Chunk[]): boolean {
  const types = chunks.map(({ type }) => type);
  const [control, image] = [types.indexOf('acTL'), types.indexOf('IDAT')];
  return control !== -1 && control < image && types.includes('fcTL');
}

/** @throws Decline('corrupt'), here and when its patches are read. */
export function openApng(bytes: Uint8Array, limits: Pick<Limits, 'maxPixels'>): Animation {
  const chunks = readChunks(bytes);
  const header = viewOf(chunks[0]!.data);
  const frames = readApngFrames(chunks);
  return {
    width: header.getUint32(0),
    height: header.getUint32(4),
    frames: frames.length,
    plays: viewOf(findChunk(chunks, 'acTL')!).getUint32(4),
    patches: () => readPatches(chunks, frames, limits),
  };
}

async function* readPatches(
  chunks: Chunk[],
  frames: ApngFrame[],
  limits: Pick<Limits, 'maxPixels'>,
): AsyncGenerator<Patch> {
  const palette = chunks.filter(({ type }) => type === 'PLTE' || type === 'tRNS');
  for (const frame of frames) {
    const still = writeChunks([
      { type: 'IHDR', data: headerFor(chunks[0]!.data, frame.width, frame.height) },
      ...palette,
      ...frame.data.map((data) => ({ type: 'IDAT', data })),
      { type: 'IEND', data: new Uint8Array() },
    ]);
    const { data } = await decodeRgba(still, limits);
    yield { ...frame, data };
  }
}

/** An IHDR like another, of another size. */
export function headerFor(header: Uint8Array, width: number, height: number): Uint8Array {
  const copy = Uint8Array.from(header);
  const view = viewOf(copy);
  view.setUint32(0, width);
  view.setUint32(4, height);
  return copy;
}

function readControl(data: Uint8Array, canvasWidth: number, canvasHeight: number): ApngFrame {
  if (data.length !== CONTROL_BYTES) throw corrupt('A frame control of the PNG has the wrong size.');
  const view = viewOf(data);
  const number = (index: number) => view.getUint32(4 * index);
  const [width, height, x, y] = [number(1), number(2), number(3), number(4)];
  const [dispose, blend] = [DISPOSALS[data[24]!], BLENDS[data[25]!]];
  if (!dispose || !blend || width === 0 || height === 0)
    throw corrupt('A frame control of the PNG makes no sense.');
  if (x + width > canvasWidth || y + height > canvasHeight)
    throw corrupt('A frame of the PNG leads out of it.');
  const denominator = view.getUint16(22) || USUAL_DENOMINATOR;
  return {
    x,
    y,
    width,
    height,
    dispose,
    blend,
    delay: { numerator: view.getUint16(20), denominator },
    data: [],
  };
}

/**
 * The chunks from acTL to the last frame's data.
 * @param frames with their zlib streams; the first is as large as the canvas and the image of viewers that know no animation.
 */
export function animationChunks(
  plays: number,
  frames: (Omit<Patch, 'data'> & { data: Uint8Array })[],
): Chunk[] {
  let sequence = 0;
  const control = { type: 'acTL', data: Buffer.alloc(8) };
  control.data.writeUInt32BE(frames.length, 0);
  control.data.writeUInt32BE(plays, 4);
  return [
    control,
    ...frames.flatMap((frame, at) => [
      { type: 'fcTL', data: writeControl(frame, sequence++) },
      at === 0
        ? { type: 'IDAT', data: frame.data }
        : { type: 'fdAT', data: numbered(sequence++, frame.data) },
    ]),
  ];
}

function numbered(sequence: number, data: Uint8Array): Uint8Array {
  const head = Buffer.alloc(SEQUENCE_BYTES);
  head.writeUInt32BE(sequence, 0);
  return Buffer.concat([head, data]);
}

function writeControl(
  { x, y, width, height, blend, dispose, delay }: Omit<Patch, 'data'>,
  sequence: number,
): Uint8Array {
  const bytes = Buffer.alloc(CONTROL_BYTES);
  for (const [at, number] of [sequence, width, height, x, y].entries()) bytes.writeUInt32BE(number, 4 * at);
  const { numerator, denominator } = fitting(delay);
  bytes.writeUInt16BE(numerator, 20);
  bytes.writeUInt16BE(denominator, 22);
  bytes[24] = DISPOSALS.indexOf(dispose);
  bytes[25] = BLENDS.indexOf(blend);
  return bytes;
}

/** Both numbers have 16 bits; longer delays are told in coarser units. */
function fitting(delay: Delay): Delay {
  if (delay.numerator <= MOST_DELAY) return delay;
  const denominator = [100, 10, 1].find((units) => delayIn(delay, units) <= MOST_DELAY) ?? 1;
  return { numerator: Math.min(MOST_DELAY, delayIn(delay, denominator)), denominator };
}
