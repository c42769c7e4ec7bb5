/**
 * A job as it stands in the database, with its artifacts: the reading side. How it changes is
 * `job-states.ts`; what a client may see of it is for `submissions/` to say.
 */
import type { OptimizeOptions, OutputFormat, Tile, Visibility } from '../engine/contract.ts';
import { isUuid } from '../lib/uuid.ts';
import type { Queryable } from '../store/database.ts';
import { nameDigest } from './enqueue.ts';

/** Fetching: its source is to be fetched, or is being. */
export type JobStatus = 'fetching' | 'queued' | 'running' | 'done' | 'declined' | 'failed';

export interface JobRecord {
  id: string;
  keyId: string;
  status: JobStatus;
  reason: string | null;
  detail: string | null;
  options: OptimizeOptions;
  /** Null, as the digest is, until it was fetched. */
  sourceBytes: number | null;
  sourceSha256: string | null;
  /** Where it is fetched from; null when it came with the submission. */
  sourceUrl: string | null;
  /** Whether it is stored. */
  hasSource: boolean;
  sourceOrientation: number | null;
  sourceFormat: string | null;
  sourceWidth: number | null;
  sourceHeight: number | null;
  engine: string | null;
  engineMs: number | null;
  createdAt: Date;
  finishedAt: Date | null;
  artifacts: ArtifactRecord[];
}

export interface ArtifactRecord {
  id: string;
  format: OutputFormat;
  bytes: number;
  width: number;
  height: number;
  frames: number;
  /** Also the key of its blob. */
  sha256: string;
  score: number;
  worstTile: Tile;
  /** Null when it was made before this was measured. */
  visibility: Visibility | null;
  encoder: string;
  quality: number | null;
  evaluations: number;
}

const ARTIFACT_FIELDS = `'id', a.id, 'format', a.format, 'bytes', a.bytes, 'width', a.width,
  'height', a.height, 'frames', a.frames, 'sha256', a.blob, 'score', a.score, 'worstTile', a.worst_tile, 'visibility', a.visibility,
  'encoder', a.encoder, 'quality', a.quality, 'evaluations', a.evaluations`;

const SELECT = `SELECT j.id, j.key_id AS "keyId", j.status, j.reason, j.detail, j.options,
  j.source_bytes AS "sourceBytes", j.source_sha256 AS "sourceSha256", j.source_url AS "sourceUrl",
  j.source_blob IS NOT NULL AS "hasSource", j.source_orientation AS "sourceOrientation", j.source_format AS "sourceFormat",
  j.source_width AS "sourceWidth", j.source_height AS "sourceHeight", j.engine, j.engine_ms AS "engineMs",
  j.created_at AS "createdAt", j.finished_at AS "finishedAt",
  coalesce((SELECT json_agg(json_build_object(${ARTIFACT_FIELDS}) ORDER BY a.position)
              FROM artifacts a WHERE a.job_id = j.id), '[]') AS artifacts
  FROM jobs j`;

export function hasEnded(job: { status: JobStatus }): boolean {
  return job.status === 'done' || job.status === 'declined' || job.status === 'failed';
}

const NOT_EXPIRED = '(j.expires_at IS NULL OR j.expires_at > now())';

/** The job, or null when there is none (no id of a job ever looks like that, say) or it has expired. */
export async function findJob(db: Queryable, jobId: string): Promise<JobRecord | null> {
  return (await findJobs(db, [jobId])).get(jobId.toLowerCase()) ?? null;
}

/** By id, without those that there are not or that have expired. */
export async function findJobs(db: Queryable, jobIds: string[]): Promise<Map<string, JobRecord>> {
  const ids = jobIds.filter(isUuid);
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<JobRecord>(`${SELECT} WHERE j.id = ANY($1::uuid[]) AND ${NOT_EXPIRED}`, [
    ids,
  ]);
  return new Map(rows.map((job) => [job.id, job]));
}

export interface Name {
  keyId: string;
  name: string;
}

/** What names lead to now, in their order; null where there is nothing, or no longer. */
export async function findReferenced(db: Queryable, names: Name[]): Promise<(JobRecord | null)[]> {
  const digests = names.map(({ name }) => nameDigest(name).toString('hex'));
  const { rows } = await db.query<JobRecord & { at: number }>(
    `SELECT n.at::int AS at, found.* FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS n (key_id, digest, at)
       JOIN job_references r ON r.key_id = n.key_id AND r.name_sha256 = decode(n.digest, 'hex')
       CROSS JOIN LATERAL (${SELECT} WHERE j.id = r.job_id AND ${NOT_EXPIRED}) found`,
    [names.map(({ keyId }) => keyId), digests],
  );
  const found = new Map(rows.map(({ at, ...job }) => [at, job]));
  return names.map((_, index) => found.get(index + 1) ?? null);
}

/** The artifact, or null when there is none or its job has expired. */
export async function findArtifact(db: Queryable, artifactId: string): Promise<ArtifactRecord | null> {
  const { rows } = await db.query<{ artifact: ArtifactRecord }>(
    `SELECT json_build_object(${ARTIFACT_FIELDS}) AS artifact
       FROM artifacts a JOIN jobs j ON j.id = a.job_id WHERE a.id = $1 AND j.expires_at > now()`,
    [artifactId],
  );
  return rows[0]?.artifact ?? null;
}

/**
 * The newest job of each fingerprint that is worth returning to: live, or ended with an answer and not expired.
 * @returns by fingerprint in hex
 */
export async function findReusable(db: Queryable, fingerprints: Buffer[]): Promise<Map<string, JobRecord>> {
  if (fingerprints.length === 0) return new Map();
  const { rows } = await db.query<JobRecord & { fingerprint: Buffer }>(
    `SELECT f AS fingerprint, found.* FROM unnest($1::bytea[]) AS f
       CROSS JOIN LATERAL (${SELECT} WHERE j.fingerprint = f AND j.status <> 'failed' AND ${NOT_EXPIRED}
         ORDER BY j.created_at DESC LIMIT 1) found`,
    [fingerprints],
  );
  return new Map(rows.map(({ fingerprint, ...job }) => [fingerprint.toString('hex'), job]));
}
