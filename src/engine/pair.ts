/** Two files made comparable: decoded as a viewer shows them, at one size. What their difference is worth is the metric's to say. */
import { type PaceWatch, secondsOf, watchPace, withoutRepeats } from './animation/pace.ts';
import { isMovingFormat, openAnimation, play, type Shown } from './animation/play.ts';
import type { Pace } from './codecs/animation.ts';
import { showsSameLight } from './codecs/png/transcode.ts';
import { sniff } from './codecs/sniff.ts';
import { type CompareOptions, Decline, type Pixels, type Transforms } from './contract.ts';
import { decodeSource } from './decode.ts';
import { sameSamples } from './exact.ts';
import { inspectFrames, type Source } from './inspect.ts';
import { type Size, sameShape, sizeFor } from './svg/size.ts';
import { looksLikeSvg } from './svg/text.ts';
import { flatten } from './transform/flatten.ts';
import { settle } from './transform/settle.ts';
import { transform } from './transform/transform.ts';
import { trimmedTo } from './turned.ts';

/** Whether two images have the same size. */
export function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

export function describeSize({ width, height }: Pixels): string {
  return `${width} x ${height}`;
}

/** Two images that ought to look the same. They hold until the next are asked for. */
export type Pair = [reference: Pixels, candidate: Pixels];

/**
 * The frames of both, in pairs; of still images the one. Where two animations have not as many, frames that repeat the one
 * before them count as one with it. Where the candidate is a JPEG that was turned without loss and has lost an edge by it,
 * of the reference too only the rest counts.
 * @returns how the candidate moves; null where it does not.
 * @throws Decline when either cannot be decoded, when they differ in size or number of frames (`unsupported`), or in more
 *   light than an SDR screen shows (`would-lose-hdr`).
 */
export async function* framePairs(
  reference: Uint8Array,
  candidate: Uint8Array,
  options: CompareOptions,
): AsyncGenerator<Pair, Pace | null> {
  if (looksLikeSvg(reference) || looksLikeSvg(candidate)) {
    yield await decodeDrawn(reference, candidate, options);
    return null;
  }
  const { limits, transforms = {} } = options;
  const before = await decodeAs('reference', () => inspectFrames(reference, limits));
  const after = await decodeAs('candidate', () => inspectFrames(candidate, limits));
  await checkLight(before, after);
  const counts = [transforms.frames === 'first' ? 1 : before.pages, after.pages] as const;
  const areUneven = counts[0] !== counts[1];
  if (areUneven && !(canRepeat(before) && canRepeat(after))) throw differentCounts(counts);
  const shownOf = areUneven ? withoutRepeats : (frames: AsyncGenerator<Shown>) => frames;
  const watch = watchBoth(before, after, counts);
  const references = shownOf(play(before, transforms, 16));
  let candidates: AsyncGenerator<Shown> | null = null;
  try {
    for (;;) {
      const a = await decodeAs('reference', () => references.next());
      // As `createJudge` sees it: as deep as it is, if the reference is deep.
      candidates ??= shownOf(play(after, {}, a.value?.pixels.deep ? 16 : 8));
      const b = await decodeAs('candidate', () => candidates!.next());
      if (a.done && b.done) return watch?.pace() ?? null;
      if (a.done || b.done) throw differentCounts(counts);
      watch?.shows(secondsOf(a.value.delay), secondsOf(b.value.delay));
      const shown = laidUnder(candidate, a.value.pixels, transforms);
      yield pairUp(trimmedLike(b.value.pixels, shown, before, transforms), b.value.pixels);
    }
  } finally {
    await references.return(undefined);
    await candidates?.return(undefined);
  }
}

function canRepeat({ facts, pages }: Source): boolean {
  return pages === 1 || isMovingFormat(facts.format);
}

function differentCounts([before, after]: readonly [number, number]): Decline {
  return new Decline('unsupported', `The images differ in their number of frames: ${before} and ${after}.`);
}

