/**
 * The only door to work: a submission becomes a durable job, or turns out to be one that exists. When
 * this returns, the source is on disk and the job in the database; nothing acknowledged can be lost.
 */
import { randomUUID } from 'node:crypto';
import { creditsLeft } from '../accounts/credits.ts';
import { authenticate, type Key } from '../accounts/keys.ts';
import type { Submission } from '../dialects/dialect.ts';
import { ENGINE_VERSION } from '../engine/version.ts';
import { blobKey, isMissingBlob, putBlob } from '../jobs/blob-references.ts';
import { countWaiting, findJob, findReusable, hasEnded, type JobRecord } from '../jobs/job-record.ts';
import { enqueueJob, type NewJob } from '../jobs/job-states.ts';
import type { LeaseQueue } from '../jobs/lease-queue.ts';
import { Problem } from '../lib/problem.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database, Queryable } from '../store/database.ts';
import { fingerprint } from './fingerprint.ts';
import { resolveOptions, type ServerDefaults } from './options.ts';

export interface SubmitPolicy {
  defaults: ServerDefaults;
  /** Waiting jobs above which new work is refused. */
  maxQueue: number;
  resultTtlMs: number;
}

/** The sweep can take a blob from under a submission that stalls for a minute; twice in a row it cannot. */
const TRIES = 3;
/** In characters, as long as file systems allow; it is the client's word and could be a megabyte. */
const LONGEST_FILENAME = 255;

/** @throws Problem `unauthorized` | `empty-body` | `out-of-credits` | `overloaded` | `unavailable` */
export async function submit(
  database: Database,
  queue: LeaseQueue,
  blobs: BlobStore,
  policy: SubmitPolicy,
  submission: Submission,
): Promise<JobRecord> {
  if (!('bytes' in submission.source)) throw new Problem('unavailable', 'later');
  const { bytes } = submission.source;
  const key = await authenticate(database, submission.secret);
  if (bytes.byteLength === 0) throw new Problem('empty-body', 'The request holds no image.');
  const job = planJob(key, policy, submission);
  const known = await reuse(database, blobs, job.fingerprint, policy.resultTtlMs);
  if (known) return known;
  await refuseEarly(database, key, submission.charge, policy.maxQueue);
  return enqueue(database, queue, blobs, policy, job, bytes);
}

function planJob(key: Key, policy: SubmitPolicy, submission: Submission): NewJob {
  const { source, charge } = submission;
  if (!('bytes' in source)) throw new Problem('unavailable', 'later');
  const options = resolveOptions(submission, policy.defaults);
  const sourceSha256 = blobKey(source.bytes);
  return {
    id: randomUUID(),
    keyId: key.id,
    fingerprint: fingerprint(sourceSha256, options, ENGINE_VERSION, key.id, charge),
    options,
    charge,
    filename: source.filename?.replaceAll('\0', '').slice(0, LONGEST_FILENAME) || null,
    sourceSha256,
    sourceBytes: source.bytes.byteLength,
  };
}

/** Before any byte is stored. What is decided here in haste is decided again where the job is written. */
async function refuseEarly(database: Database, key: Key, charge: boolean, maxQueue: number): Promise<void> {
  if (charge && creditsLeft(key) === 0)
    throw new Problem('out-of-credits', 'This API key has no credits left.');
  if ((await countWaiting(database, maxQueue)) >= maxQueue)
    throw new Problem('overloaded', 'Too many images are waiting already. Try again in a while.');
}

async function enqueue(
  database: Database,
  queue: LeaseQueue,
  blobs: BlobStore,
  policy: SubmitPolicy,
  job: NewJob,
  bytes: Uint8Array,
): Promise<JobRecord> {
  for (let tries = 1; ; tries += 1) {
    await putSource(database, blobs, job.sourceSha256, bytes);
    try {
      return await database.transaction(async (tx) => {
        // Of two identical submissions at once, the second waits here and then finds the first one's job.
        await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
          job.fingerprint.toString('hex'),
        ]);
        const known = await reuse(tx, blobs, job.fingerprint, policy.resultTtlMs);
        if (known) return known;
        await enqueueJob(tx, queue, job);
        return (await findJob(tx, job.id))!;
      });
    } catch (error) {
      if (!isMissingBlob(error) || tries === TRIES) throw error;
    }
  }
}

async function putSource(
  database: Database,
  blobs: BlobStore,
  key: string,
  bytes: Uint8Array,
): Promise<void> {
  try {
    await putBlob(database, blobs, key, bytes);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('unavailable', 'The image cannot be stored just now.', { cause: error });
  }
}

/** The job that already answers this fingerprint; its results then live as long as new ones would. */
async function reuse(
  db: Queryable,
  blobs: BlobStore,
  wanted: Buffer,
  resultTtlMs: number,
): Promise<JobRecord | null> {
  const job = await findReusable(db, wanted);
  if (!job || !hasEnded(job)) return job;
  for (const artifact of job.artifacts) if (!(await blobs.has(artifact.sha256))) return null;
  const { rows } = await db.query(
    `UPDATE jobs SET expires_at = greatest(expires_at, now() + $2 * interval '1 ms')
      WHERE id = $1 AND expires_at > now() RETURNING id`,
    [job.id, resultTtlMs],
  );
  return rows.length === 1 ? job : null;
}
