/**
 * Writes what was asked for into the database, many requests in one transaction: jobs with their queue entries,
 * credits, references and batches. What cannot be paid for is refused, each request for itself.
 */
import { lockCredits, releaseCredits, reserveCredits } from '../accounts/credits.ts';
import { insertBatch, type NewBatchRecord } from '../jobs/batches.ts';
import { enqueueJobs, type NewJob, type Reference, writeReferences } from '../jobs/enqueue.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import type { LeaseQueues } from '../jobs/lease-queue.ts';
import type { Settled } from '../lib/gather.ts';
import { Problem } from '../lib/problem.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database, Queryable } from '../store/database.ts';
import { type PlannedJob, workOf } from './plan-job.ts';
import { findDone } from './reuse.ts';

/** What one request asks for, all or nothing: jobs of one key, with their sources stored. */
export interface Request {
  keyId: string;
  planned: PlannedJob[];
  batch: { id: string; filenames: (string | null)[]; callback: NewBatchRecord['callback'] } | null;
}

/** @returns for each request its jobs in order, or why it is refused. */
export async function admit(
  database: Database,
  queues: LeaseQueues,
  blobs: BlobStore,
  resultTtlMs: number,
  requests: Request[],
): Promise<Settled<JobRecord[]>[]> {
  return database.transaction(async (tx) => {
    const planned = requests.flatMap((request) => request.planned);
    await lockFingerprints(tx, planned);
    const records = await findDone(tx, blobs, planned, resultTtlMs);
    const refused = await reserve(tx, requests, records);
    const admitted = requests.filter((request) => !refused.has(request));
    const jobs = newJobs(admitted, records);
    if (jobs.length > 0) {
      const createdAt = await enqueueJobs(tx, queues, jobs);
      for (const job of jobs) records.set(workOf(job), recordOf(job, createdAt));
    }
    const recordsOf = ({ planned: wanted }: Request) => wanted.map(({ job }) => records.get(workOf(job))!);
    await writeReferences(
      tx,
      admitted.flatMap((request) => referencesOf(request, recordsOf(request))),
    );
    for (const request of admitted) await writeBatch(tx, request, recordsOf(request));
    return requests.map((request) => {
      const error = refused.get(request);
      return error ? { error } : { value: recordsOf(request) };
    });
  });
}

/** Of two identical submissions at once, the second waits here and then finds the first one's job. */
async function lockFingerprints(tx: Queryable, planned: PlannedJob[]): Promise<void> {
  const wanted = planned.filter(({ reusable }) => reusable).map(({ job }) => workOf(job));
  if (wanted.length === 0) return;
  await tx.query(
    `SELECT pg_advisory_xact_lock(lock) FROM (
       SELECT DISTINCT hashtextextended(f, 0) AS lock FROM unnest($1::text[]) AS f ORDER BY 1) locks`,
    [wanted],
  );
}

/** Those to enqueue: each fingerprint once, and none that is known. */
function newJobs(requests: Request[], known: Map<string, JobRecord>): NewJob[] {
  const jobs = requests.flatMap(({ planned }) => planned.map(({ job }) => job));
  const fresh = jobs.filter((job) => !known.has(workOf(job)));
  return [...new Map(fresh.map((job) => [workOf(job), job])).values()];
}

/** Reserves a credit for each job that will be charged. @returns the requests that cannot be paid for, and the reason. */
async function reserve(
  tx: Queryable,
  requests: Request[],
  known: Map<string, JobRecord>,
): Promise<Map<Request, Problem>> {
  const refused = new Map<Request, Problem>();
  const keyIds = [...new Set(requests.map(({ keyId }) => keyId))];
  if (keyIds.length > 1) await lockCredits(tx, keyIds);
  for (const keyId of keyIds) {
    const own = requests.filter((request) => request.keyId === keyId);
    const wanted = unpaid(own, known, new Set());
    let left = wanted.length > 0 ? await reserveCredits(tx, keyId, wanted.length) : 0;
    const paid = new Set<string>();
    for (const request of own) {
      const costs = unpaid([request], known, paid);
      if (costs.length > left) {
        refused.set(request, new Problem('out-of-credits', 'This API key has no credits left.'));
        continue;
      }
      left -= costs.length;
      for (const hex of costs) paid.add(hex);
    }
    if (left > 0) await releaseCredits(tx, keyId, left);
  }
  return refused;
}

/** Fingerprints that these requests are to pay for, each once. */
function unpaid(requests: Request[], known: Map<string, JobRecord>, paid: Set<string>): string[] {
  const charged = requests.flatMap(({ planned }) => planned.filter(({ job }) => job.charge));
  const hexes = charged.map(({ job }) => workOf(job));
  return [...new Set(hexes)].filter((hex) => !known.has(hex) && !paid.has(hex));
}

function referencesOf({ keyId, planned }: Request, jobs: JobRecord[]): Reference[] {
  return planned.flatMap(({ reference }, at) =>
    reference === null ? [] : { keyId, name: reference, jobId: jobs[at]!.id },
  );
}

async function writeBatch(tx: Queryable, { keyId, batch }: Request, jobs: JobRecord[]): Promise<void> {
  if (!batch) return;
  const items = jobs.map((job, at) => ({ jobId: job.id, filename: batch.filenames[at] ?? null }));
  await insertBatch(tx, { id: batch.id, keyId, items, callback: batch.callback });
}

/** The record of a job that was just written, without asking for it. */
function recordOf(job: NewJob, createdAt: Date): JobRecord {
  const { source } = job;
  const stored = 'sha256' in source;
  return {
    id: job.id,
    keyId: job.keyId,
    status: stored ? 'queued' : 'fetching',
    reason: null,
    detail: null,
    options: job.options,
    sourceBytes: stored ? source.bytes : null,
    sourceSha256: stored ? source.sha256 : null,
    sourceUrl: stored ? null : source.url,
    hasSource: stored,
    sourceOrientation: null,
    sourceFormat: null,
    sourceWidth: null,
    sourceHeight: null,
    engine: null,
    engineMs: null,
    createdAt,
    finishedAt: null,
    artifacts: [],
  };
}
