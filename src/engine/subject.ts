/**
 * The subject of one optimization: the source, the pixels that encoders get, and the judge who
 * remembers what it must look like. Made once, shared by all formats that compete.
 */
import { carry } from './carry.ts';
import { CODECS } from './codecs/codecs.ts';
import type { Embedded } from './codecs/header.ts';
import { embeddedFor } from './codecs/metadata.ts';
import type { OptimizeOptions, PixelFormat, Pixels } from './contract.ts';
import { decodeInks, decodeNative, decodeSource } from './decode.ts';
import { describedAsMade } from './described.ts';
import type { Source } from './inspect.ts';
import { createJudge, type Judge } from './judge.ts';
import { type Presentation, seenThrough } from './presentation.ts';
import { createScout, type Scout } from './scout.ts';
import { flatten } from './transform/flatten.ts';
import { settle } from './transform/settle.ts';
import { transform } from './transform/transform.ts';

export interface Subject {
  source: Source;
  options: OptimizeOptions;
  /** What results must look like: upright sRGB, transformed. */
  reference: Pixels;
  /** What encoders write: upright, transformed, in the colour space of what `embedded` says. */
  pixels: Pixels;
  embedded: Embedded;
  /** Whether something was asked for that the source's own samples do not survive. */
  transformed: boolean;
  judge: Judge;
  scout: Scout;
  /** The same over the background that was asked for; null where nothing is transparent, or no background known. */
  flat: Subject | null;
  signal?: AbortSignal;
}

/** @throws Decline `corrupt` when the source does not decode cleanly, `too-large` when it should be enlarged too far. */
export async function prepare(
  inspected: Source,
  options: OptimizeOptions,
  signal?: AbortSignal,
): Promise<Subject> {
  const carried = await carry(inspected);
  const upright = await decodeSource(carried, 16);
  const transforms = await settle(upright, options, options.limits);
  const opaque = await transform(upright, transforms, options.limits);
  const source = describedAsMade(carried, upright, opaque, options);
  const keepsInks = source.colour === 'cmyk' && options.cmyk === 'keep';
  const embedded = embeddedFor(source, options.metadata, opaque, keepsInks);
  const pixels =
    keepsInks || embedded.icc
      ? await transform(await decodeAsStored(source, keepsInks), transforms, options.limits)
      : opaque;
  const transformed = opaque !== upright || isOneOfMany(source);
  const { alpha } = source.presentation ?? {};
  const reference = alpha ? seenThrough(alpha, opaque) : opaque;
  const subject = {
    source,
    options,
    transformed,
    signal,
    ...lookAt({ pixels, reference, embedded }, options, source.presentation),
  };
  const { background } = options;
  const isOver = background !== undefined && reference.channels === 4;
  return { ...subject, flat: isOver ? flatSubject(subject, reference, background) : null };
}

/** Over a colour, which is named in sRGB: no other profile goes along. */
function flatSubject(subject: Omit<Subject, 'flat'>, reference: Pixels, background: string): Subject {
  const pixels = flatten(reference, background);
  const scene = { pixels, reference: pixels, embedded: { ...subject.embedded, icc: null } };
  return { ...subject, ...lookAt(scene, subject.options), transformed: true, flat: null };
}

interface Scene {
  pixels: Pixels;
  /** What a result must look like, in sRGB. */
  reference: Pixels;
  embedded: Embedded;
}

function lookAt(scene: Scene, { limits }: OptimizeOptions, presentation?: Presentation) {
  const { pixels, reference, embedded } = scene;
  return {
    reference,
    pixels,
    embedded,
    judge: createJudge(reference, limits, presentation),
    scout: createScout({ ...scene, limits, presentation }),
  };
}

/** The subject as a format shows it: without transparency where it knows none. */
export function asShownBy(format: PixelFormat, subject: Subject): Subject {
  return CODECS[format].alpha ? subject : (subject.flat ?? subject);
}

/** The first frame of an animation is not what the file is; a TIFF is never written back anyway, and so keeps its depth. */
function isOneOfMany({ pages, facts }: Source): boolean {
  return pages > 1 && facts.format !== 'tiff';
}

/** Frees what the metric holds of a subject. */
export function release({ judge, scout, flat }: Subject): void {
  judge.release();
  scout.release();
  if (flat) release(flat);
}

function decodeAsStored(source: Source, keepsInks: boolean): Promise<Pixels> {
  return keepsInks ? decodeInks(source) : decodeNative(source, 16);
}
