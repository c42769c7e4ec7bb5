/**
 * An animation made smaller: looked over once, recorded anew frame by frame in each format that competes, played again from
 * the bytes that should ship and judged. Its memory depends on the size of a frame, not on their number.
 */
import { createHash } from 'node:crypto';
import { createFrameJudge, type FrameJudge, judgePairs } from './animation/frame-judge.ts';
import { paced } from './animation/pace.ts';
import { isMovingFormat, MOVING_FORMATS, type MovingFormat, openAnimation, play } from './animation/play.ts';
import { type Recording, record } from './animation/record.ts';
import { repackGif, repackPng, repackWebp } from './animation/repack.ts';
import { survey } from './animation/survey.ts';
import { isUntouched, type Reel, recorderFor, type Way, waysOf } from './animation/ways.ts';
import { GIF_ENCODER } from './codecs/gif/gif.ts';
import type { Embedded } from './codecs/header.ts';
import { embeddedFor } from './codecs/metadata.ts';
import { readChunks } from './codecs/png/chunks.ts';
import { colourChunks, metadataChunks } from './codecs/png/transcode.ts';
import { napiName } from './codecs/sharp.ts';
import {
  Decline,
  type OptimizeOptions,
  type Output,
  type OutputFormat,
  type Reason,
  type Target,
  transformsOf,
} from './contract.ts';
import { budgetFor, gatedScore, mostJnd } from './gate.ts';
import type { Source } from './inspect.ts';
import { attemptOrNextBest, hasNewSize, nextBest } from './next-best.ts';
import { framePairs } from './pair.ts';

/** Larger canvases would take more memory than a job has: about 100 bytes a pixel. */
const MOST_CANVAS_PIXELS = 12_000_000;

/** Share of the source's bytes below which a recording leaves nothing to gain by packing the source again. */
const CLEARLY_SMALLER = 0.99;

type Attempt = { output: Output } | { miss: Reason };

/** @throws Decline when no target has an output that may ship; the signal's reason. */
export async function optimizeAnimation(
  source: Source,
  options: OptimizeOptions,
  signal?: AbortSignal,
): Promise<Output[]> {
  checkCanvas(source);
  if (source.isHdr)
    throw new Decline('would-lose-hdr', 'The animation holds high dynamic range; a result would lose it.');
  openAnimation(source);
  const wanted = options.targets.map((target) => formatsFor(target, source, options));
  if (wanted.every((formats) => formats.length === 0)) throw decline('would-lose-animation', source, options);
  const found = await survey(source, transformsOf(options));
  const reel: Reel = { source, options, found, signal };
  const outputs: Output[] = [];
  const misses: Reason[] = [];
  for (const formats of wanted) {
    const best = await bestOf(formats, reel);
    if ('miss' in best) misses.push(best.miss);
    else if (!outputs.some(({ format }) => format === best.output.format)) outputs.push(best.output);
  }
  if (outputs.length === 0)
    throw decline(misses.find((miss) => miss !== 'would-lose-animation') ?? misses[0]!, source, options);
  return outputs;
}

function checkCanvas({ width, height }: Source): void {
  if (width * height > MOST_CANVAS_PIXELS)
    throw new Decline(
      'too-large',
      `The animation is ${width} x ${height}; at most ${MOST_CANVAS_PIXELS} pixels a frame are read.`,
    );
}

/** Those that can move, in the order of trying: what is small as a rule first. A palette of so many colours is for still PNGs only. */
function formatsFor(target: Target, { facts }: Source, { accept, colours }: OptimizeOptions): MovingFormat[] {
  const formats: OutputFormat[] =
    target === 'auto' ? accept : target === 'same' ? [facts.format as OutputFormat] : [target];
  return (['webp', 'gif', 'png'] satisfies MovingFormat[]).filter(
    (format) => formats.includes(format) && (format !== 'png' || colours === undefined),
  );
}

/** What is not exact counts only where no format can hold the frames exactly. */
function bestOf(formats: MovingFormat[], reel: Reel): Promise<Attempt> {
  return attemptOrNextBest(reel.options, isResized(reel), (options) =>
    smallestOf(formats, { ...reel, options }),
  );
}

function isResized({ source, found }: Reel): boolean {
  return hasNewSize(source.facts, found);
}

async function smallestOf(formats: MovingFormat[], reel: Reel): Promise<Attempt> {
  let best: Attempt = { miss: formats.length === 0 ? 'would-lose-animation' : 'unsupported' };
  let budgetBytes = budgetFor(reel.source.facts.bytes, reel.options);
  for (const format of formats) {
    const next = await attempt(format, reel, budgetBytes);
    if ('output' in next) {
      best = next;
      budgetBytes = Math.min(budgetBytes, next.output.data.length);
    } else if ('miss' in best) best = { miss: moreTelling(best.miss, next.miss) };
  }
  return best;
}

/** The later of two misses, unless the earlier says of a format that it could hold the frames. */
function moreTelling(a: Reason, b: Reason): Reason {
  return b === 'unsupported' ? a : b;
}

/** The smallest that passes of the animation recorded anew, and its own file packed again. */
async function attempt(format: MovingFormat, reel: Reel, budgetBytes: number): Promise<Attempt> {
  const judge = createFrameJudge(format);
  let best: Attempt = { miss: 'unsupported' };
  let room = budgetBytes;
  for (const way of waysOf(format, reel)) {
    const recorded = await recordIn(format, reel, way, room, judge);
    const next = 'miss' in recorded ? recorded : await check(format, recorded, reel, judge, room);
    if ('output' in next) best = next;
    else if ('miss' in best) best = { miss: moreTelling(best.miss, next.miss) };
    if ('output' in next) room = Math.min(room, next.output.data.length);
  }
  if (format === 'gif' && isClearlyBetter(best, reel.source)) return best;
  const packed = await repack(format, reel);
  if (packed && packed.data.length < room) return check(format, packed, reel, judge, room);
  return packed && 'miss' in best ? { miss: moreTelling('no-gain', best.miss) } : best;
}

