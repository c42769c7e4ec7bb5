/**
 * The durable state machine: queued -> running -> done | declined | failed, and running -> queued when
 * a worker gives a job back. Each step is one transaction that writes the job, its queue entry, its
 * credit and its artifacts together, and each asks in SQL whether it is still its turn, so a job that
 * was handed out twice ends once.
 */
import type { UsageEntry } from '../accounts/ledger.ts';
import type { OptimizeOptions, Output, Reason, SourceFacts } from '../engine/contract.ts';
import type { Database, Queryable } from '../store/database.ts';
import { closeJob } from './close-job.ts';
import { JOB_QUEUED_CHANNEL } from './enqueue.ts';
import type { Lease, LeaseQueue, LeaseQueues } from './lease-queue.ts';
import { reachTurn } from './turns.ts';

/** A job in a worker's hands. */
export interface Claim {
  id: string;
  keyId: string;
  dialect: string;
  /** The token that only the last claimant holds. */
  claim: string;
  lease: Lease;
  /** Claims so far, this one included. */
  attempts: number;
  options: OptimizeOptions;
  sourceSha256: string;
  sourceBytes: number;
  /** How long it waited, from submission to this claim. */
  waitedMs: number;
}

/** Why a job can fail: nothing was found out about the image, and sending it again may help. */
export type FailureReason =
  | 'fetch-blocked'
  | 'fetch-denied'
  | 'fetch-failed'
  | 'fetch-host-failing'
  | 'fetch-not-found'
  | 'fetch-timeout'
  | 'fetch-too-large'
  | 'fetch-unreachable'
  | 'cancelled'
  | 'crashed'
  | 'timeout'
  | 'out-of-memory'
  | 'interrupted'
  | 'source-missing'
  | 'storage'
  | 'internal';

/** How a job ends. */
export type Ending =
  | { status: 'done'; engine: string; source: SourceFacts; outputs: Output[] }
  | { status: 'declined'; engine: string; source: SourceFacts | null; reason: Reason; detail: string }
  | { status: 'failed'; reason: FailureReason; detail: string };

/** Takes up to `limit` jobs in hand. Entries of jobs that ended meanwhile are dropped on the way. */
export async function claimJobs(database: Database, queue: LeaseQueue, limit: number): Promise<Claim[]> {
  return database.transaction(async (tx) => {
    const leases = await queue.take(tx, limit);
    if (leases.length === 0) return [];
    const { rows } = await tx.query<Omit<Claim, 'lease'> & { turn: string }>(
      `UPDATE jobs SET status = 'running', claim = gen_random_uuid(), attempts = attempts + 1, started_at = now()
        WHERE id = ANY($1::uuid[]) AND status IN ('queued', 'running')
        RETURNING id, key_id AS "keyId", dialect, claim, attempts, options, source_sha256 AS "sourceSha256",
          source_bytes AS "sourceBytes", extract(epoch FROM now() - created_at)::float8 * 1000 AS "waitedMs", turn`,
      [leases.map((lease) => lease.id)],
    );
    await reachTurn(tx, Math.max(...rows.map(({ turn }) => Number(turn)), 0));
    const claims = new Map(rows.map(({ turn: _turn, ...claim }) => [claim.id, claim]));
    const stale = leases.filter((lease) => !claims.has(lease.id));
    await queue.drop(
      tx,
      stale.map((lease) => lease.id),
    );
    return leases.flatMap((lease) => {
      const row = claims.get(lease.id);
      return row ? [{ ...row, lease }] : [];
    });
  });
}

/** Gives a job back unharmed: the next free worker takes it. */
export async function returnJob(database: Database, queue: LeaseQueue, claim: Claim): Promise<void> {
  await database.transaction(async (tx) => {
    const { rows } = await tx.query(
      `UPDATE jobs SET status = 'queued', claim = NULL, started_at = NULL, attempts = attempts - 1
        WHERE id = $1 AND status = 'running' AND claim = $2 RETURNING id`,
      [claim.id, claim.claim],
    );
    if (rows.length === 0) return;
    await queue.giveBack(tx, [claim.id]);
    await tx.query('SELECT pg_notify($1, $2)', [JOB_QUEUED_CHANNEL, claim.id]);
  });
}

/**
 * Puts every job that is in hand back in its queue without waiting for its lease to lapse. Only for a node that
 * knows itself to be alone, at its start. @returns how many there were.
 */
export async function requeueClaimedJobs(database: Database, queues: LeaseQueues): Promise<number> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<{ id: string; status: 'queued' | 'fetching' }>(
      `UPDATE jobs SET status = CASE status WHEN 'running' THEN 'queued' ELSE status END, claim = NULL, started_at = NULL
        WHERE claim IS NOT NULL RETURNING id, status`,
    );
    const idsOf = (wanted: string) => rows.flatMap(({ id, status }) => (status === wanted ? id : []));
    await queues.optimize.giveBack(tx, idsOf('queued'));
    await queues.fetch.giveBack(tx, idsOf('fetching'));
    return rows.length;
  });
}

