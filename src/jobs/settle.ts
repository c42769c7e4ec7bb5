/**
 * Writes down how a job ended, whatever the database and the disk are up to: stores its outputs, ends
 * it in one transaction, counts and logs it. An outage is waited out, for as long as the server runs.
 */
import type { UsageEntry } from '../accounts/ledger.ts';
import type { Output } from '../engine/contract.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics, Stage } from '../lib/metrics.ts';
import { isOutage } from '../lib/problem.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database } from '../store/database.ts';
import { putBlob, readBlob } from './blob-references.ts';
import type { Execution } from './execute.ts';
import { type Claim, type Ending, endJob, returnJob } from './job-states.ts';
import type { LeaseQueue } from './lease-queue.ts';
import { persist } from './persist.ts';
import { reportEnd } from './report-end.ts';

const NOT_STORED: Ending = { status: 'failed', reason: 'storage', detail: 'The result could not be stored.' };

/** @returns a function that ends one claimed job, or gives it back when it has no ending. */
export function createSettlement(
  database: Database,
  queue: LeaseQueue,
  blobs: BlobStore,
  metrics: Metrics,
  log: Log,
  resultTtlMs: number,
): (claim: Claim, execution: Execution, signal: AbortSignal) => Promise<void> {
  return async (claim, execution, signal) => {
    const { ending, engineMs } = execution;
    const hand = { what: 'the end of a job', log, signal };
    if (!ending) return persist(hand, () => returnJob(database, queue, claim));
    const end = (how: Ending) => endJob(database, queue, claim, how, { engineMs, resultTtlMs });
    const written = await persist(hand, async () => {
      if (ending.status === 'done')
        await timed(metrics, 'store', () => storeOutputs(database, blobs, ending.outputs));
      return timed(metrics, 'complete', () => end(ending));
    }).then(
      (usage) => usage && { usage, ending },
      async (error) => {
        if (isOutage(error)) {
          await returnJob(database, queue, claim);
          return null;
        }
        log.error({ err: error, job: claim.id }, 'a result could not be stored');
        const usage = await end(NOT_STORED);
        return usage && { usage, ending: NOT_STORED };
      },
    );
    if (written) report(metrics, log, claim, written, execution);
  };
}

/** Repeated with each try, because a blob that nothing refers to yet may have been swept since the last. */
async function storeOutputs(database: Database, blobs: BlobStore, outputs: Output[]): Promise<void> {
  for (const { sha256, data } of outputs) {
    await putBlob(database, blobs, sha256, data);
    if (!(await readBlob(blobs, sha256)))
      throw new Error(`Blob ${sha256} does not read back as it was written.`);
  }
}

async function timed<T>(metrics: Metrics, stage: Stage, step: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await step();
  metrics.stageEnded(stage, (performance.now() - start) / 1000);
  return result;
}

interface Written {
  usage: UsageEntry;
  ending: Ending;
}

function report(
  metrics: Metrics,
  log: Log,
  { sourceBytes, waitedMs }: Claim,
  { usage, ending }: Written,
  { engineMs, error }: Execution,
): void {
  const reason = ending.status === 'done' ? null : ending.reason;
  const sizes = ending.status === 'done' ? ending.outputs.map((output) => output.data.byteLength) : [];
  const bytesSaved = sizes.length > 0 ? sourceBytes - Math.min(...sizes) : 0;
  reportEnd(metrics, log, { usage, reason, bytesSaved, waitedMs, engineMs, error });
}
