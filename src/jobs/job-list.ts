/** Jobs as operators see them: listed, and looked at with all that is known. What a client may see is not said here. */
import { isUuid } from '../lib/uuid.ts';
import type { Queryable } from '../store/database.ts';
import { isAfter, newestFirst, placeOf, placeValues, toPage } from '../store/paging.ts';
import { type ArtifactRecord, findJob, type JobRecord, type JobStatus } from './job-record.ts';

export const JOB_STATUSES = [
  'fetching',
  'queued',
  'running',
  'done',
  'declined',
  'failed',
] as const satisfies JobStatus[];

export interface JobEntry {
  id: string;
  status: JobStatus;
  reason: string | null;
  dialect: string;
  keyId: string;
  keyName: string;
  /** The formats that are asked for. */
  what: string;
  createdAt: Date;
  ageSeconds: number;
  sourceBytes: number | null;
  /** By the smallest of its results; null when there is none. */
  savedBytes: number | null;
}

export interface JobFilter {
  status?: JobStatus | undefined;
  keyId?: string | undefined;
  dialect?: string | undefined;
  /** Jobs at most. */
  limit: number;
  /** Where the last page ended. */
  after?: string | undefined;
}

export interface JobPage {
  jobs: JobEntry[];
  /** For `after`; null on the last page. */
  next: string | null;
}

const COLUMNS = `j.id, j.status, j.reason, j.dialect, j.key_id AS "keyId", k.name AS "keyName",
  (SELECT string_agg(t, '+') FROM jsonb_array_elements_text(j.options->'targets') t) AS what,
  j.created_at AS "createdAt", extract(epoch FROM now() - j.created_at)::float8 AS "ageSeconds",
  j.source_bytes AS "sourceBytes",
  j.source_bytes - (SELECT min(a.bytes) FROM artifacts a WHERE a.job_id = j.id) AS "savedBytes"`;

/** Newest first. */
export async function listJobs(db: Queryable, filter: JobFilter): Promise<JobPage> {
  const { status = null, keyId = null, dialect = null, limit, after } = filter;
  if (keyId !== null && !isUuid(keyId)) return { jobs: [], next: null };
  const { rows } = await db.query<JobEntry & { place: string }>(
    `SELECT ${COLUMNS}, ${placeOf('j')} AS place
       FROM jobs j JOIN keys k ON k.id = j.key_id
      WHERE ($1::text IS NULL OR j.status = $1) AND ($2::uuid IS NULL OR j.key_id = $2)
        AND ($3::text IS NULL OR j.dialect = $3) AND ${isAfter('j', 4)}
      ORDER BY ${newestFirst('j')} LIMIT $6`,
    [status, keyId, dialect, ...placeValues(after), limit + 1],
  );
  const { shown, next } = toPage(rows, limit);
  return { jobs: shown, next };
}

export interface JobDetails extends JobEntry {
  detail: string | null;
  options: JobRecord['options'];
  filename: string | null;
  source: {
    url: string | null;
    sha256: string | null;
    stored: boolean;
    format: string | null;
    width: number | null;
    height: number | null;
  };
  engine: string | null;
  attempts: number;
  /** Of its place in the order of turns. */
  turn: number;
  charge: boolean;
  timing: { waitedMs: number | null; engineMs: number | null };
  startedAt: Date | null;
  finishedAt: Date | null;
  expiresAt: Date | null;
  artifacts: ArtifactRecord[];
  batches: BatchOfJob[];
}

interface BatchOfJob {
  id: string;
  size: number;
  callback: { id: string; status: string; attempts: number; lastError: string | null } | null;
}

type OwnFacts = JobEntry &
  Pick<JobDetails, 'filename' | 'attempts' | 'charge' | 'startedAt' | 'expiresAt' | 'batches'> & {
    turn: string;
    waitedMs: number | null;
  };

/** All that is known of a job, or null when there is none. */
export async function inspectJob(db: Queryable, id: string): Promise<JobDetails | null> {
  const job = await findJob(db, id);
  if (!job) return null;
  const { rows } = await db.query<OwnFacts>(
    `SELECT ${COLUMNS}, j.filename, j.attempts, j.turn, j.charge, j.started_at AS "startedAt", j.expires_at AS "expiresAt",
       (extract(epoch FROM j.started_at - j.created_at) * 1000)::float8 AS "waitedMs",
       coalesce((SELECT json_agg(json_build_object('id', b.id, 'size', b.size, 'callback', CASE WHEN c.id IS NOT NULL
           THEN json_build_object('id', c.id, 'status', c.status, 'attempts', c.attempts, 'lastError', c.last_error) END)
           ORDER BY b.created_at)
         FROM batches b LEFT JOIN callbacks c ON c.batch_id = b.id
         WHERE b.id IN (SELECT batch_id FROM batch_items i WHERE i.job_id = j.id)), '[]') AS batches
     FROM jobs j JOIN keys k ON k.id = j.key_id WHERE j.id = $1`,
    [job.id],
  );
  return rows[0] ? detailsOf(job, rows[0]) : null;
}

function detailsOf(job: JobRecord, { waitedMs, turn, ...own }: OwnFacts): JobDetails {
  const { detail, options, engine, engineMs, finishedAt, artifacts } = job;
  return {
    ...own,
    ...{ detail, options, engine, finishedAt, artifacts, turn: Number(turn) },
    source: {
      url: job.sourceUrl === null ? null : withoutCredentials(job.sourceUrl),
      sha256: job.sourceSha256,
      stored: job.hasSource,
      format: job.sourceFormat,
      width: job.sourceWidth,
      height: job.sourceHeight,
    },
    timing: { waitedMs: waitedMs === null ? null : Math.round(waitedMs), engineMs },
  };
}

function withoutCredentials(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (url.username === '' && url.password === '') return address;
  url.username = '';
  url.password = '';
  return url.href;
}