/**
 * Ends a job. The blobs of its outputs must have been put before. The source of a job that is done is kept as long
 * as its result, which is proved against it, and that of any other where the submission said so.
 * @returns what stands of it in the ledger, or null when the job was no longer this claim's: it ended otherwise or was
 * handed to another worker.
 */
export async function endJob(
  database: Database,
  queue: LeaseQueue,
  claim: Claim,
  ending: Ending,
  timing: Timing,
): Promise<UsageEntry | null> {
  return database.transaction(async (tx) => {
    const job = await writeEnding(tx, claim, ending, timing);
    if (!job) return null;
    if (ending.status === 'done') await insertArtifacts(tx, claim.id, ending.outputs);
    const usage = usageOf(claim, ending, job.charge && isCharged(claim, job, ending));
    const freed = job.hasSource ? null : claim.sourceSha256;
    await closeJob(tx, { usage, holdsCredit: job.charge, freed, queues: [queue] });
    return usage;
  });
}

export interface Timing {
  engineMs: number | null;
  resultTtlMs: number;
}

interface EndedJob {
  charge: boolean;
  freeUpTo: number | null;
  hasSource: boolean;
}

function isCharged(claim: Claim, { freeUpTo }: EndedJob, ending: Ending): boolean {
  if (ending.status !== 'done') return false;
  if (freeUpTo === null) return true;
  const own = ownOutput(claim.options.targets, ending.source.format, ending.outputs);
  return own !== undefined && claim.sourceBytes - own.data.byteLength > freeUpTo * claim.sourceBytes;
}

/** What came of the first target; all others are companions. What cannot be written as it is may have become any format. */
function ownOutput([first, ...companions]: string[], source: string, outputs: Output[]): Output | undefined {
  const format = first === 'same' ? source : first;
  return (
    outputs.find((output) => output.format === format) ??
    outputs.find((output) => !companions.includes(output.format))
  );
}

function usageOf(claim: Claim, ending: Ending, charged: boolean): UsageEntry {
  const outputs = ending.status === 'done' ? ending.outputs : [];
  return {
    keyId: claim.keyId,
    dialect: claim.dialect,
    what: claim.options.targets.join('+'),
    jobId: claim.id,
    bytesIn: claim.sourceBytes,
    bytesOut: outputs.length > 0 ? outputs.reduce((sum, { data }) => sum + data.byteLength, 0) : null,
    score: outputs.length > 0 ? Math.min(...outputs.map(({ score }) => score)) : null,
    outcome: ending.status,
    credits: charged ? 1 : 0,
  };
}

async function writeEnding(
  tx: Queryable,
  claim: Claim,
  ending: Ending,
  timing: Timing,
): Promise<EndedJob | undefined> {
  const source = ending.status === 'failed' ? null : ending.source;
  const { rows } = await tx.query<EndedJob>(
    `UPDATE jobs SET status = $3, reason = $4, detail = $5, engine = $6, engine_ms = $7,
        source_format = $8, source_width = $9, source_height = $10, source_orientation = $12, claim = NULL,
        source_blob = CASE WHEN $3 = 'done' OR keep_source THEN source_blob END,
        finished_at = now(), expires_at = now() + $11 * interval '1 ms'
      WHERE id = $1 AND status = 'running' AND claim = $2
      RETURNING charge, free_up_to AS "freeUpTo", source_blob IS NOT NULL AS "hasSource"`,
    [
      claim.id,
      claim.claim,
      ending.status,
      ending.status === 'done' ? null : ending.reason,
      ending.status === 'done' ? null : ending.detail,
      ending.status === 'failed' ? null : ending.engine,
      timing.engineMs === null ? null : Math.round(timing.engineMs),
      source?.format ?? null,
      source?.width ?? null,
      source?.height ?? null,
      timing.resultTtlMs,
      source?.orientation ?? null,
    ],
  );
  return rows[0];
}

async function insertArtifacts(tx: Queryable, jobId: string, outputs: Output[]): Promise<void> {
  for (const [position, output] of outputs.entries())
    await tx.query(
      `INSERT INTO artifacts (job_id, position, blob, format, bytes, width, height, frames, score, worst_tile,
         visibility, encoder, quality, evaluations)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      [
        jobId,
        position,
        output.sha256,
        output.format,
        output.data.byteLength,
        output.width,
        output.height,
        output.frames,
        output.score,
        JSON.stringify(output.worstTile),
        JSON.stringify(output.visibility),
        output.encoder,
        output.quality,
        output.evaluations,
      ],
    );
}
