/**
 * What operators do to a job: call it off, or have one that failed tried again. Each is one transaction; a worker that
 * has the job in hand meanwhile notices when it wants to end it.
 */
import { reserveCredits } from '../accounts/credits.ts';
import type { UsageEntry } from '../accounts/ledger.ts';
import { Problem } from '../lib/problem.ts';
import { isUuid } from '../lib/uuid.ts';
import type { Database, Queryable } from '../store/database.ts';
import { holdCallbacks } from './batches.ts';
import { closeJob, failedUsage, type Worked } from './close-job.ts';
import { JOB_FETCHING_CHANNEL, JOB_QUEUED_CHANNEL } from './enqueue.ts';
import { hasEnded, type JobStatus } from './job-record.ts';
import type { FailureReason } from './job-states.ts';
import type { LeaseQueues } from './lease-queue.ts';
import { assignTurns } from './turns.ts';

export const CANCELLED: FailureReason = 'cancelled';
const DETAIL = 'The operator of the server called it off.';

const UNIQUE_VIOLATION = '23505';

/** The job was no longer as it was when it was looked at. */
class Moved extends Error {}

/**
 * Ends a job that has not ended as failed, its credit given back.
 * @returns what stands of it in the ledger, for its caller to report
 * @throws Problem `not-found`, or `invalid-parameter` when it has ended
 */
export async function cancelJob(
  database: Database,
  queues: LeaseQueues,
  id: string,
  resultTtlMs: number,
): Promise<UsageEntry> {
  for (;;) {
    const status = await statusOf(database, id);
    if (hasEnded({ status })) throw notSo(id, `it has ended: it is ${status}`);
    try {
      return await database.transaction((tx) => cancelOne(tx, queues, id, status, resultTtlMs));
    } catch (error) {
      if (!(error instanceof Moved)) throw error;
    }
  }
}

async function cancelOne(
  tx: Queryable,
  queues: LeaseQueues,
  id: string,
  status: JobStatus,
  resultTtlMs: number,
): Promise<UsageEntry> {
  // Whoever claims a job locks its entry and then the job, and so does whoever has fetched it; whoever has run it does it
  // the other way round: so does this.
  if (status === 'queued') await queues.optimize.drop(tx, [id]);
  if (status === 'fetching') await queues.fetch.drop(tx, [id]);
  const job = await writeCancelled(tx, id, status, resultTtlMs);
  const usage = failedUsage(id, job, job.bytes);
  const { charge: holdsCredit, freed } = job;
  await closeJob(tx, { usage, holdsCredit, freed, queues: [queues.optimize, queues.fetch] });
  return usage;
}

interface CancelledJob extends Worked {
  charge: boolean;
  bytes: number | null;
  /** The blob of its source, unless that is kept. */
  freed: string | null;
}

async function writeCancelled(
  tx: Queryable,
  id: string,
  status: JobStatus,
  resultTtlMs: number,
): Promise<CancelledJob> {
  const { rows } = await tx.query<CancelledJob>(
    `UPDATE jobs SET status = 'failed', reason = $3, detail = $4, claim = NULL, source_access = NULL,
        source_blob = CASE WHEN keep_source THEN source_blob END,
        finished_at = now(), expires_at = now() + $5 * interval '1 ms'
      WHERE id = $1 AND status = $2
      RETURNING key_id AS "keyId", dialect, options->'targets' AS targets, charge, source_bytes AS bytes,
        CASE WHEN NOT keep_source THEN source_sha256 END AS freed`,
    [id, status, CANCELLED, DETAIL, resultTtlMs],
  );
  if (!rows[0]) throw new Moved();
  return rows[0];
}

interface FailedJob {
  status: JobStatus;
  keyId: string;
  charge: boolean;
  sha256: string | null;
  url: string | null;
}

/**
 * Has a failed job begin anew, as if it had just come in: its source as it is still stored, or else fetched once more,
 * without what it was fetched with, which is forgotten. What a callback has said is not taken back.
 * @returns where it is now
 * @throws Problem `not-found`, `out-of-credits`, or `invalid-parameter` when it has not failed, its source is gone or
 * the same is waited for already
 */
