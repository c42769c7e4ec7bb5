/** Finds jobs that did the same work already, or are at it, so that it need not be done twice. */
import { findReusable, hasEnded, type JobRecord } from '../jobs/job-record.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Queryable } from '../store/database.ts';
import type { PlannedJob } from './plan-job.ts';

/**
 * The jobs that already answer these; their results then live as long as new ones would.
 * @returns by the planned job's fingerprint, in hex
 */
export async function findDone(
  db: Queryable,
  blobs: BlobStore,
  planned: PlannedJob[],
  resultTtlMs: number,
): Promise<Map<string, JobRecord>> {
  const wanted = planned.filter(({ reusable }) => reusable).map(({ job }) => job.fingerprint);
  const found = [...(await findReusable(db, wanted))];
  const whole = await Promise.all(found.map(([, job]) => isWhole(blobs, job)));
  const known = new Map(found.filter((_, at) => whole[at]));
  const ended = [...known.values()].filter(hasEnded).map(({ id }) => id);
  const kept = await prolong(db, ended, resultTtlMs);
  return new Map([...known].filter(([, job]) => !hasEnded(job) || kept.has(job.id)));
}

async function isWhole(blobs: BlobStore, job: JobRecord): Promise<boolean> {
  for (const { sha256 } of job.artifacts) if (!(await blobs.has(sha256))) return false;
  return true;
}

async function prolong(db: Queryable, jobIds: string[], resultTtlMs: number): Promise<Set<string>> {
  if (jobIds.length === 0) return new Set();
  const { rows } = await db.query<{ id: string }>(
    `UPDATE jobs SET expires_at = greatest(expires_at, now() + $2 * interval '1 ms')
      WHERE id IN (SELECT id FROM jobs WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE) AND expires_at > now()
      RETURNING id`,
    [jobIds, resultTtlMs],
  );
  return new Set(rows.map(({ id }) => id));
}