/** Whether packing a GIF again is idle: its rectangles were tried already where it was recorded exactly, and that paid. */
function isClearlyBetter(best: Attempt, { facts }: Source): boolean {
  return (
    'output' in best &&
    best.output.quality === null &&
    best.output.data.length < facts.bytes * CLEARLY_SMALLER
  );
}

interface Candidate extends Recording {
  encoder: string;
}

async function recordIn(
  format: MovingFormat,
  reel: Reel,
  way: Way,
  budgetBytes: number,
  judge: FrameJudge,
): Promise<Candidate | { miss: Reason }> {
  const { source, options, signal } = reel;
  const isExact = way === 'exact';
  if (isExact && !mayBeExact(format, reel)) return { miss: 'unsupported' };
  const recorder = await recorderFor(format, reel, way);
  const goal = {
    floor: isExact ? null : options.floor,
    quality: isExact ? undefined : options.quality,
    takesAny: options.gate === 'any',
    budgetBytes,
    judge,
    signal,
  };
  const recording = await record(paced(play(source, transformsOf(options)), format), recorder, goal);
  return 'miss' in recording ? recording : { ...recording, encoder: recorder.encoder };
}

/** A PNG that may be lossy holds frames exactly as they are played, whatever the samples of the file are. */
function mayBeExact(format: MovingFormat, { source, options }: Reel): boolean {
  return isPlain(source) || (format === 'png' && options.fidelity !== 'lossless');
}

/** Whether the frames that are played are the very samples of the file. */
function isPlain({ wideGamut, encoding, bitDepth }: Source): boolean {
  return !wideGamut && !encoding && bitDepth === 8;
}

/** Null where that is another format, or something was done to the frames. */
async function repack(format: MovingFormat, { source, options, found }: Reel): Promise<Candidate | null> {
  const { metadata } = options;
  if (format !== source.facts.format || !isUntouched(source, options, found)) return null;
  const embedded = keptMetadata(source, options);
  if (format === 'gif') return { data: repackGif(source, embedded), quality: null, encoder: GIF_ENCODER };
  if (format === 'webp')
    return { data: repackWebp(source, embedded), quality: null, encoder: 'keeneye WebP' };
  const chunks = readChunks(source.bytes);
  const carried = [...colourChunks(chunks, source, metadata), ...metadataChunks(chunks, source, metadata)];
  return { data: await repackPng(source, carried), quality: null, encoder: napiName('oxipng') };
}

/** Samples stay as they are stored, so what says how to show them stays too. */
function keptMetadata(source: Source, { metadata }: OptimizeOptions): Embedded {
  const { icc, exif } = source.embedded;
  const kept = embeddedFor(source, metadata, source.facts);
  return {
    ...kept,
    icc: source.wideGamut ? icc : kept.icc,
    exif: source.orientation === 1 ? kept.exif : exif,
  };
}

/** Plays the very bytes beside the source. @throws Error when they are not what was recorded: an encoder's fault. */
async function check(
  format: MovingFormat,
  { data, quality, encoder }: Candidate,
  { source, options }: Reel,
  judge: FrameJudge,
  budgetBytes: number,
): Promise<Attempt> {
  const pairs = framePairs(source.bytes, data, { limits: source.limits, transforms: transformsOf(options) });
  const { frames, width, height, score, worstTile, visibility, pace } = await judgePairs(pairs, judge);
  // E.g. a GIF of more than 50 frames a second.
  if (pace?.difference) return { miss: 'unsupported' };
  if (quality === null && (score < 100 || worstTile.score < 100))
    throw new Error(`The ${format} that was recorded exactly differs.`);
  if (options.gate !== 'any' && data.length >= budgetBytes) return { miss: 'no-gain' };
  const passes =
    gatedScore({ score, worstTile }) >= options.floor && visibility.jnd <= mostJnd(options.floor);
  if (quality !== null && !passes && options.gate !== 'any') return { miss: 'below-floor' };
  const sha256 = createHash('sha256').update(data).digest('hex');
  return {
    output: {
      format,
      data,
      width,
      height,
      frames,
      sha256,
      encoder,
      quality,
      score,
      worstTile,
      visibility,
      evaluations: judge.evaluations(),
    },
  };
}

function decline(reason: Reason, { facts, pages }: Source, options: OptimizeOptions): Decline {
  const { floor } = nextBest(options, true).at(-1) ?? options;
  const names = MOVING_FORMATS.map((format) => format.toUpperCase()).join(', ');
  const sentences: Partial<Record<Reason, string>> = {
    'would-lose-animation': `The image has ${pages} frames, and none of the formats asked for keeps them; ${names} do.`,
    'no-gain': 'No faithful result is smaller than the source.',
    'already-optimal': 'The source is already as small as it gets.',
    'below-floor': `No result that is smaller than the source reaches the floor of ${floor}.`,
    unsupported: `None of the formats asked for can hold this ${isMovingFormat(facts.format) ? 'animation' : 'image'}.`,
  };
  return new Decline(reason, sentences[reason] ?? 'Nothing can ship.');
}