/** @returns null where either is a still image. */
function watchBoth(before: Source, after: Source, counts: readonly [number, number]): PaceWatch | null {
  const { format } = after.facts;
  if (Math.min(...counts) === 1 || !isMovingFormat(format)) return null;
  return watchPace(format, {
    reference: openAnimation(before).plays,
    candidate: openAnimation(after).plays,
  });
}

/** Pixels are decoded as an SDR screen shows them: where there is more light, all that can be told is that nothing changed. */
async function checkLight(before: Source, after: Source): Promise<void> {
  if (!before.isHdr && !after.isHdr) return;
  const isSame =
    before.pages === 1 &&
    after.pages === 1 &&
    sameSize(before.facts, after.facts) &&
    showsSameLight(before, after) &&
    (await sameSamples(before, after.bytes));
  if (isSame) return;
  const which = before.isHdr
    ? after.isHdr
      ? 'Both images hold'
      : 'The reference holds'
    : 'The candidate holds';
  throw new Decline(
    'would-lose-hdr',
    `${which} high dynamic range, and the two are not the same; scores are of what an SDR screen shows.`,
  );
}

/** What is left of a reference where the candidate has the very size that a turn without loss leaves of it. */
function trimmedLike(candidate: Pixels, reference: Pixels, source: Source, transforms: Transforms): Pixels {
  if (sameSize(reference, candidate)) return reference;
  const trimmed = trimmedTo(reference, source, transforms);
  return trimmed && sameSize(trimmed, candidate) ? trimmed : reference;
}

/** A candidate without transparency shows the reference over the background that was asked for. */
function laidUnder(candidate: Uint8Array, frame: Pixels, { background }: Transforms): Pixels {
  const sniffed = sniff(candidate);
  const isOpaque = 'format' in sniffed && sniffed.format === 'jpeg';
  return background && isOpaque ? flatten(frame, background) : frame;
}

/** Where either is a drawing: it is drawn in the size of the other, if that has its shape; a reference for its transforms. */
async function decodeDrawn(
  reference: Uint8Array,
  candidate: Uint8Array,
  { limits, transforms = {} }: CompareOptions,
): Promise<[reference: Pixels, candidate: Pixels]> {
  const a = await decodeAs('reference', () => inspectFrames(reference, limits));
  const b = await decodeAs('candidate', () => inspectFrames(candidate, limits));
  await checkLight(a, b);
  const { crop, resize, turn } = transforms;
  const isAsItIs = !(crop || turn || resize) && sameShape(a, b);
  const size =
    a.drawing && isAsItIs && !b.drawing ? b.facts : a.drawing && sizeFor(a.drawing.viewport, transforms);
  const drawn = await decodeAs('reference', () => decodeAt(a, size ?? a.facts));
  const settled = await settle(drawn, transforms, limits);
  const shown =
    a.drawing && b.drawing
      ? drawn
      : laidUnder(candidate, await transform(drawn, settled, limits), transforms);
  const fits = b.drawing && sameShape(b, shown);
  return pairUp(shown, await decodeAs('candidate', () => decodeAt(b, fits ? shown : b.facts)));
}

function decodeAt(source: Source, { width, height }: Size): Promise<Pixels> {
  if (!source.drawing) return decodeSource(source);
  return decodeSource({ ...source, width, height });
}

function pairUp(a: Pixels, b: Pixels): [reference: Pixels, candidate: Pixels] {
  if (sameSize(a, b)) return [a, b];
  const sizes = `${describeSize(a)} and ${describeSize(b)}`;
  throw new Decline('unsupported', `The images differ in size: ${sizes}.`);
}

async function decodeAs<Decoded>(role: string, decodeIt: () => Promise<Decoded>): Promise<Decoded> {
  try {
    return await decodeIt();
  } catch (error) {
    throw error instanceof Decline ? new Decline(error.reason, `The ${role}: ${error.message}`) : error;
  }
}
