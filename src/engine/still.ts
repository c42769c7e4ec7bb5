/**
 * A still image made smaller: decoded once, its formats compete, the smallest that passes is each target's output.
 */
import { type Attempt, attempt } from './attempt.ts';
import { Decline, type OptimizeOptions, type Output, type PixelFormat, type Reason } from './contract.ts';
import { budgetFor, gatedScore } from './gate.ts';
import type { Source } from './inspect.ts';
import { attemptOrNextBest, hasNewSize, nextBest } from './next-best.ts';
import { plan } from './plan.ts';
import { asShownBy, prepare, release, type Subject } from './subject.ts';

/** @throws Decline when no target has an output that may ship; the signal's reason. */
export async function optimizeStill(
  source: Source,
  options: OptimizeOptions,
  signal?: AbortSignal,
): Promise<Output[]> {
  const subject = await prepare(source, options, signal);
  try {
    return await bestOfEach(plan(subject), subject);
  } finally {
    release(subject);
  }
}

/** The best output of each target, each format at most once. @throws Decline when no target has one. */
async function bestOfEach(targets: PixelFormat[][], subject: Subject): Promise<Output[]> {
  const outputs: Output[] = [];
  const misses: Reason[] = [];
  for (const formats of targets) {
    const best = await bestOf(formats, subject);
    if ('miss' in best) misses.push(best.miss);
    else if (!outputs.some(({ format }) => format === best.output.format)) outputs.push(best.output);
  }
  if (outputs.length === 0) throw decline(misses[0]!, subject);
  return outputs;
}

/** What is not exact counts only where no format can hold the image exactly. */
function bestOf(formats: PixelFormat[], subject: Subject): Promise<Attempt> {
  return attemptOrNextBest(subject.options, isResized(subject), (options) =>
    smallestOf(formats, asAsked(subject, options)),
  );
}

/** Lets formats compete: each must beat the best so far, so a hopeless one gives up early. */
async function smallestOf(formats: PixelFormat[], subject: Subject): Promise<Attempt> {
  const { source, options } = subject;
  let best: Attempt = { miss: 'unsupported' };
  let budgetBytes = budgetFor(source.facts.bytes, options);
  for (const format of formats) {
    const next = await attempt(format, asShownBy(format, subject), budgetBytes);
    if ('miss' in next) {
      if ('miss' in best) best = { miss: graver(best.miss, next.miss) };
      continue;
    }
    if ('miss' in best || beats(next.output, best.output, options.floor)) best = next;
    budgetBytes = Math.min(budgetBytes, next.output.data.length);
  }
  return best;
}

/** Passing the floor comes first (it only differs where any result may ship), then size. */
function beats(a: Output, b: Output, floor: number): boolean {
  const [aPasses, bPasses] = [gatedScore(a) >= floor, gatedScore(b) >= floor];
  return aPasses === bPasses ? a.data.length < b.data.length : aPasses;
}

/** Which of two misses tells the caller more: that something would pass if it were allowed to be larger, before all. */
function graver(a: Reason, b: Reason): Reason {
  return (
    (['already-optimal', 'no-gain', 'below-floor'] as const).find((reason) => reason === a || reason === b) ??
    b
  );
}

function isResized({ source, pixels }: Subject): boolean {
  return hasNewSize(source.facts, pixels);
}

/** The same image under other options. */
function asAsked(subject: Subject, options: OptimizeOptions): Subject {
  return { ...subject, options, flat: subject.flat && asAsked(subject.flat, options) };
}

function decline(reason: Reason, subject: Subject): Decline {
  const { floor } = nextBest(subject.options, isResized(subject)).at(-1) ?? subject.options;
  const sentences: Partial<Record<Reason, string>> = {
    'no-gain': 'No faithful result is smaller than the source.',
    'already-optimal': 'The source is already as small as it gets.',
    'below-floor': `No result that is smaller than the source reaches the floor of ${floor}.`,
    'would-lose-hdr': 'The image holds high dynamic range; a result as asked for would lose it.',
    unsupported: 'None of the formats asked for can keep this image exactly.',
  };
  return new Decline(reason, sentences[reason] ?? 'Nothing can ship.');
}
