/** The ways to record an animation in each format, and who records it so. */
import { screenPalette } from '../codecs/gif/palettes.ts';
import { embeddedFor } from '../codecs/metadata.ts';
import { embeddedChunks } from '../codecs/png/carrier.ts';
import { type OptimizeOptions, transformsOf } from '../contract.ts';
import { describedAsMade } from '../described.ts';
import type { Source } from '../inspect.ts';
import { hasNewSize } from '../next-best.ts';
import { recordGif } from './gif-recorder.ts';
import { type MovingFormat, openAnimation, play } from './play.ts';
import { recordPng } from './png-recorder.ts';
import { createSimplifier } from './png-tolerance.ts';
import type { Recorder } from './recorder.ts';
import { hasFewColours, sharedPalette } from './shared-palette.ts';
import type { Survey } from './survey.ts';
import { recordWebp } from './webp-recorder.ts';

/** What all formats share. */
export interface Reel {
  source: Source;
  options: OptimizeOptions;
  found: Survey;
  signal: AbortSignal | undefined;
}

/**
 * How frames are recorded: as they are, with a tolerance, or (PNG, which has no other tolerance than fewer levels) also in
 * the colours of one palette.
 */
export type Way = 'exact' | 'tolerant' | 'palette';

/** Drawings are often smaller exact than with the noise of a tolerance. */
export function waysOf(format: MovingFormat, { options, found }: Reel): Way[] {
  const { fidelity, gate, quality, effort } = options;
  if (fidelity === 'lossless') return ['exact'];
  const sole = format === 'png' && hasFewColours(found) ? 'palette' : 'tolerant';
  if (gate === 'any') return [sole];
  if (format === 'png')
    return sole === 'palette' || effort === 'fast' ? ['palette', 'exact'] : ['palette', 'tolerant', 'exact'];
  return format === 'gif' && quality === undefined ? ['tolerant', 'exact'] : ['tolerant'];
}

/** What writes a format in one of its ways. */
export async function recorderFor(
  format: MovingFormat,
  { source, options, found }: Reel,
  way: Way,
): Promise<Recorder> {
  const { width, height } = found;
  const shape = { width, height, plays: openAnimation(source).plays };
  // Frames are recorded upright and in sRGB.
  const described = describedAsMade(source, source.facts, found, options);
  const embedded = { ...embeddedFor(described, options.metadata, found), icc: null };
  if (format === 'webp') return recordWebp(shape, embedded, found.changedPixels, options.effort);
  if (format === 'gif')
    return recordGif(shape, screenPalette(found.counts), embedded.xmp, untouchedGif(source, options, found));
  const palette = way === 'palette' ? await sharedPalette(play(source, transformsOf(options)), found) : null;
  const simplifier = way === 'exact' ? null : createSimplifier(shape, palette);
  return recordPng(shape, found, embeddedChunks(embedded), simplifier);
}

/** The source's bytes where its frames are recorded as they are. */
function untouchedGif(source: Source, options: OptimizeOptions, found: Survey): Uint8Array | null {
  return source.facts.format === 'gif' && isUntouched(source, options, found) ? source.bytes : null;
}

/** Whether frames are played as the source has them. */
export function isUntouched({ facts }: Source, { crop, turn }: OptimizeOptions, found: Survey): boolean {
  return !crop && !turn && !hasNewSize(facts, found);
}
