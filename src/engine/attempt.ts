/**
 * One format's attempt at a subject: the smallest result that passes all gates, or the reason why
 * there is none. Nothing leaves here that was not decoded and judged as the bytes it is.
 */
import { createHash } from 'node:crypto';
import type { Codec, LossyEncoder } from './codecs/codec.ts';
import { CODECS } from './codecs/codecs.ts';
import type { Judgement, Output, OutputFormat, Reason } from './contract.ts';
import { sameSamples } from './exact.ts';
import { flatShare } from './flatness.ts';
import { gatedScore } from './gate.ts';
import { learnedOf } from './learned.ts';
import { medianCurve } from './median-curve.ts';
import { flawless } from './metric/score.ts';
import { isWellCompressed } from './recognize.ts';
import { type Candidate, type Expectation, expect, type SearchTask, search } from './search.ts';
import type { Subject } from './subject.ts';
import { invisible } from './visibility.ts';

/** A result, or why there is none. */
export type Attempt = { output: Output } | { miss: Reason };

/** Bytes that have been judged. */
interface Judged extends Judgement {
  data: Uint8Array;
  encoder: string;
  quality: number | null;
}

/** A lossless result may have this share of the bytes that its sample promises, */
const LEAST_LOSSLESS = 0.6;
/** and a palette this share of those. */
const PALETTE_SHARE = 0.16;
/** Without a sample: a lossy result below this share of its budget is not worth a lossless try beside it, */
const LOSSLESS_WORTH_TRYING = 0.75;
/** unless this share of the image is flat: a screenshot that was packed badly is often smaller lossless than lossy. */
const FLAT = 0.4;
/** What should take this many times its budget is not tried: expectations of bytes are far closer than that. */
const HOPELESS = 1.2;
/** An encoder is tried beside a result when it should take less than this share of its bytes. */
const CLEARLY_SMALLER = 0.97;
/** Without a sample: up to this quality an encoder's variants are larger at equal looks (JPEG 4:2:0 against 4:4:4, by measurement). */
const VARIANTS_WORTH_TRYING = 92;

/** @param budgetBytes a result must have fewer bytes than this. */
export async function attempt(format: OutputFormat, subject: Subject, budgetBytes: number): Promise<Attempt> {
  const before = subject.judge.evaluations();
  const codec = CODECS[format];
  const found = await strategy(subject)(codec, subject, budgetBytes);
  if (!('data' in found)) return found;
  return { output: await toOutput(format, subject, found, subject.judge.evaluations() - before) };
}

type Strategy = (codec: Codec, subject: Subject, budgetBytes: number) => Promise<Judged | { miss: Reason }>;

function strategy({ options }: Subject): Strategy {
  if (options.quality !== undefined) return atFixedQuality;
  if (options.fidelity === 'lossless') return losslessly;
  return options.gate === 'any' ? asGoodAsCanBe : smallestFaithful;
}

/** The caller chose the quality, and may take what comes. */
async function atFixedQuality(
  { lossy, encoder }: Codec,
  { pixels, embedded, judge, options }: Subject,
  budgetBytes: number,
): Promise<Judged | { miss: Reason }> {
  const quality = Math.min(lossy.qualities.max, Math.max(lossy.qualities.min, options.quality!));
  const data = await lossy.encode(pixels, quality, 'final', embedded);
  const judgement = await judge.judge(data);
  if (options.gate !== 'any') {
    if (gatedScore(judgement) < options.floor) return { miss: 'below-floor' };
    if (data.length >= budgetBytes) return { miss: 'no-gain' };
  }
  return { data, encoder: `${encoder} ${lossy.variant}`, quality, ...judgement };
}

async function losslessly(
  codec: Codec,
  subject: Subject,
  budgetBytes: number,
): Promise<Judged | { miss: Reason }> {
  const exact = await encodeExactly(codec, subject);
  if (!exact) return { miss: 'unsupported' };
  return exact.data.length < budgetBytes ? exact : { miss: 'already-optimal' };
}

/** The caller wants a result even where none passes: the smallest that does, else the best looking. */
async function asGoodAsCanBe(codec: Codec, subject: Subject): Promise<Judged> {
  const result = await search(searchTask(codec.format, codec.lossy, subject, Number.POSITIVE_INFINITY));
  return finish(codec, codec.lossy, subject, result.best ?? result.runnerUp!);
}

async function smallestFaithful(
  codec: Codec,
  subject: Subject,
  budgetBytes: number,
): Promise<Judged | { miss: Reason }> {
  const palette = codec.format === 'png' ? await subject.scout.losslessBytes() : null;
  if (palette !== null && palette * PALETTE_SHARE > budgetBytes) return { miss: 'no-gain' };
  const lossy = isWellCompressed(subject, codec.format)
    ? ({ miss: 'already-optimal' } as const)
    : await smallestLossy(codec, subject, budgetBytes);
  const budgetLeft = 'data' in lossy ? lossy.data.length : budgetBytes;
  if (!(await mayFitLossless(codec, subject, budgetLeft, budgetBytes))) return lossy;
  const exact = await encodeExactly(codec, subject);
  return exact && exact.data.length < budgetLeft ? exact : lossy;
}

