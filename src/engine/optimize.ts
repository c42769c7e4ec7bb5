/**
 * The engine's one verb: an image in, its smallest faithful encodings out, or the reason why there are
 * none. Bytes and plain options in, an outcome out; where either comes from is the caller's business.
 */
import { type Attempt, attempt } from './attempt.ts';
import {
  Decline,
  type OptimizeOptions,
  type Outcome,
  type Output,
  type OutputFormat,
  type Reason,
  type SourceFacts,
} from './contract.ts';
import { budgetFor, gatedScore } from './gate.ts';
import { inspect } from './inspect.ts';
import { plan } from './plan.ts';
import { prepare, release, type Subject } from './subject.ts';
import { ENGINE_VERSION } from './version.ts';

/**
 * @param bytes an image file: JPEG, PNG, WebP, AVIF, GIF (still) or TIFF.
 * @param options see `DEFAULT_OPTIONS` for what a plain lossy optimization asks.
 * @param signal ends the work between two encodes; a codec's single call cannot be interrupted.
 * @throws the signal's reason; whatever is wrong with the image itself is a declined outcome.
 */
export async function optimize(
  bytes: Uint8Array,
  options: OptimizeOptions,
  signal?: AbortSignal,
): Promise<Outcome> {
  let facts: SourceFacts | null = null;
  let subject: Subject | null = null;
  try {
    const source = await inspect(bytes, options.limits);
    facts = source.facts;
    subject = await prepare(source, options, signal);
    const outputs = await bestOfEach(plan(subject), subject);
    return { status: 'done', engine: ENGINE_VERSION, source: facts, outputs };
  } catch (error) {
    if (!(error instanceof Decline)) throw error;
    const { reason, message } = error;
    return { status: 'declined', engine: ENGINE_VERSION, source: facts, reason, detail: message };
  } finally {
    if (subject) release(subject);
  }
}

/** The best output of each target, each format at most once. @throws Decline when no target has one. */
async function bestOfEach(targets: OutputFormat[][], subject: Subject): Promise<Output[]> {
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

/** Lets formats compete: each must beat the best so far, so a hopeless one gives up early. */
async function bestOf(formats: OutputFormat[], subject: Subject): Promise<Attempt> {
  const { source, options } = subject;
  let best: Attempt = { miss: 'unsupported' };
  let budgetBytes = budgetFor(source.facts.bytes, options);
  for (const format of formats) {
    const next = await attempt(format, subject, budgetBytes);
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

function decline(reason: Reason, { options }: Subject): Decline {
  const sentences: Partial<Record<Reason, string>> = {
    'no-gain': 'No faithful result is smaller than the source.',
    'already-optimal': 'The source is already as small as it gets.',
    'below-floor': `No result that is smaller than the source reaches the floor of ${options.floor}.`,
    unsupported: 'None of the formats asked for can keep this image exactly.',
  };
  return new Decline(reason, sentences[reason] ?? 'Nothing can ship.');
}
