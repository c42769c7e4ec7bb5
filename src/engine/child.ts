/**
 * The engine child: one process, one job at a time, asked and answered over IPC. It may be killed at
 * any moment by `child-process.ts`, which bounds its time and memory.
 */
import type { CompareOptions, Comparison, OptimizeOptions, Outcome } from './contract.ts';
import { compare } from './judge.ts';
import { optimize } from './optimize.ts';
import type { Stimuli, StimuliOptions } from './stimuli.ts';

interface Pair {
  reference: Uint8Array;
  candidate: Uint8Array;
  options: CompareOptions;
}

export type ChildRequest =
  | { verb: 'optimize'; bytes: Uint8Array; options: OptimizeOptions }
  | ({ verb: 'compare' } & Pair)
  | ({ verb: 'heatmap' } & Pair)
  | { verb: 'stimuli'; bytes: Uint8Array; options: StimuliOptions };

type Answer = Outcome | Comparison | Uint8Array | Stimuli;

export type ChildAnswer =
  | { ok: true; value: Answer }
  | { ok: false; name: string; message: string; reason?: string };

async function answer(request: ChildRequest): Promise<Answer> {
  if (request.verb === 'optimize') return optimize(request.bytes, request.options);
  if (request.verb === 'stimuli') {
    const { makeStimuli } = await import('./stimuli.ts');
    return makeStimuli(request.bytes, request.options);
  }
  const { reference, candidate, options } = request;
  if (request.verb === 'compare') return compare(reference, candidate, options);
  // Rarely asked for, and its colours take a moment to compute.
  const { heatmap } = await import('./heatmap.ts');
  return heatmap(reference, candidate, options);
}

/** Above this, memory is collected between jobs: an idle process never does so by itself, and the next job would pay. */
const COLLECT_ABOVE_BYTES = 256 << 20;

process.on('message', async (request: ChildRequest) => {
  try {
    process.send?.({ ok: true, value: await answer(request) } satisfies ChildAnswer);
  } catch (error) {
    const { name, message, reason } = error as Error & { reason?: string };
    process.send?.({ ok: false, name, message, reason } satisfies ChildAnswer);
  }
  if (process.memoryUsage.rss() > COLLECT_ABOVE_BYTES) globalThis.gc?.();
});

// The parent has gone: nobody is left to answer.
process.on('disconnect', () => process.exit(0));
// A terminal's Ctrl-C reaches the whole process group; the parent decides when its children end.
process.on('SIGINT', () => undefined);
