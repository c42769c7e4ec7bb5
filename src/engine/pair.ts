/** Two files made comparable: decoded as a viewer shows them, at one size. What their difference is worth is the metric's to say. */
import { sniff } from './codecs/sniff.ts';
import { type CompareOptions, Decline, type Limits, type Pixels, type Transforms } from './contract.ts';
import { decode, decodeFrames, decodeSource } from './decode.ts';
import { inspectFrames, type Source } from './inspect.ts';
import { type Size, sameShape, sizeFor } from './svg/size.ts';
import { looksLikeSvg } from './svg/text.ts';
import { flatten } from './transform/flatten.ts';
import { settle } from './transform/settle.ts';
import { transform } from './transform/transform.ts';
import { trimmedTo } from './turned.ts';

/** Whether two images have the same size. */
export function sameSize(a: Pixels, b: Pixels): boolean {
  return a.width === b.width && a.height === b.height;
}

export function describeSize({ width, height }: Pixels): string {
  return `${width} x ${height}`;
}

/**
 * Where the candidate is a JPEG that was turned without loss and has lost an edge by it, of the reference too only the
 * rest counts.
 * @throws Decline when either cannot be decoded, or when their sizes differ (`unsupported`).
 */
export async function decodePair(
  reference: Uint8Array,
  candidate: Uint8Array,
  options: CompareOptions,
): Promise<[reference: Pixels, candidate: Pixels]> {
  const { limits, transforms = {} } = options;
  if (looksLikeSvg(reference) || looksLikeSvg(candidate)) return decodeDrawn(reference, candidate, options);
  const upright = await decodeAs('reference', () => decode(reference, limits, transforms.frames));
  const a = laidUnder(candidate, await transform(upright, transforms, limits), transforms);
  const b = await decodeAs('candidate', () => decode(candidate, limits));
  return pairUp(await trimmedLike(b, a, reference, options), b);
}

/**
 * The frames of both, in pairs; of still images the one, as `decodePair` has it.
 * @throws Decline when either cannot be decoded, or when they differ in size or number of frames (`unsupported`).
 */
export async function decodeFramePairs(
  reference: Uint8Array,
  candidate: Uint8Array,
  options: CompareOptions,
): Promise<[reference: Pixels, candidate: Pixels][]> {
  const { limits, transforms = {} } = options;
  if (looksLikeSvg(reference) || looksLikeSvg(candidate)) {
    return [await decodeDrawn(reference, candidate, options)];
  }
  const upright = await decodeAs('reference', () =>
    transforms.frames === 'first' ? firstFrame(reference, limits) : decodeFrames(reference, limits),
  );
  const settled = await settle(upright[0]!, transforms, limits);
  const transformed = await Promise.all(upright.map((frame) => transform(frame, settled, limits)));
  const a = transformed.map((frame) => laidUnder(candidate, frame, transforms));
  const b = await decodeAs('candidate', () => decodeFrames(candidate, limits));
  if (a.length !== b.length)
    throw new Decline(
      'unsupported',
      `The images differ in their number of frames: ${a.length} and ${b.length}.`,
    );
  const pairs = a.map(async (frame, at) =>
    pairUp(await trimmedLike(b[at]!, frame, reference, options), b[at]!),
  );
  return Promise.all(pairs);
}

/** What is left of a reference where the candidate has the very size that a turn without loss leaves of it. */
async function trimmedLike(
  candidate: Pixels,
  reference: Pixels,
  bytes: Uint8Array,
  { limits, transforms = {} }: CompareOptions,
): Promise<Pixels> {
  if (sameSize(reference, candidate)) return reference;
  const trimmed = trimmedTo(reference, await inspectFrames(bytes, limits), transforms);
  return trimmed && sameSize(trimmed, candidate) ? trimmed : reference;
}

/** A candidate without transparency shows the reference over the background that was asked for. */
function laidUnder(candidate: Uint8Array, frame: Pixels, { background }: Transforms): Pixels {
  const sniffed = sniff(candidate);
  const isOpaque = 'format' in sniffed && sniffed.format === 'jpeg';
  return background && isOpaque ? flatten(frame, background) : frame;
}

async function firstFrame(bytes: Uint8Array, limits: Limits): Promise<Pixels[]> {
  return [await decode(bytes, limits, 'first')];
}

/** Where either is a drawing: it is drawn in the size of the other, if that has its shape; a reference for its transforms. */
async function decodeDrawn(
  reference: Uint8Array,
  candidate: Uint8Array,
  { limits, transforms = {} }: CompareOptions,
): Promise<[reference: Pixels, candidate: Pixels]> {
  const a = await decodeAs('reference', () => inspectFrames(reference, limits));
  const b = await decodeAs('candidate', () => inspectFrames(candidate, limits));
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
