/**
 * Writes down how a job ended, whatever the database and the disk are up to: stores its outputs, ends
 * it in one transaction, counts and logs it, and tries again for as long as its lease may last.
 */
import type { UsageEntry } from '../accounts/ledger.ts';
import type { Output } from '../engine/contract.ts';
import { sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics, Stage } from '../lib/metrics.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database } from '../store/database.ts';
import { putBlob, readBlob } from './blob-references.ts';
import type { Execution } from './execute.ts';
import { type Claim, type Ending, endJob, returnJob } from './job-states.ts';
import type { LeaseQueue } from './lease-queue.ts';
import { reportEnd } from './report-end.ts';

const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 5_000;
/** With the back-off, some 16 seconds: longer than that and the lease has lapsed anyway. */
const TRIES = 9;
const NOT_STORED: Ending = { status: 'failed', reason: 'storage', detail: 'The result could not be stored.' };

/** @returns a function that ends one claimed job, or gives it back when it has no ending. */
export function createSettlement(
  database: Database,
  queue: LeaseQueue,
  blobs: BlobStore,
  metrics: Metrics,
  log: Log,
  resultTtlMs: number,
): (claim: Claim, execution: Execution) => Promise<void> {
  return async (claim, execution) => {
    const { ending, engineMs } = execution;
    if (!ending) return persist(log, () => returnJob(database, queue, claim));
    const end = (how: Ending) => endJob(database, queue, claim, how, { engineMs, resultTtlMs });
    const written = await persist(log, async () => {
      if (ending.status === 'done')
        await timed(metrics, 'store', () => storeOutputs(database, blobs, ending.outputs));
      return timed(metrics, 'complete', () => end(ending));
    }).then(
      (usage) => usage && { usage, ending },
      async (error) => {
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

async function persist<T>(log: Log, step: () => Promise<T>): Promise<T> {
  let backoffMs = FIRST_BACKOFF_MS;
  for (let tries = 1; ; tries += 1) {
    try {
      return await step();
    } catch (error) {
      if (tries === TRIES) throw error;
      log.warn({ err: error }, 'the end of a job could not be written yet');
      await sleep(backoffMs);
      backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS);
    }
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
