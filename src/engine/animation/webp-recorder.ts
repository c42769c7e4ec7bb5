/**
 * Writes animated WebP: each frame is the smallest rectangle that changes, encoded lossy or not, whatever takes fewer bytes.
 * What does not change within it is left transparent where little does.
 */
import { type Animation, delayIn, type Patch } from '../codecs/animation.ts';
import type { Embedded } from '../codecs/header.ts';
import { decodeRgba, encoderName, openSamples, VERSIONS } from '../codecs/sharp.ts';
import { frameChunk, writeAnimatedWebp } from '../codecs/webp/animation.ts';
import type { RiffChunk } from '../codecs/webp/chunks.ts';
import type { EffortLevel } from '../contract.ts';
import { patchOf, type Step, stepBetween } from './changes.ts';
import type { Coded, Recorder, Take } from './recorder.ts';

/** Below this share of changed pixels the others are left transparent. */
const SPARSE = 0.6;
/** Pixels of all rectangles together up to which lossless frames are packed as well as can be, and up to which well. */
const PACKS_BEST = 12_000_000;
const PACKS_WELL = 80_000_000;
/** Lossless frames are tried beside lossy ones until they have lost so often in a row; then once in so many frames. */
const MOST_LOSSES = 3;
const RETRY_EVERY = 12;

type Shape = Pick<Animation, 'width' | 'height' | 'plays'>;

/** @param changedPixels of all frames together: how much there is to pack. */
export function recordWebp(
  shape: Shape,
  embedded: Embedded,
  changedPixels: number,
  effort: EffortLevel,
): Recorder {
  const frames: RiffChunk[] = [];
  let bytes = 0;
  let losses = 0;
  const packing = packingFor(changedPixels, effort);

  async function code(take: Take, quality: number | null, afresh: boolean): Promise<Coded> {
    const step = stepBetween(afresh ? null : take.before, take.frame, shape.width, shape.height, true);
    const lossy = quality === null ? null : await encodeLossy(step, take, quality);
    const exact = lossy === null || isWorthTrying() ? await encodeExactly(step, take) : null;
    if (lossy && exact) losses = exact.bytes < lossy.bytes ? 0 : losses + 1;
    return lossy && (!exact || lossy.bytes <= exact.bytes) ? lossy : exact!;
  }

  function isWorthTrying(): boolean {
    return losses < MOST_LOSSES || frames.length % RETRY_EVERY === 0;
  }

  async function encodeLossy(step: Step, { delay }: Take, quality: number): Promise<Coded> {
    const data = step.sparse && step.share < SPARSE ? step.sparse : step.whole;
    const still = await open(data, step).webp({ quality, effort: 4, smartSubsample: true }).toBuffer();
    const patch = { ...patchOf(step, data, delay), data: (await decodeRgba(still, everything)).data };
    return coded(still, patch);
  }

  async function encodeExactly(step: Step, { delay }: Take): Promise<Coded> {
    const ways = [
      step.sparse,
      step.share >= SPARSE || step.sparse === null || effort === 'thorough' ? step.whole : null,
    ];
    const tries: Coded[] = [];
    for (const data of ways) {
      if (!data || (data === step.sparse && step.share === 1)) continue;
      const still = await open(data, step)
        .webp({ lossless: true, ...packing })
        .toBuffer();
      tries.push(coded(still, patchOf(step, data, delay)));
    }
    return tries.reduce((a, b) => (b.bytes < a.bytes ? b : a));
  }

  function coded(still: Uint8Array, patch: Patch): Coded {
    const chunk = frameChunk(still, patch);
    const delay = { numerator: delayIn(patch.delay, 1000), denominator: 1000 };
    return {
      bytes: chunk.data.length,
      patch: { ...patch, delay },
      keep() {
        frames.push(chunk);
        bytes += chunk.data.length;
      },
    };
  }

  return {
    encoder: encoderName('libwebp', VERSIONS.webp),
    lossy: true,
    rivalsItself: true,
    code,
    bytes: () => bytes,
    finish: () => writeAnimatedWebp(shape, frames, embedded),
  };
}

/** What we have just encoded needs no limit. */
const everything = { maxPixels: 2 ** 32 };

function open(data: Uint8Array, { width, height }: Step) {
  return openSamples(data, width, height, 4);
}

/** Measured on photographs of 0.3 megapixels: 280, 64 and 12 ms a frame for 431, 440 and 471 kB. */
function packingFor(pixels: number, effort: EffortLevel): { effort: number; quality: number } {
  if (pixels <= PACKS_BEST || effort === 'thorough') return { effort: 4, quality: 100 };
  return pixels <= PACKS_WELL && effort === 'usual' ? { effort: 1, quality: 50 } : { effort: 0, quality: 20 };
}
