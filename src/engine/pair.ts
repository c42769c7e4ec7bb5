/** Two files made comparable: decoded as a viewer shows them, at one size. What their difference is worth is the metric's to say. */
import { play } from './animation/play.ts';
import { sniff } from './codecs/sniff.ts';
import { type CompareOptions, Decline, type Pixels, type Transforms } from './contract.ts';
import { inspectFrames } from './inspect.ts';
import { flatten } from './transform/flatten.ts';

/** Whether two images have the same size. */
export function sameSize(a: Pixels, b: Pixels): boolean {
  return a.width === b.width && a.height === b.height;
}

export function describeSize({ width, height }: Pixels): string {
  return `${width} x ${height}`;
}

/**
 * The frames of both, in pairs; of still images the one. They hold until the next pair is asked for.
 * @throws Decline when either cannot be decoded, or when they differ in size or number of frames (`unsupported`).
 */
export async function* framePairs(
  reference: Uint8Array,
  candidate: Uint8Array,
  { limits, transforms = {} }: CompareOptions,
): AsyncGenerator<[reference: Pixels, candidate: Pixels]> {
  const before = await decodeAs('reference', () => inspectFrames(reference, limits));
  const after = await decodeAs('candidate', () => inspectFrames(candidate, limits));
  const count = transforms.frames === 'first' ? 1 : before.pages;
  if (count !== after.pages)
    throw new Decline(
      'unsupported',
      `The images differ in their number of frames: ${count} and ${after.pages}.`,
    );
  const candidates = play(after, {});
  try {
    for (const references = play(before, transforms); ; ) {
      const a = await decodeAs('reference', () => references.next());
      const b = await decodeAs('candidate', () => candidates.next());
      if (a.done || b.done) return;
      yield pairUp(laidUnder(candidate, a.value.pixels, transforms), b.value.pixels);
    }
  } finally {
    await candidates.return(undefined);
  }
}

/** A candidate without transparency shows the reference over the background that was asked for. */
function laidUnder(candidate: Uint8Array, frame: Pixels, { background }: Transforms): Pixels {
  const sniffed = sniff(candidate);
  const isOpaque = 'format' in sniffed && sniffed.format === 'jpeg';
  return background && isOpaque ? flatten(frame, background) : frame;
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
