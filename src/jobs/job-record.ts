/**
 * A job as it stands in the database, with its artifacts: the reading side. How it changes is
 * `job-states.ts`; what a client may see of it is for `submissions/` to say.
 */
import type { OptimizeOptions, OutputFormat, Tile, Visibility } from '../engine/contract.ts';
import type { Queryable } from '../store/database.ts';

export type JobStatus = 'queued' | 'running' | 'done' | 'declined' | 'failed';

export interface JobRecord {
  id: string;
  keyId: string;
  status: JobStatus;
  reason: string | null;
  detail: string | null;
  options: OptimizeOptions;
  sourceBytes: number;
  sourceSha256: string;
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
  j.source_bytes AS "sourceBytes", j.source_sha256 AS "sourceSha256", j.source_format AS "sourceFormat",
  j.source_width AS "sourceWidth", j.source_height AS "sourceHeight", j.engine, j.engine_ms AS "engineMs",
  j.created_at AS "createdAt", j.finished_at AS "finishedAt",
  coalesce((SELECT json_agg(json_build_object(${ARTIFACT_FIELDS}) ORDER BY a.position)
              FROM artifacts a WHERE a.job_id = j.id), '[]') AS artifacts
  FROM jobs j`;

export function hasEnded(job: { status: JobStatus }): boolean {
  return job.status !== 'queued' && job.status !== 'running';
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The job, or null when there is none (no id of a job ever looks like that, say) or it has expired. */
export async function findJob(db: Queryable, jobId: string): Promise<JobRecord | null> {
  if (!UUID.test(jobId)) return null;
  const { rows } = await db.query<JobRecord>(
    `${SELECT} WHERE j.id = $1 AND (j.expires_at IS NULL OR j.expires_at > now())`,
    [jobId],
  );
  return rows[0] ?? null;
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

/** The newest job of this fingerprint that is worth returning to: live, or ended with an answer and not expired. */
export async function findReusable(db: Queryable, fingerprint: Buffer): Promise<JobRecord | null> {
  const { rows } = await db.query<JobRecord>(
    `${SELECT} WHERE j.fingerprint = $1 AND j.status <> 'failed'
       AND (j.expires_at IS NULL OR j.expires_at > now())
     ORDER BY j.created_at DESC LIMIT 1`,
    [fingerprint],
  );
  return rows[0] ?? null;
}

/** Jobs that wait, counted no further than `limit`. */
export async function countWaiting(db: Queryable, limit: number): Promise<number> {
  const { rows } = await db.query<{ waiting: number }>(
    `SELECT count(*)::int AS waiting FROM (SELECT 1 FROM jobs WHERE status = 'queued' LIMIT $1) w`,
    [limit],
  );
  return rows[0]!.waiting;
}

/** How many jobs wait and how long the oldest has. */
export async function queueAge(db: Queryable): Promise<{ depth: number; oldestSeconds: number }> {
  const { rows } = await db.query<{ depth: number; oldestSeconds: number }>(
    `SELECT count(*)::int AS depth,
       coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS "oldestSeconds"
     FROM jobs WHERE status = 'queued'`,
  );
  return rows[0]!;
}