export async function retryJob(
  database: Database,
  queues: LeaseQueues,
  id: string,
): Promise<'queued' | 'fetching'> {
  await statusOf(database, id);
  const retried = database.transaction(async (tx) => {
    const job = await lockFailed(tx, id);
    const stored = job.sha256 !== null && (await isStored(tx, job.sha256));
    if (!stored && job.url === null)
      throw notSo(id, 'its image is not stored any more, and it came from no address: send it in again');
    // Before the job is live again: whoever takes the same work in has the credits first, too.
    if (job.charge && (await reserveCredits(tx, job.keyId, 1)) === 0)
      throw new Problem('out-of-credits', 'The key of this job has no credits left.', { jobId: id });
    await requeue(tx, queues, id, job.keyId, stored);
    return stored ? ('queued' as const) : ('fetching' as const);
  });
  return retried.catch((error: unknown) => {
    throw isTwin(error) ? notSo(id, 'the same was sent in at this moment') : error;
  });
}

function isTwin(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;
}

async function lockFailed(tx: Queryable, id: string): Promise<FailedJob> {
  const { rows } = await tx.query<FailedJob & { twin: string | null }>(
    `SELECT status, key_id AS "keyId", charge, source_sha256 AS sha256, source_url AS url,
        (SELECT l.id FROM jobs l WHERE l.fingerprint = j.fingerprint AND l.finished_at IS NULL AND l.id <> j.id) AS twin
       FROM jobs j WHERE id = $1 FOR UPDATE OF j`,
    [id],
  );
  const job = rows[0];
  if (!job) throw noSuchJob(id);
  if (job.status !== 'failed') throw notSo(id, `it has not failed: it is ${job.status}`);
  if (job.twin !== null) throw notSo(id, `the same is waited for already, as ${job.twin}`);
  return job;
}

/** Keeps the sweep off the blob until the transaction ends, by when it is referred to. */
async function isStored(tx: Queryable, sha256: string): Promise<boolean> {
  const { rows } = await tx.query('SELECT FROM blobs WHERE key = $1 FOR KEY SHARE', [sha256]);
  return rows.length > 0;
}

async function requeue(
  tx: Queryable,
  queues: LeaseQueues,
  id: string,
  keyId: string,
  stored: boolean,
): Promise<void> {
  const [turn] = await assignTurns(tx, [keyId]);
  await tx.query(
    `UPDATE jobs SET status = $2, reason = NULL, detail = NULL, attempts = 0, turn = $3, engine_ms = NULL,
        source_blob = CASE WHEN $4 THEN source_sha256 END, source_sha256 = CASE WHEN $4 THEN source_sha256 END,
        source_bytes = CASE WHEN $4 THEN source_bytes END,
        created_at = now(), started_at = NULL, finished_at = NULL, expires_at = NULL
      WHERE id = $1`,
    [id, stored ? 'queued' : 'fetching', turn, stored],
  );
  await holdCallbacks(tx, id);
  const queue = stored ? queues.optimize : queues.fetch;
  // One that was left behind would stand in the way of the new one.
  await queue.drop(tx, [id]);
  await queue.put(tx, [{ id, turn: turn! }]);
  await tx.query('SELECT pg_notify($1, $2)', [stored ? JOB_QUEUED_CHANNEL : JOB_FETCHING_CHANNEL, '']);
}

async function statusOf(db: Queryable, id: string): Promise<JobStatus> {
  if (!isUuid(id)) throw noSuchJob(id);
  const { rows } = await db.query<{ status: JobStatus }>(
    'SELECT status FROM jobs WHERE id = $1 AND (expires_at IS NULL OR expires_at > now())',
    [id],
  );
  if (!rows[0]) throw noSuchJob(id);
  return rows[0].status;
}

function noSuchJob(id: string): Problem {
  return new Problem('not-found', `There is no job with the id ${id}.`);
}

function notSo(id: string, why: string): Problem {
  return new Problem('invalid-parameter', `The job ${id} stays as it is: ${why}.`, {
    parameter: 'id',
    jobId: id,
  });
}
