/** Callbacks as operators see them: listed, looked at, counted, sent again. How they are sent is `sender.ts`'s. */
import { isUuid } from '../lib/uuid.ts';
import type { Queryable } from '../store/database.ts';
import { isAfter, newestFirst, placeOf, placeValues, toPage } from '../store/paging.ts';
import { CALLBACK_DUE_CHANNEL } from './callback-states.ts';

/** `waiting`: its jobs have not all ended; `due`: to be sent, perhaps again; `dead`: given up. */
export const CALLBACK_STATUSES = ['waiting', 'due', 'delivered', 'dead'] as const;

export type CallbackStatus = (typeof CALLBACK_STATUSES)[number];

export interface CallbackEntry {
  id: string;
  batchId: string;
  keyId: string;
  dialect: string;
  url: string;
  status: CallbackStatus;
  attempts: number;
  createdAt: Date;
  dueAt: Date | null;
  /** When it is sent next. */
  nextAt: Date | null;
  endedAt: Date | null;
  /** The HTTP status of the latest answer; null when there was none. */
  lastStatus: number | null;
  /** Why the latest attempt failed. */
  lastError: string | null;
}

export interface CallbackDetails extends CallbackEntry {
  contentType: string | null;
  /** What is sent; null until the first attempt. */
  body: string | null;
}

export interface CallbackFilter {
  status?: CallbackStatus | undefined;
  /** Callbacks at most. */
  limit: number;
  /** Where the last page ended. */
  after?: string | undefined;
}

export interface CallbackPage {
  callbacks: CallbackEntry[];
  /** For `after`; null on the last page. */
  next: string | null;
}

const COLUMNS = `c.id, batch_id AS "batchId", key_id AS "keyId", dialect, url, status, attempts,
  created_at AS "createdAt", due_at AS "dueAt", next_at AS "nextAt", ended_at AS "endedAt",
  last_status AS "lastStatus", last_error AS "lastError"`;

/** Newest first. */
export async function listCallbacks(
  db: Queryable,
  { status, limit, after }: CallbackFilter,
): Promise<CallbackPage> {
  const { rows } = await db.query<CallbackEntry & { place: string }>(
    `SELECT ${COLUMNS}, ${placeOf('c')} AS place FROM callbacks c
      WHERE ($1::text IS NULL OR status = $1) AND ${isAfter('c', 2)}
      ORDER BY ${newestFirst('c')} LIMIT $4`,
    [status ?? null, ...placeValues(after), limit + 1],
  );
  const { shown, next } = toPage(rows, limit);
  return { callbacks: shown, next };
}

export async function findCallback(db: Queryable, id: string): Promise<CallbackDetails | null> {
  if (!isUuid(id)) return null;
  const { rows } = await db.query<CallbackDetails>(
    `SELECT ${COLUMNS}, content_type AS "contentType", body FROM callbacks c WHERE id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** How many are to be sent and were given up, and how long the oldest of the former has been due. */
export interface Backlog {
  due: number;
  dead: number;
  oldestSeconds: number;
}

export async function callbackBacklog(db: Queryable): Promise<Backlog> {
  const { rows } = await db.query<Backlog>(
    `SELECT count(*)::int AS due, coalesce(extract(epoch FROM now() - min(due_at)), 0)::float8 AS "oldestSeconds",
       (SELECT count(*)::int FROM callbacks WHERE status = 'dead') AS dead
     FROM callbacks WHERE status = 'due'`,
  );
  return rows[0]!;
}

/**
 * Sends one again, whether it was given up, delivered, or is to be tried later.
 * @returns false when there is none of that id whose jobs have ended
 */
export async function replayCallback(db: Queryable, id: string): Promise<boolean> {
  return isUuid(id) && (await replay(db, "id = $2 AND status <> 'waiting'", [id])) === 1;
}

/** Sends all again that were given up. @returns how many */
export async function replayDeadCallbacks(db: Queryable): Promise<number> {
  return replay(db, "status = 'dead'", []);
}

/** The same body under the same id, tried for as long as a new one. */
async function replay(db: Queryable, which: string, values: unknown[]): Promise<number> {
  const { rowCount } = await db.query(
    `WITH replayed AS (
       UPDATE callbacks SET status = 'due', attempts = 0, due_at = now(), next_at = now(), ended_at = NULL
        WHERE ${which} RETURNING id
     ) SELECT pg_notify($1, '') FROM replayed`,
    [CALLBACK_DUE_CHANNEL, ...values],
  );
  return rowCount;
}
