/**
 * One format's attempt at a subject: the smallest result that passes all gates, or the reason why
 * there is none. Nothing leaves here that was not decoded and judged as the bytes it is.
 */
import { createHash } from 'node:crypto';
import { gainMapsFor, mustStayAsStored, withGainMaps } from './brightness.ts';
import { type Codec, encodersOf, losslessNameOf } from './codecs/codec.ts';
import { CODECS } from './codecs/codecs.ts';
import { jpegOfInks } from './codecs/jpeg/jpeg.ts';
import type { InputFormat, Judgement, OptimizeOptions, Output, PixelFormat, Reason } from './contract.ts';
import { sameSamples } from './exact.ts';
import { flatShare } from './flatness.ts';
import { gatedScore, mostJnd } from './gate.ts';
import type { Judge } from './judge.ts';
import { bestLossy, type Judged, nameOf, smallestLossy } from './lossy.ts';
import { flawless } from './metric/score.ts';
import { isWellCompressed } from './recognize.ts';
import type { Subject } from './subject.ts';
import { encodeTurned, turningFor } from './turned.ts';
import { invisible } from './visibility.ts';

/** A result, or why there is none. */
export type Attempt = { output: Output } | { miss: Reason };

/** Who loses nothing may take so many times the bytes of who does. */
const PRICE_OF_EXACTNESS = 1.01;
/** A lossless result may have this share of the bytes that its sample promises, */
const LEAST_LOSSLESS = 0.6;
/** and a palette this share of those. */
const PALETTE_SHARE = 0.16;
/** An image of so few pixels is always tried without loss: that costs next to nothing. */
const SMALL_PIXELS = 160_000;
/** What keeps its lossy coding hardly shrinks: beside a lossy result below this share of the budget it is not worth trying, */
const LOSSLESS_WORTH_TRYING = 0.75;
/** unless this share of the image is flat: a screenshot that was packed badly is often smaller lossless than lossy. */
const FLAT = 0.4;
/** Formats that pack pixels well: a source that is no drawing never shrinks to this share of its bytes without loss, */
const PACKED: InputFormat[] = ['png', 'webp', 'gif'];
const LEAST_REPACKED = 0.3;
/** a drawing being what has this share of flat pixels. */
const DRAWING = 0.13;

/** @param budgetBytes a result must have fewer bytes than this. */
export async function attempt(format: PixelFormat, subject: Subject, budgetBytes: number): Promise<Attempt> {
  const before = subject.judge.evaluations();
  const codec = subject.pixels.inks ? jpegOfInks : CODECS[format];
  const maps = subject.source.hasGainMap ? await gainMapsFor(codec, subject) : null;
  if (subject.source.hasGainMap && !maps) return { miss: 'would-lose-hdr' };
  const bare = await strategy(codec, subject)(codec, subject, budgetBytes - (maps?.bytes ?? 0));
  if (!('data' in bare)) return bare;
  const found = maps ? await withGainMaps(bare, maps, subject) : bare;
  if (found.data.length >= budgetBytes) return { miss: 'no-gain' };
  return { output: await toOutput(format, subject, found, subject.judge.evaluations() - before) };
}

type Strategy = (codec: Codec, subject: Subject, budgetBytes: number) => Promise<Judged | { miss: Reason }>;

function strategy(codec: Codec, subject: Subject): Strategy {
  const { source, options } = subject;
  if (options.colours !== undefined && codec.palette) return inPalette;
  // Encoders and judge see it as an SDR screen would show it.
  if (source.isHdr) return losslessly;
  if (mustStayAsStored(subject)) return losslessly;
  if (options.quality !== undefined) return atFixedQuality;
  if (options.fidelity === 'lossless') return losslessly;
  return options.gate === 'any' ? bestLossy : smallestFaithful;
}

/** The caller chose the quality, and may take what comes. */
async function atFixedQuality(
  codec: Codec,
  { pixels, embedded, judge, options }: Subject,
  budgetBytes: number,
): Promise<Judged | { miss: Reason }> {
  const lossy = encodersOf(codec, options)[0]!;
  const quality = Math.min(lossy.qualities.max, Math.max(lossy.qualities.min, options.quality!));
  const data = await lossy.encode(pixels, quality, 'final', embedded);
  const judgement = await judge.judge(data);
  const miss = await missOf({ data, ...judgement }, judge, options, budgetBytes);
  return miss ? { miss } : { data, encoder: nameOf(codec, lossy), quality, ...judgement };
}

