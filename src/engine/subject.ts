/**
 * The subject of one optimization: the source, the pixels that encoders get, and the judge who
 * remembers what it must look like. Made once, shared by all formats that compete.
 */
import type { Embedded } from './codecs/header.ts';
import { embeddedFor } from './codecs/metadata.ts';
import type { OptimizeOptions, Pixels } from './contract.ts';
import { decodeInks, decodeNative, decodeSource } from './decode.ts';
import type { Source } from './inspect.ts';
import { createJudge, type Judge } from './judge.ts';
import { createScout, type Scout } from './scout.ts';
import { transform } from './transform/transform.ts';

export interface Subject {
  source: Source;
  options: OptimizeOptions;
  /** What encoders write: upright, transformed, in the colour space of what `embedded` says. */
  pixels: Pixels;
  embedded: Embedded;
  /** Whether a transform was asked for that the source's own samples do not survive. */
  transformed: boolean;
  judge: Judge;
  scout: Scout;
  signal?: AbortSignal;
}

/** @throws Decline `corrupt` when the source does not decode cleanly, `too-large` when it should be enlarged too far. */
export async function prepare(
  source: Source,
  options: OptimizeOptions,
  signal?: AbortSignal,
): Promise<Subject> {
  const upright = await decodeSource(source);
  const reference = await transform(upright, options, options.limits);
  const keepsInks = source.colour === 'cmyk' && options.cmyk === 'keep';
  const embedded = embeddedFor(source, options.metadata, keepsInks);
  const pixels = keepsInks || embedded.icc ? await nativePixels(source, options, keepsInks) : reference;
  return {
    source,
    options,
    pixels,
    embedded,
    transformed: reference !== upright,
    judge: createJudge(reference, options.limits),
    scout: createScout({ pixels, reference, embedded, limits: options.limits }),
    signal,
  };
}

/** Frees what the metric holds of a subject. */
export function release({ judge, scout }: Subject): void {
  judge.release();
  scout.release();
}

async function nativePixels(source: Source, options: OptimizeOptions, keepsInks: boolean): Promise<Pixels> {
  const native = keepsInks ? await decodeInks(source) : await decodeNative(source);
  return transform(native, options, options.limits);
}
