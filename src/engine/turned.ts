/**
 * Results that are turned as they are coded, without loss but for an edge: which sources are, what becomes of the
 * reference, and the proof that nothing else changed.
 */

import { KEENEYE_VERSION } from '../lib/version.ts';
import { type Codec, losslessNameOf } from './codecs/codec.ts';
import { isTurned, turnedSize } from './codecs/jpeg/turn.ts';
import { type Turning, turningOf } from './codecs/turning.ts';
import type { Pixels, Transforms } from './contract.ts';
import { gatedScore } from './gate.ts';
import type { Source } from './inspect.ts';
import { createJudge } from './judge.ts';
import type { Judged } from './lossy.ts';
import type { Subject } from './subject.ts';
import { crop } from './transform/crop.ts';

const TURNER = `coefficient turn (keeneye ${KEENEYE_VERSION})`;
/** Decoders round each sample, and stretch halved chroma from another side; whatever scores less shows something else. */
const SAME_LOOKS = 90;

/** How a source must be turned for a result without loss; null where it lies right already, or must be made of pixels. */
export function turningFor(
  { orientation }: Source,
  { crop, resize, turn, upright }: Transforms,
): Turning | null {
  if (crop || resize) return null;
  return turn || (upright && orientation !== 1) ? turningOf(orientation, turn) : null;
}

/**
 * What of a reference a result without loss shows: a turned JPEG may have lost up to a unit of blocks at an edge.
 * @param reference upright and turned, whole.
 * @returns the reference itself where nothing is lost, null where there is no such result.
 */
export function trimmedTo(reference: Pixels, source: Source, transforms: Transforms): Pixels | null {
  const turning = source.facts.format === 'jpeg' ? turningFor(source, transforms) : null;
  const size = turning && turnedSize(source.bytes, turning);
  if (!size) return null;
  // What is lost lies where mirroring would bring it: left and above.
  const [x, y] = [reference.width - size.width, reference.height - size.height];
  return x === 0 && y === 0 ? reference : crop(reference, { x, y, width: size.width, height: size.height });
}

/** Null where the codec cannot turn this image, or not without cutting an edge that the caller does not offer. */
export async function encodeTurned(codec: Codec, turning: Turning, subject: Subject): Promise<Judged | null> {
  const { source, options, reference } = subject;
  const shown = trimmedTo(reference, source, options);
  if (!shown || (shown !== reference && options.fidelity !== 'lossless')) return null;
  const data = await codec.turn?.(source, turning, options.metadata, options.effort);
  if (!data || !isTurned(data, source.bytes, turning)) return null;
  const judge = shown === reference ? subject.judge : createJudge(shown, options.limits);
  try {
    const judgement = await judge.judge(data);
    if (gatedScore(judgement) < SAME_LOOKS) return null;
    const visibility = await judge.visibility(data, judgement.score);
    const encoder =
      options.effort === 'fast' ? TURNER : `${TURNER}, ${losslessNameOf(codec, options.effort)}`;
    const { width, height } = shown;
    return { data, encoder, quality: null, ...judgement, visibility, width, height };
  } finally {
    if (judge !== subject.judge) judge.release();
  }
}