/** The same for the number of colours, in sRGB: whoever asks for a palette does not ask for a profile. */
async function inPalette(
  codec: Codec,
  { reference, embedded, judge, options }: Subject,
  budgetBytes: number,
): Promise<Judged | { miss: Reason }> {
  const quality = options.colours!;
  const data = await codec.palette!(reference, quality, { ...embedded, icc: null });
  const judgement = await judge.judge(data);
  const miss = await missOf({ data, ...judgement }, judge, options, budgetBytes);
  return miss ? { miss } : { data, encoder: `${codec.encoder} palette`, quality, ...judgement };
}

/** Why a result that was not searched for must not ship; null where it may. */
async function missOf(
  { data, ...judgement }: Judgement & { data: Uint8Array },
  judge: Judge,
  { gate, floor }: OptimizeOptions,
  budgetBytes: number,
): Promise<Reason | null> {
  if (gate === 'any') return null;
  const { jnd } = await judge.visibility(data, judgement.score);
  if (gatedScore(judgement) < floor || jnd > mostJnd(floor)) return 'below-floor';
  return data.length >= budgetBytes ? 'no-gain' : null;
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
  return exact && exact.data.length < Math.min(budgetBytes, budgetLeft * PRICE_OF_EXACTNESS) ? exact : lossy;
}

/** Whether a lossless result may be smaller than what is there. */
async function mayFitLossless(
  { format, lossless }: Codec,
  { source, pixels, scout }: Subject,
  budgetLeft: number,
  budgetBytes: number,
): Promise<boolean> {
  // What keeps its own lossy coding keeps no pixels, and a sample of them says nothing of its size.
  const keepsCoding = source.facts.format === format && !source.isLossless;
  if (!lossless || (format === 'jpeg' && !keepsCoding)) return false;
  if (pixels.width * pixels.height <= SMALL_PIXELS) return true;
  if (keepsCoding && budgetLeft >= budgetBytes * LOSSLESS_WORTH_TRYING) return true;
  const flat = flatShare(pixels);
  if (flat >= FLAT) return true;
  if (keepsCoding) return false;
  const isPacked = source.isLossless && PACKED.includes(source.facts.format);
  if (isPacked && flat < DRAWING && budgetLeft < source.bytes.length * LEAST_REPACKED) return false;
  const bytes = await scout.losslessBytes();
  return bytes === null || bytes * LEAST_LOSSLESS < budgetLeft;
}

/** Null where the format cannot keep this image exactly. */
async function encodeExactly(codec: Codec, subject: Subject): Promise<Judged | null> {
  const { source, pixels, transformed, judge, options } = subject;
  if (becomesRgb(subject)) return null;
  const turning = codec.turn && codec.format === source.facts.format && turningFor(source, options);
  if (turning) return encodeTurned(codec, turning, subject);
  const { metadata, effort } = options;
  const data = (await codec.lossless?.(source, transformed ? pixels : null, metadata, effort)) ?? null;
  if (!data) return null;
  if (!(await judge.sees(data)) || !(transformed || (await sameSamples(source, data)))) return null;
  const encoder = losslessNameOf(codec, effort);
  return { data, encoder, quality: null, ...flawless(pixels.width, pixels.height) };
}

/** A JPEG's inks stay in its coefficients: whoever wants RGB for screens gets it from pixels, unless nothing may be lost. */
function becomesRgb({ source, options }: Subject): boolean {
  return source.colour === 'cmyk' && options.cmyk === 'convert' && options.fidelity !== 'lossless';
}

async function toOutput(
  format: PixelFormat,
  { pixels: { width, height }, judge }: Subject,
  judged: Judged,
  evaluations: number,
): Promise<Output> {
  const { data, quality, score } = judged;
  const visibility =
    judged.visibility ?? (quality === null ? invisible(width, height) : await judge.visibility(data, score));
  const sha256 = createHash('sha256').update(data).digest('hex');
  return { format, width, height, frames: 1, sha256, evaluations, ...judged, visibility };
}
