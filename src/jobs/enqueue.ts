/**
 * Takes jobs in: their rows, their queue entries, the names under which they are found again and the batches they
 * are of, all in the caller's transaction and each in one statement for all of them.
 */
import { createHash } from 'node:crypto';
import type { OptimizeOptions } from '../engine/contract.ts';
import type { Queryable } from '../store/database.ts';
import type { LeaseQueues } from './lease-queue.ts';
import { assignTurns } from './turns.ts';

export const JOB_QUEUED_CHANNEL = 'job_queued';
export const JOB_FETCHING_CHANNEL = 'job_fetching';

export interface NewJob {
  id: string;
  keyId: string;
  /** The protocol it came in by. */
  dialect: string;
  fingerprint: Buffer;
  options: OptimizeOptions;
  charge: boolean;
  /** A result that saves no more than this share of the source costs nothing; null: every result costs. */
  freeUpTo: number | null;
  keepSource: boolean;
  filename: string | null;
  source: StoredSource | RemoteSource;
}

/** A blob that was put. */
export interface StoredSource {
  sha256: string;
  bytes: number;
}

export interface RemoteSource {
  url: string;
  access: SourceAccess | null;
}

/** With what a source is fetched. */
export interface SourceAccess {
  credentials?: { user: string; password: string };
  headers?: Record<string, string>;
}

/** Credits are reserved by the caller. @returns when they were taken in. */
export async function enqueueJobs(tx: Queryable, queues: LeaseQueues, jobs: NewJob[]): Promise<Date> {
  const turns = await assignTurns(
    tx,
    jobs.map((job) => job.keyId),
  );
  const entries = jobs.map(({ id, source }, at) => ({ id, turn: turns[at]!, remote: 'url' in source }));
  const createdAt = await insertJobs(tx, jobs, turns);
  const stored = entries.filter(({ remote }) => !remote);
  const remote = entries.filter(({ remote }) => remote);
  await queues.optimize.put(tx, stored);
  await queues.fetch.put(tx, remote);
  if (stored.length > 0) await tx.query('SELECT pg_notify($1, $2)', [JOB_QUEUED_CHANNEL, '']);
  if (remote.length > 0) await tx.query('SELECT pg_notify($1, $2)', [JOB_FETCHING_CHANNEL, '']);
  return createdAt;
}

async function insertJobs(tx: Queryable, jobs: NewJob[], turns: number[]): Promise<Date> {
  const { rows } = await tx.query<{ now: Date }>(
    `INSERT INTO jobs (id, key_id, dialect, fingerprint, status, options, charge, free_up_to, keep_source, filename,
       source_blob, source_sha256, source_bytes, source_url, source_access, turn)
     SELECT id, key_id, dialect, decode(fingerprint, 'hex'), status, options, charge, free_up_to, keep_source, filename,
       source_sha256, source_sha256, source_bytes, source_url, source_access, turn
     FROM jsonb_to_recordset($1) AS j (id uuid, key_id uuid, dialect text, fingerprint text, status text, options jsonb,
       charge boolean, free_up_to real, keep_source boolean, filename text, source_sha256 text, source_bytes integer,
       source_url text, source_access jsonb, turn bigint)
     RETURNING created_at AS now`,
    [JSON.stringify(jobs.map((job, at) => toRow(job, turns[at]!)))],
  );
  return rows[0]!.now;
}

function toRow(job: NewJob, turn: number) {
  const { source } = job;
  return {
    id: job.id,
    key_id: job.keyId,
    dialect: job.dialect,
    fingerprint: job.fingerprint.toString('hex'),
    options: job.options,
    charge: job.charge,
    free_up_to: job.freeUpTo,
    keep_source: job.keepSource,
    filename: job.filename,
    ...('url' in source
      ? { status: 'fetching', source_url: source.url, source_access: source.access }
      : { status: 'queued', source_sha256: source.sha256, source_bytes: source.bytes }),
    turn,
  };
}

export interface Reference {
  keyId: string;
  name: string;
  jobId: string;
}

/** From now on the names lead to these jobs; of several with one name the last counts. */
export async function writeReferences(tx: Queryable, references: Reference[]): Promise<void> {
  const latest = new Map(
    references.map(({ keyId, name, jobId }) => [
      `${keyId} ${name}`,
      { keyId, jobId, digest: nameDigest(name) },
    ]),
  );
  if (latest.size === 0) return;
  const rows = [...latest.values()].map(({ keyId, jobId, digest }) => ({
    key_id: keyId,
    job_id: jobId,
    digest: digest.toString('hex'),
  }));
  await tx.query(
    `INSERT INTO job_references (key_id, name_sha256, job_id)
     SELECT key_id, decode(digest, 'hex'), job_id
       FROM jsonb_to_recordset($1) AS r (key_id uuid, job_id uuid, digest text) ORDER BY 1, 2
     ON CONFLICT (key_id, name_sha256) DO UPDATE SET job_id = excluded.job_id`,
    [JSON.stringify(rows)],
  );
}

/** Lets go of a key's names for jobs whose sources came from these addresses. */
export async function dropReferences(tx: Queryable, keyId: string, urls: string[]): Promise<void> {
  await tx.query(
    `DELETE FROM job_references r USING jobs j
      WHERE r.key_id = $1 AND j.id = r.job_id AND j.source_url = ANY($2::text[])`,
    [keyId, urls],
  );
}

export function nameDigest(name: string): Buffer {
  return createHash('sha256').update(name, 'utf8').digest();
}
