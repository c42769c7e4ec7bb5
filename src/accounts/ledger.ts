/**
 * What was done for whom, an entry a job that ended, written with its end and kept when it expires: what bills are made
 * of. Nothing here is ever changed.
 */
import type { Queryable } from '../store/database.ts';
import { csvLine } from './csv.ts';

export interface UsageEntry {
  keyId: string;
  /** Whose protocol it came by; null when it came by none. */
  dialect: string | null;
  /** A short word, such as `optimize`, `webp` or `rotate`. */
  what: string;
  jobId: string;
  /** Null when a source was never had. */
  bytesIn: number | null;
  /** Null when there is no result. */
  bytesOut: number | null;
  score: number | null;
  outcome: 'done' | 'declined' | 'failed';
  credits: number;
}

export async function recordUsage(tx: Queryable, entry: UsageEntry): Promise<void> {
  await tx.query(
    `INSERT INTO usage (key_id, dialect, what, job_id, bytes_in, bytes_out, score, outcome, credits)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      entry.keyId,
      entry.dialect,
      entry.what,
      entry.jobId,
      entry.bytesIn,
      entry.bytesOut,
      entry.score,
      entry.outcome,
      entry.credits,
    ],
  );
}

export interface UsageFilter {
  /** Entries of this time and later. */
  from?: Date;
  /** Entries before this time. */
  to?: Date;
  /** A key's, with those of the keys below it. */
  keyId?: string;
  /** Entries at most, the oldest of them. */
  limit?: number;
}

const HEADINGS = [
  'time',
  'key',
  'name',
  'dialect',
  'what',
  'job',
  'bytes_in',
  'bytes_out',
  'score',
  'outcome',
  'credits',
];
const PAGE_ENTRIES = 1000;

interface Row {
  id: string;
  /** With microseconds, which no Date has. */
  at: string;
  cells: (string | null)[];
}

/** CSV (RFC 4180) of all entries, oldest first; in pieces of whole lines, read from the database as they are asked for. */
export async function* exportUsage(db: Queryable, filter: UsageFilter = {}): AsyncIterable<string> {
  yield csvLine(HEADINGS);
  let after: Row | null = null;
  for (let left = filter.limit ?? Number.POSITIVE_INFINITY; left > 0; left -= PAGE_ENTRIES) {
    const rows: Row[] = await readPage(db, filter, after, Math.min(left, PAGE_ENTRIES));
    if (rows.length > 0) yield rows.map(({ cells }) => csvLine(cells)).join('');
    if (rows.length < PAGE_ENTRIES) return;
    after = rows.at(-1)!;
  }
}

/** SQL: which entries a filter lets through; `values` go before all others of the statement. */
export function usageWanted({ from, to, keyId }: UsageFilter): {
  keysBelow: string;
  conditions: string;
  values: unknown[];
} {
  return {
    keysBelow: `WITH RECURSIVE wanted AS (
        SELECT id FROM keys WHERE id::text = lower($3)
        UNION SELECT keys.id FROM keys JOIN wanted ON keys.parent_id = wanted.id
      )`,
    conditions: `at >= coalesce($1::timestamptz, '-infinity') AND at < coalesce($2::timestamptz, 'infinity')
        AND ($3::text IS NULL OR key_id IN (SELECT id FROM wanted))`,
    values: [from ?? null, to ?? null, keyId ?? null],
  };
}

async function readPage(
  db: Queryable,
  filter: UsageFilter,
  after: Row | null,
  entries: number,
): Promise<Row[]> {
  const { keysBelow, conditions, values } = usageWanted(filter);
  const { rows } = await db.query<Row>(
    `${keysBelow}
      SELECT usage.id, at::text,
        ARRAY[to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), key_id::text, keys.name, dialect, what,
          job_id::text, bytes_in::text, bytes_out::text, score::text, outcome, usage.credits::text] AS cells
      FROM usage JOIN keys ON keys.id = key_id
      WHERE ${conditions} AND (at, usage.id) > (coalesce($4::timestamptz, '-infinity'), $5::bigint)
      ORDER BY at, usage.id LIMIT $6`,
    [...values, after?.at ?? null, after?.id ?? 0, entries],
  );
  return rows;
}
