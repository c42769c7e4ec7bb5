/**
 * Does the work of one claimed job: reads its source, lets the pool find a result, and says how the job
 * ends. Writes nothing down; that is `settle.ts`'s.
 */
import type { OptimizeOptions, Outcome } from '../engine/contract.ts';
import { EngineFailure, type FailureCode } from '../engine/failure.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import { readBlob } from './blob-references.ts';
import type { Claim, Ending, FailureReason } from './job-states.ts';

/** What this room needs of the engine's pool. */
export interface Engine {
  /** @throws EngineFailure */
  optimize(bytes: Uint8Array, options: OptimizeOptions, signal: AbortSignal): Promise<Outcome>;
}

export interface Execution {
  /** Null when the work was cancelled: the job should be given back. */
  ending: Ending | null;
  engineMs: number | null;
  /** What lay underneath a failure; for the log, never for the client. */
  error?: unknown;
}

/** A job that had this many claims without an end has been ending its servers instead. */
const MAX_ATTEMPTS = 25;

/** Never throws: whatever goes wrong is an ending. */
export async function executeJob(
  claim: Claim,
  blobs: BlobStore,
  engine: Engine,
  metrics: Metrics,
  signal: AbortSignal,
): Promise<Execution> {
  if (claim.attempts > MAX_ATTEMPTS)
    return fail('interrupted', `The server went down ${MAX_ATTEMPTS} times while it worked on this image.`);
  const readStart = performance.now();
  const source = await readSource(blobs, claim.sourceSha256);
  metrics.stageEnded('queue', claim.waitedMs / 1000);
  metrics.stageEnded('read', (performance.now() - readStart) / 1000);
  if (!(source instanceof Uint8Array)) return source;
  const execution = await runEngine(engine, source, claim.options, signal);
  if (execution.engineMs !== null) metrics.stageEnded('engine', execution.engineMs / 1000);
  return execution;
}

async function readSource(blobs: BlobStore, key: string): Promise<Uint8Array | Execution> {
  try {
    const bytes = await readBlob(blobs, key);
    return bytes ?? fail('source-missing', 'The stored source is gone or was damaged.');
  } catch (error) {
    return fail('storage', 'The stored source could not be read.', error);
  }
}

async function runEngine(
  engine: Engine,
  source: Uint8Array,
  options: OptimizeOptions,
  signal: AbortSignal,
): Promise<Execution> {
  const start = performance.now();
  try {
    const outcome = await optimizeUntilEnded(engine, source, options, signal);
    return { ending: outcome, engineMs: performance.now() - start };
  } catch (error) {
    if (error instanceof EngineFailure && error.code === 'cancelled') return { ending: null, engineMs: null };
    return { ...failWith(error), engineMs: performance.now() - start };
  }
}

function failWith(error: unknown): Execution {
  if (!(error instanceof EngineFailure))
    return fail('internal', 'Something went wrong on the server.', error);
  return fail(FAILURE_REASONS[error.code], error.message, error.cause);
}

const FAILURE_REASONS: Record<FailureCode, FailureReason> = {
  crashed: 'crashed',
  killed: 'crashed',
  timeout: 'timeout',
  'out-of-memory': 'out-of-memory',
  cancelled: 'interrupted',
};

/** How often a job is tried that ends so. A kill is hardly the image's fault, a crash mostly is, and the rest always. */
const TRIES: Partial<Record<FailureCode, number>> = { crashed: 2, killed: 5 };

async function optimizeUntilEnded(
  engine: Engine,
  source: Uint8Array,
  options: OptimizeOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await engine.optimize(source, options, signal);
    } catch (error) {
      if (!(error instanceof EngineFailure) || tries >= (TRIES[error.code] ?? 1)) throw error;
    }
  }
}

/** @param detail a sentence for the client. */
function fail(reason: FailureReason, detail: string, error?: unknown): Execution {
  return { ending: { status: 'failed', reason, detail }, engineMs: null, error };
}
