/** How much work waits and how long it will take, from how long jobs took lately. */
import type { Queryable } from '../store/database.ts';

export interface Backlog {
  /** Jobs that wait, those whose source is being fetched included. */
  depth: number;
  /** Age of the one that has waited longest. */
  oldestSeconds: number;
  /** Until a job that is submitted now would have ended, if nobody else submitted any. */
  drainSeconds: number;
  /** Keys that have jobs waiting. */
  keys: number;
  /** Of the jobs that wait, the share of the key that has most; 0 when none wait. */
  largestKeyShare: number;
}

/** Jobs from which it is told how long one takes. */
const SAMPLE = 100;
/** Where none has ended yet. */
const GUESS_MS = 1_000;

/** @param workers jobs that this node works on at once; more are seen at work where there are more nodes. */
export async function measureBacklog(db: Queryable, workers: number): Promise<Backlog> {
  const { rows } = await db.query<Backlog>(
    `WITH by_key AS (
       SELECT count(*)::int AS jobs, min(created_at) AS since
       FROM jobs WHERE status IN ('fetching', 'queued') GROUP BY key_id),
     waiting AS (
       SELECT coalesce(sum(jobs), 0)::int AS depth, count(*)::int AS keys,
         coalesce(max(jobs)::float8 / sum(jobs), 0)::float8 AS largest,
         coalesce(extract(epoch FROM now() - min(since)), 0)::float8 AS oldest
       FROM by_key),
     working AS (SELECT count(*)::int AS jobs FROM jobs WHERE status = 'running'),
     lately AS (SELECT coalesce(avg(engine_ms), $3)::float8 AS ms FROM (
       SELECT engine_ms FROM jobs WHERE engine_ms IS NOT NULL ORDER BY finished_at DESC LIMIT $2) sample)
     SELECT depth, keys, largest AS "largestKeyShare", oldest AS "oldestSeconds",
         depth * ms / 1000 / greatest(jobs, $1) AS "drainSeconds"
       FROM waiting, working, lately`,
    [workers, SAMPLE, GUESS_MS],
  );
  return rows[0]!;
}
