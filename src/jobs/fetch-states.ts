/**
 * The first leg of a job whose source is elsewhere: fetching -> queued, or fetching -> failed. Each step is one
 * transaction and asks whether the job is still under the claim that it began with, so one that is fetched twice, or was
 * called off and tried again meanwhile, goes on once and with what was fetched last. Its entry is locked before the job,
 * as whoever claims does, so that no two wait for each other.
 */
import type { UsageEntry } from '../accounts/ledger.ts';
import type { Database, Queryable } from '../store/database.ts';
import { closeJob, failedUsage, type Worked } from './close-job.ts';
import { JOB_QUEUED_CHANNEL, type SourceAccess, type StoredSource } from './enqueue.ts';
import type { FailureReason } from './job-states.ts';
import type { Lease, LeaseQueues } from './lease-queue.ts';

/** A job whose source is being fetched. */
export interface FetchClaim {
  id: string;
  keyId: string;
  /** The token that only the last claimant holds. */
  claim: string;
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
      `UPDATE jobs SET claim = gen_random_uuid() WHERE id = ANY($1::uuid[]) AND status = 'fetching'
        RETURNING id, key_id AS "keyId", claim, source_url AS url, source_access AS access`,
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

/** Somebody else has the job in hand by now, or nobody needs to. */
class Lapsed extends Error {}

/** Hands the job on to the engine. The blob must have been put before. @returns whether it still was to be */
export async function passOn(
  database: Database,
  queues: LeaseQueues,
  { id, claim }: FetchClaim,
  source: StoredSource,
): Promise<boolean> {
  const passed = await whileClaimed(database, async (tx) => {
    await queues.fetch.drop(tx, [id]);
    const { rows } = await tx.query<{ turn: string }>(
      `UPDATE jobs SET status = 'queued', source_blob = $2, source_sha256 = $2, source_bytes = $3, source_access = NULL,
          claim = NULL
        WHERE id = $1 AND status = 'fetching' AND claim = $4 RETURNING turn`,
      [id, source.sha256, source.bytes, claim],
    );
    if (!rows[0]) throw new Lapsed();
    await queues.optimize.put(tx, [{ id, turn: Number(rows[0].turn) }]);
    await tx.query('SELECT pg_notify($1, $2)', [JOB_QUEUED_CHANNEL, '']);
    return true;
  });
  return passed ?? false;
}

/**
 * @param failure its detail is a sentence for the client.
 * @returns what stands of it in the ledger, or null when the job was no longer this claim's.
 */
export async function failFetch(
  database: Database,
  queues: LeaseQueues,
  { id, claim }: FetchClaim,
  failure: { reason: FailureReason; detail: string },
  resultTtlMs: number,
): Promise<UsageEntry | null> {
  return whileClaimed(database, async (tx) => {
    await queues.fetch.drop(tx, [id]);
    const { rows } = await tx.query<Worked & { charge: boolean }>(
      `UPDATE jobs SET status = 'failed', reason = $2, detail = $3, source_access = NULL, claim = NULL,
          finished_at = now(), expires_at = now() + $4 * interval '1 ms'
        WHERE id = $1 AND status = 'fetching' AND claim = $5
        RETURNING key_id AS "keyId", dialect, options->'targets' AS targets, charge`,
      [id, failure.reason, failure.detail, resultTtlMs, claim],
    );
    const job = rows[0];
    if (!job) throw new Lapsed();
    const usage = failedUsage(id, job, null);
    await closeJob(tx, { usage, holdsCredit: job.charge, freed: null, queues: [] });
    return usage;
  });
}

/** Gives a job back unharmed: the next that is free takes it. */
export async function returnFetch(
  database: Database,
  queues: LeaseQueues,
  { id, claim }: FetchClaim,
): Promise<void> {
  await whileClaimed(database, async (tx) => {
    await queues.fetch.giveBack(tx, [id]);
    const { rowCount } = await tx.query(
      `UPDATE jobs SET claim = NULL WHERE id = $1 AND status = 'fetching' AND claim = $2`,
      [id, claim],
    );
    if (rowCount === 0) throw new Lapsed();
  });
}

/** Takes back what `step` did to the entry of a job that turns out not to be its own. @returns null then */
async function whileClaimed<T>(database: Database, step: (tx: Queryable) => Promise<T>): Promise<T | null> {
  try {
    return await database.transaction(step);
  } catch (error) {
    if (error instanceof Lapsed) return null;
    throw error;
  }
}
