/**
 * Removes what nobody needs any more: jobs whose time has come, with their artifacts and sources, originals, batches
 * of which nothing is left, and then the blobs that nothing refers to. A job that has not ended has no expiry and is
 * never touched.
 */
import { sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database } from '../store/database.ts';
import { letGoOfBlobs, sweepBlobs } from './blob-references.ts';

export interface Sweep {
  start(): void;
  /** Waits for the round in hand. */
  stop(): Promise<void>;
}

const INTERVAL_MS = 30_000;
const BATCH = 200;

export function createSweep(database: Database, blobs: BlobStore, log: Log): Sweep {
  const stopping = new AbortController();
  let loop = Promise.resolve();

  async function sweepUntilStopped(): Promise<void> {
    for (;;) {
      await sleep(INTERVAL_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        const swept = await sweepOnce(database, blobs, log);
        if (swept.jobs + swept.blobs > 0) log.debug(swept, 'swept');
      } catch (error) {
        log.warn({ err: error }, 'the sweep was interrupted');
      }
    }
  }

  return {
    start() {
      loop = sweepUntilStopped();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

/** One round. @returns how many jobs and blobs were removed. */
export async function sweepOnce(
  database: Database,
  blobs: BlobStore,
  log: Log,
): Promise<{ jobs: number; blobs: number }> {
  let jobs = 0;
  for (;;) {
    const removed = await expireJobs(database);
    jobs += removed;
    if (removed < BATCH) break;
  }
  await expireOriginals(database);
  await expireBatches(database);
  return { jobs, blobs: await sweepBlobs(database, blobs, log) };
}

async function expireOriginals(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    const { rows } = await tx.query<{ blob: string }>(
      'DELETE FROM originals WHERE expires_at < now() RETURNING blob',
    );
    if (rows.length > 0)
      await letGoOfBlobs(
        tx,
        rows.map(({ blob }) => blob),
      );
  });
}

/** Callbacks outlive the jobs they tell of: until they were delivered, and a week longer when they could not be. */
async function expireBatches(database: Database): Promise<void> {
  await database.query(
    `DELETE FROM batches b WHERE NOT EXISTS (SELECT FROM batch_items i WHERE i.batch_id = b.id)
       AND NOT EXISTS (SELECT FROM callbacks c WHERE c.batch_id = b.id AND (c.status IN ('waiting', 'due')
         OR (c.status = 'dead' AND c.ended_at > now() - interval '7 days')))`,
  );
}

async function expireJobs(database: Database): Promise<number> {
  return database.transaction(async (tx) => {
    const { rows: expired } = await tx.query<{ id: string; source: string | null }>(
      `SELECT id, source_blob AS source FROM jobs WHERE expires_at < now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED`,
      [BATCH],
    );
    const ids = expired.map((job) => job.id);
    const { rows: freed } = await tx.query<{ blob: string }>(
      'DELETE FROM artifacts WHERE job_id = ANY($1::uuid[]) RETURNING blob',
      [ids],
    );
    await tx.query('DELETE FROM jobs WHERE id = ANY($1::uuid[])', [ids]);
    const sources = expired.flatMap(({ source }) => source ?? []);
    await letGoOfBlobs(tx, [...freed.map((artifact) => artifact.blob), ...sources]);
    return ids.length;
  });
}
