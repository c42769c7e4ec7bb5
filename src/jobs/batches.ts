/** Several jobs that were taken in as one, and the callback that is due once the last of them has ended. */
import { isUuid } from '../lib/uuid.ts';
import type { Queryable } from '../store/database.ts';
import { CALLBACK_DUE_CHANNEL } from '../webhooks/callback-states.ts';
import { findJobs, type JobRecord } from './job-record.ts';

export interface NewBatchRecord {
  id: string;
  keyId: string;
  items: { jobId: string; filename: string | null }[];
  callback: { dialect: string; url: string; origin: string } | null;
}

export interface BatchRecord {
  id: string;
  keyId: string;
  items: { job: JobRecord; filename: string | null }[];
}

/** Its jobs must be in the database, or have been put there in this transaction. */
export async function insertBatch(tx: Queryable, batch: NewBatchRecord): Promise<void> {
  const { id, keyId, items, callback } = batch;
  const jobIds = items.map(({ jobId }) => jobId);
  // Whoever ends one of these jobs waits for this transaction, and then finds the batch.
  await tx.query('SELECT FROM jobs WHERE id = ANY($1::uuid[]) ORDER BY id FOR SHARE', [jobIds]);
  await tx.query('INSERT INTO batches (id, key_id, size) VALUES ($1, $2, $3)', [id, keyId, items.length]);
  await tx.query(
    `INSERT INTO batch_items (batch_id, position, job_id, filename)
     SELECT $1, at - 1, job_id, filename FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS i (job_id, filename, at)`,
    [id, jobIds, items.map(({ filename }) => filename)],
  );
  if (!callback) return;
  await tx.query(
    'INSERT INTO callbacks (batch_id, key_id, dialect, url, origin) VALUES ($1, $2, $3, $4, $5)',
    [id, keyId, callback.dialect, callback.url, callback.origin],
  );
  await dueCallbacks(tx, [id]);
}

/** Makes the callbacks due whose last job has just ended, in the transaction that ends it. */
export async function callBack(tx: Queryable, jobId: string): Promise<void> {
  // The lock has two jobs of one batch that end at once see each other's end.
  const { rows } = await tx.query<{ batchId: string }>(
    `SELECT batch_id AS "batchId" FROM callbacks
      WHERE status = 'waiting' AND batch_id IN (SELECT batch_id FROM batch_items WHERE job_id = $1)
      ORDER BY batch_id FOR UPDATE`,
    [jobId],
  );
  if (rows.length > 0)
    await dueCallbacks(
      tx,
      rows.map(({ batchId }) => batchId),
    );
}

/** Takes back that a callback is due which was not worded yet: a job of its batch goes on after all. */
export async function holdCallbacks(tx: Queryable, jobId: string): Promise<void> {
  await tx.query(
    `UPDATE callbacks SET status = 'waiting', due_at = NULL, next_at = NULL
      WHERE status = 'due' AND body IS NULL AND claim IS NULL
        AND batch_id IN (SELECT batch_id FROM batch_items WHERE job_id = $1)`,
    [jobId],
  );
}

async function dueCallbacks(tx: Queryable, batchIds: string[]): Promise<void> {
  const { rowCount } = await tx.query(
    `UPDATE callbacks c SET status = 'due', due_at = now(), next_at = now()
      WHERE c.batch_id = ANY($1::uuid[]) AND c.status = 'waiting' AND NOT EXISTS (
        SELECT FROM batch_items i JOIN jobs j ON j.id = i.job_id
         WHERE i.batch_id = c.batch_id AND j.finished_at IS NULL)`,
    [batchIds],
  );
  if (rowCount > 0) await tx.query('SELECT pg_notify($1, $2)', [CALLBACK_DUE_CHANNEL, '']);
}

/** The batch, or null when there is none or one of its jobs has expired. */
export async function findBatch(db: Queryable, id: string): Promise<BatchRecord | null> {
  if (!isUuid(id)) return null;
  const { rows } = await db.query<{ keyId: string; size: number; jobId: string; filename: string | null }>(
    `SELECT b.key_id AS "keyId", b.size, i.job_id AS "jobId", i.filename
       FROM batches b JOIN batch_items i ON i.batch_id = b.id WHERE b.id = $1 ORDER BY i.position`,
    [id],
  );
  const jobs = await findJobs(
    db,
    rows.map(({ jobId }) => jobId),
  );
  const items = rows.flatMap(({ jobId, filename }) => {
    const job = jobs.get(jobId);
    return job ? [{ job, filename }] : [];
  });
  const first = rows[0];
  return first && items.length === first.size ? { id, keyId: first.keyId, items } : null;
}
