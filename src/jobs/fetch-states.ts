/**
 * The first leg of a job whose source is elsewhere: fetching -> queued, or fetching -> failed. Each step is one
 * transaction and asks whether the job still is where it should be, so one that is fetched twice goes on once.
 */
import type { UsageEntry } from '../accounts/ledger.ts';
import type { Database } from '../store/database.ts';
import { closeJob, failedUsage, type Worked } from './close-job.ts';
import { JOB_QUEUED_CHANNEL, type SourceAccess, type StoredSource } from './enqueue.ts';
import type { FailureReason } from './job-states.ts';
import type { Lease, LeaseQueues } from './lease-queue.ts';

/** A job whose source is being fetched. */
export interface FetchClaim {
  id: string;
  keyId: string;
  lease: Lease;
  url: string;
  access: SourceAccess | null;
}

export async function claimFetches(
  database: Database,
  queues: LeaseQueues,
  limit: number,
): Promise<FetchClaim[]> {
  return database.transaction(async (tx) => {
    const leases = await queues.fetch.take(tx, limit);
    if (leases.length === 0) return [];
    const { rows } = await tx.query<Omit<FetchClaim, 'lease'>>(
      `SELECT id, key_id AS "keyId", source_url AS url, source_access AS access FROM jobs WHERE id = ANY($1::uuid[]) AND status = 'fetching'`,
      [leases.map(({ id }) => id)],
    );
    const claims = new Map(rows.map((row) => [row.id, row]));
    const stale = leases.flatMap(({ id }) => (claims.has(id) ? [] : id));
    await queues.fetch.drop(tx, stale);
    return leases.flatMap((lease) => {
      const row = claims.get(lease.id);
      return row ? [{ ...row, lease }] : [];
    });
  });
}

/** Hands the job on to the engine. The blob must have been put before. */
export async function passOn(
  database: Database,
  queues: LeaseQueues,
  { id }: FetchClaim,
  source: StoredSource,
): Promise<void> {
  await database.transaction(async (tx) => {
    const { rows } = await tx.query<{ turn: string }>(
      `UPDATE jobs SET status = 'queued', source_blob = $2, source_sha256 = $2, source_bytes = $3, source_access = NULL
        WHERE id = $1 AND status = 'fetching' RETURNING turn`,
      [id, source.sha256, source.bytes],
    );
    await queues.fetch.drop(tx, [id]);
    if (!rows[0]) return;
    await queues.optimize.put(tx, [{ id, turn: Number(rows[0].turn) }]);
    await tx.query('SELECT pg_notify($1, $2)', [JOB_QUEUED_CHANNEL, '']);
  });
}

/**
 * @param failure its detail is a sentence for the client.
 * @returns what stands of it in the ledger, or null when the job was no longer being fetched.
 */
export async function failFetch(
  database: Database,
  queues: LeaseQueues,
  { id }: FetchClaim,
  failure: { reason: FailureReason; detail: string },
  resultTtlMs: number,
): Promise<UsageEntry | null> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<Worked & { charge: boolean }>(
      `UPDATE jobs SET status = 'failed', reason = $2, detail = $3, source_access = NULL,
          finished_at = now(), expires_at = now() + $4 * interval '1 ms'
        WHERE id = $1 AND status = 'fetching' RETURNING key_id AS "keyId", dialect, options->'targets' AS targets, charge`,
      [id, failure.reason, failure.detail, resultTtlMs],
    );
    await queues.fetch.drop(tx, [id]);
    const job = rows[0];
    if (!job) return null;
    const usage = failedUsage(id, job, null);
    await closeJob(tx, { usage, holdsCredit: job.charge, freed: null, queues: [] });
    return usage;
  });
}

/** Gives a job back unharmed: the next that is free takes it. */
export async function returnFetch(
  database: Database,
  queues: LeaseQueues,
  { id }: FetchClaim,
): Promise<void> {
  await database.transaction((tx) => queues.fetch.giveBack(tx, [id]));
}
