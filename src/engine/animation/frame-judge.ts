/** Judges one frame after the other: by the score, the worst tile and what people see of it; a pair that was seen before is not measured again. */
import { createHash } from 'node:crypto';
import type { Pace } from '../codecs/animation.ts';
import type { Comparison, InputFormat, Judgement, Pixels, Visibility } from '../contract.ts';
import { gatedScore } from '../gate.ts';
import { flawless } from '../metric/score.ts';
import { prepareReference, type Reference } from '../metric/ssimulacra2.ts';
import { invisible, measureVisibility } from '../visibility.ts';

export interface FrameVerdict extends Judgement {
  visibility: Visibility;
}

export interface FrameJudge {
  /** Takes the frame that candidates should look like; holds until the next one. */
  expect(reference: Pixels): void;
  judge(candidate: Pixels): FrameVerdict;
  /** Pairs that were measured. */
  evaluations(): number;
  release(): void;
}

/** @param format of the candidate: people may have been found to see one format sooner than another. */
export function createFrameJudge(format: InputFormat | null): FrameJudge {
  const seen = new Map<string, FrameVerdict>();
  let expected: { pixels: Pixels; digest: string } | null = null;
  let prepared: Reference | null = null;

  function release(): void {
    prepared?.release();
    prepared = null;
  }

  function measure(reference: Pixels, candidate: Pixels): FrameVerdict {
    prepared ??= prepareReference(reference);
    const judgement = prepared.compare(candidate);
    return { ...judgement, visibility: measureVisibility(reference, candidate, judgement.score, format) };
  }

  return {
    expect(reference) {
      release();
      expected = { pixels: reference, digest: digestOf(reference) };
    },
    judge(candidate) {
      const { pixels, digest } = expected!;
      const { width, height } = pixels;
      const own = digestOf(candidate);
      if (own === digest) return { ...flawless(width, height), visibility: invisible(width, height) };
      const verdict = seen.get(digest + own) ?? measure(pixels, candidate);
      seen.set(digest + own, verdict);
      return verdict;
    },
    evaluations: () => seen.size,
    release,
  };
}

/**
 * Judges pairs of frames as they come; of a whole, the worst frame's judgement counts, and what is seen most.
 * @throws whatever the pairs throw.
 */
export async function judgePairs(
  pairs: AsyncGenerator<[reference: Pixels, candidate: Pixels], Pace | null>,
  judge: FrameJudge,
): Promise<Comparison> {
  let worst: Omit<Comparison, 'pace'> | null = null;
  try {
    for (;;) {
      const next = await pairs.next();
      if (next.done) return { ...worst!, pace: next.value };
      const [reference, candidate] = next.value;
      judge.expect(reference);
      worst = lower(worst, judge.judge(candidate), reference);
    }
  } finally {
    judge.release();
    await pairs.return(null);
  }
}

/** What is known of a whole after one frame more. */
function lower(
  known: Omit<Comparison, 'pace'> | null,
  verdict: FrameVerdict,
  { width, height }: Pixels,
): Omit<Comparison, 'pace'> {
  const frames = (known?.frames ?? 0) + 1;
  if (!known) return { ...verdict, width, height, frames, worstFrame: frames };
  const worse =
    gatedScore(verdict) < gatedScore(known) ? { ...known, ...verdict, worstFrame: frames } : known;
  const seenMore = verdict.visibility.jnd > known.visibility.jnd ? verdict : known;
  return { ...worse, frames, visibility: seenMore.visibility };
}

function digestOf({ data, deep, channels }: Pixels): string {
  return createHash('sha256')
    .update(`${channels}`)
    .update(deep ?? data)
    .digest('base64');
}
