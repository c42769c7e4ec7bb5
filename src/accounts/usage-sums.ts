/** The ledger in numbers: how long it is, and summed up key by key. */
import type { Queryable } from '../store/database.ts';
import { type UsageFilter, usageWanted } from './ledger.ts';

export interface UsageSum {
  keyId: string;
  name: string;
  done: number;
  declined: number;
  failed: number;
  credits: number;
  bytesIn: number;
  /** By what is done. */
  bytesSaved: number;
}

/** Keys for which nothing was done are left out; the oldest key comes first. */
export async function sumUsage(db: Queryable, filter: Omit<UsageFilter, 'limit'> = {}): Promise<UsageSum[]> {
  const { conditions, keysBelow, values } = usageWanted(filter);
  const { rows } = await db.query<UsageSum>(
    `${keysBelow}
      SELECT keys.id AS "keyId", keys.name, ${['done', 'declined', 'failed'].map(countOf).join(', ')},
        sum(usage.credits)::float8 AS credits, coalesce(sum(bytes_in), 0)::float8 AS "bytesIn",
        coalesce(sum(bytes_in - bytes_out) FILTER (WHERE outcome = 'done'), 0)::float8 AS "bytesSaved"
      FROM usage JOIN keys ON keys.id = key_id WHERE ${conditions}
      GROUP BY keys.id ORDER BY keys.created_at, keys.id`,
    values,
  );
  return rows;
}

function countOf(outcome: string): string {
  return `(count(*) FILTER (WHERE outcome = '${outcome}'))::float8 AS ${outcome}`;
}

/** @returns how many entries there are, or `most` when there are more. */
export async function countUsage(db: Queryable, filter: UsageFilter, most: number): Promise<number> {
  const { conditions, keysBelow, values } = usageWanted(filter);
  const { rows } = await db.query<{ entries: number }>(
    `${keysBelow}
      SELECT count(*)::integer AS entries FROM (SELECT FROM usage WHERE ${conditions} LIMIT $4) AS found`,
    [...values, most],
  );
  return rows[0]!.entries;
}