/** Whether a lossless result may be smaller than what is there. */
async function mayFitLossless(
  { format }: Codec,
  { source, pixels, scout }: Subject,
  budgetLeft: number,
  budgetBytes: number,
): Promise<boolean> {
  // What a JPEG keeps are coefficients, of which a sample of the pixels says nothing.
  const bytes = format === 'jpeg' ? null : await scout.losslessBytes();
  if (bytes !== null) return bytes * LEAST_LOSSLESS < budgetLeft;
  if (format === 'jpeg' && source.facts.format !== 'jpeg') return false;
  return budgetLeft >= budgetBytes * LOSSLESS_WORTH_TRYING || flatShare(pixels) >= FLAT;
}

async function smallestLossy(
  codec: Codec,
  subject: Subject,
  budgetBytes: number,
): Promise<Judged | { miss: Reason }> {
  let best: Judged | null = null;
  let overBudget = false;
  for (const { encoder, expectation } of await promising(codec, subject)) {
    if (best && !mayBeat(best, expectation)) break;
    if (isHopeless(expectation, budgetBytes)) {
      overBudget = true;
      continue;
    }
    const task = searchTask(codec.format, encoder, subject, best?.data.length ?? budgetBytes);
    const result = await search(task);
    overBudget ||= result.overBudget || result.best !== null;
    if (result.best && result.best.data.length < (best?.data.length ?? budgetBytes)) {
      best = await finish(codec, encoder, subject, result.best);
    }
  }
  return best ?? { miss: overBudget ? 'no-gain' : 'below-floor' };
}

interface Prospect {
  encoder: LossyEncoder;
  /** Null where nothing can be known without encoding the whole image. */
  expectation: Expectation | null;
}

/** A codec's encoders, the one that should give the fewest bytes first. */
async function promising(codec: Codec, subject: Subject): Promise<Prospect[]> {
  const prospects: Prospect[] = [];
  for (const encoder of [codec.lossy, ...codec.variants]) {
    const task = searchTask(codec.format, encoder, subject, Number.POSITIVE_INFINITY);
    prospects.push({ encoder, expectation: await expect(task) });
  }
  return prospects.sort((a, b) => (a.expectation?.bytes ?? 0) - (b.expectation?.bytes ?? 0));
}

/** What should not reach the floor at all is tried all the same: only an encode can say so for certain. */
function isHopeless(expectation: Expectation | null, budgetBytes: number): boolean {
  return (
    expectation !== null && expectation.bytes > budgetBytes * HOPELESS && Number.isFinite(expectation.bytes)
  );
}

/** Whether an encoder is worth trying beside a result, which may have become larger than was expected of it. */
function mayBeat({ quality, data }: Judged, expectation: Expectation | null): boolean {
  if (expectation) return expectation.bytes < data.length * CLEARLY_SMALLER;
  return (quality ?? 0) > VARIANTS_WORTH_TRYING;
}

function searchTask(
  format: OutputFormat,
  encoder: LossyEncoder,
  { pixels, embedded, judge, scout, options, signal }: Subject,
  budgetBytes: number,
): SearchTask {
  const { curve, spreads } = learnedOf(format, encoder.variant);
  return {
    encode: (quality) => encoder.encode(pixels, quality, 'search', embedded),
    judge: judge.judge,
    glimpse: scout.glimpse(format, encoder),
    glimpsesCheaply: encoder.hurries,
    closeUp: (tile) => scout.closeUp(format, encoder, tile),
    curve: medianCurve(curve),
    spreads,
    levels: levelsOf(encoder),
    start: encoder.start,
    floor: options.floor,
    budgetBytes,
    signal,
  };
}

function levelsOf({ qualities: { min, max }, repeats }: LossyEncoder): number[] {
  const all = Array.from({ length: max - min + 1 }, (_, at) => min + at);
  return all.filter((quality) => !repeats?.has(quality));
}

/** Packs the winner as tightly as the encoder can, and judges those bytes too; the winner's own bytes are the fallback. */
async function finish(
  codec: Codec,
  encoder: LossyEncoder,
  subject: Subject,
  winner: Candidate,
): Promise<Judged> {
  const { pixels, embedded, judge, options } = subject;
  const facts = { encoder: `${codec.encoder} ${encoder.variant}`, quality: winner.quality };
  if (!encoder.packs) return { ...winner, ...facts };
  const data = await encoder.encode(pixels, winner.quality, 'final', embedded);
  const judgement = await judge.judge(data);
  const holds = gatedScore(judgement) >= Math.min(options.floor, gatedScore(winner));
  if (holds && data.length <= winner.data.length) return { data, ...facts, ...judgement };
  return { ...winner, ...facts };
}

/** Null where the format cannot keep this image exactly. */
async function encodeExactly(codec: Codec, subject: Subject): Promise<Judged | null> {
  const { source, pixels, resized, judge, options } = subject;
  const data = (await codec.lossless?.(source, resized ? pixels : null, options.metadata)) ?? null;
  if (!data) return null;
  if (!(await judge.sees(data)) || !(resized || (await sameSamples(source, data)))) return null;
  const encoder = codec.losslessEncoder ?? codec.encoder;
  return { data, encoder, quality: null, ...flawless(pixels.width, pixels.height) };
}

async function toOutput(
  format: OutputFormat,
  { pixels: { width, height }, judge }: Subject,
  judged: Judged,
  evaluations: number,
): Promise<Output> {
  const { data, quality, score } = judged;
  const visibility = quality === null ? invisible(width, height) : await judge.visibility(data, score);
  const sha256 = createHash('sha256').update(data).digest('hex');
  return { format, width, height, sha256, evaluations, visibility, ...judged };
}
