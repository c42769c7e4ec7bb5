/**
 * The judge: what ships is what was looked at. It decodes the very bytes that would be sent, full
 * size, and compares them with the reference by the eye. Sample-exact checks are in `exact.ts`.
 */
import { createHash } from 'node:crypto';
import { createFrameJudge, judgePairs } from './animation/frame-judge.ts';
import { formatOfFile } from './codecs/sniff.ts';
import type { CompareOptions, Comparison, Judgement, Limits, Pixels, Visibility } from './contract.ts';
import { decode } from './decode.ts';
import { samePixels } from './depth.ts';
import { prepareReference, type Reference, type Survey } from './metric/ssimulacra2.ts';
import { describeSize, framePairs, sameSize } from './pair.ts';
import { arePdfs, comparePdfs } from './pdf/compare.ts';
import { alphaOf, asFile, type Presentation, seenThrough } from './presentation.ts';
import { readDrawing } from './svg/drawing.ts';
import { compareDrawings } from './svg/judge.ts';
import { looksLikeSvg } from './svg/text.ts';
import { measureVisibility } from './visibility.ts';

export interface Judge {
  /**
   * Decodes an encoder's output and scores it; pixels that it has seen before are not measured again.
   * @throws Error when the bytes do not decode to the reference's size: an encoder's fault, never the caller's.
   */
  judge(data: Uint8Array): Promise<Judgement>;
  /** Where an encoder's output looks worse than elsewhere; a look, no judgement. Throws as `judge` does. */
  survey(data: Uint8Array): Promise<Survey>;
  /** Whether an encoder's output shows the very pixels of the reference. */
  sees(data: Uint8Array): Promise<boolean>;
  /** How visible the difference of an encoder's output is, given its score. */
  visibility(data: Uint8Array, score: number): Promise<Visibility>;
  /** How often the metric has been run so far. */
  evaluations(): number;
  /** Frees the reference's side of the metric. */
  release(): void;
}

/**
 * The reference's side of the metric is computed at the first judgement: lossless work needs none.
 * @param reference what the result should look like: upright sRGB, already resized. Where it is deep, results are
 *   seen as deep as they are, and else in 8 bits.
 * @param presentation of the whole image, of which the reference may be a part.
 */
export function createJudge(reference: Pixels, limits: Limits, presentation: Presentation = {}): Judge {
  let prepared: Reference | null = null;
  const seen = new Map<string, Judgement>();
  let measured: { data: Uint8Array; visibility: Visibility } | null = null;
  let latest: { data: Uint8Array; pixels: Pixels } | null = null;
  const depth = reference.deep ? 16 : 8;
  const show = async (data: Uint8Array) => {
    if (latest?.data !== data) {
      const file = presentation.plainInks ? await asFile(data, limits) : data;
      const pixels = await decode(file, limits, 'all', depth);
      latest = { data, pixels: presentation.alpha ? seenThrough(alphaOf(reference), pixels) : pixels };
    }
    return latest.pixels;
  };
  const showInFull = async (data: Uint8Array) => {
    const pixels = await show(data);
    if (sameSize(pixels, reference)) return pixels;
    throw new Error(`encoded as ${describeSize(reference)}, decoded as ${describeSize(pixels)}`);
  };
  return {
    async judge(data) {
      const pixels = await showInFull(data);
      const digest = createHash('sha256')
        .update(pixels.deep ?? pixels.data)
        .digest('hex');
      prepared ??= prepareReference(reference);
      const judgement = seen.get(digest) ?? prepared.compare(pixels);
      seen.set(digest, judgement);
      return judgement;
    },
    async survey(data) {
      const pixels = await showInFull(data);
      prepared ??= prepareReference(reference);
      return prepared.survey(pixels);
    },
    async sees(data) {
      return samePixels(await show(data), reference);
    },
    async visibility(data, score) {
      if (measured?.data !== data) {
        measured = {
          data,
          visibility: measureVisibility(reference, await show(data), score, formatOfFile(data)),
        };
      }
      return measured.visibility;
    },
    evaluations: () => seen.size,
    release: () => prepared?.release(),
  };
}

/**
 * Scores one whole file against another, every frame of an animation or image of a document; the worst one counts.
 * @throws Decline when either cannot be decoded, or when they differ in size, number of frames or what a document says
 *   beside its images (`unsupported`).
 */
export async function compare(
  reference: Uint8Array,
  candidate: Uint8Array,
  options: CompareOptions,
): Promise<Comparison> {
  if (looksLikeSvg(reference) && looksLikeSvg(candidate)) {
    const [a, b] = [reference, candidate].map((bytes) => readDrawing(bytes, options.limits));
    return compareDrawings(a!, b!, candidate);
  }
  if (arePdfs(reference, candidate)) return comparePdfs(reference, candidate, options);
  const judge = createFrameJudge(formatOfFile(candidate));
  return judgePairs(framePairs(reference, candidate, options), judge);
}
