/**
 * What a key may spend. A credit is reserved when a job is taken in, and settled or released when it
 * ends, always inside the transaction that writes the job: however many submissions run side by side,
 * a key never starts more work than it and the keys above it can pay for, and no end is ever charged twice.
 *
 * Each step locks the key and those above it in the order of their ids, so no two steps wait for each other. Whoever
 * takes several keys' steps in one transaction calls `lockCredits` with all of them first.
 */
import type { Queryable } from '../store/database.ts';
import { renewalDue, usedEarlier, usedNow, withChain } from './key-columns.ts';
import type { Key } from './keys.ts';

/** What can still be submitted as far as the key itself goes; null when it is not limited. */
export function creditsLeft(key: Key): number | null {
  return key.credits === null ? null : key.credits - key.creditsUsed - key.creditsReserved;
}

/** SQL of the time, which is a statement's last value; left null but in tests. */
const at = (parameter: number) => `coalesce($${parameter}::timestamptz, now())`;

/** FOR NO KEY UPDATE, because jobs that are written meanwhile refer to their key. */
const locked = (columns: string) => `locked AS MATERIALIZED (
    SELECT ${columns} FROM keys JOIN chain USING (id) ORDER BY keys.id FOR NO KEY UPDATE OF keys
  )`;

/** Whoever comes with an earlier time than the last one did, counts with the last one's month. */
const count = (used: number, reserved: string, time: string) => `
    credits_reserved = credits_reserved + ${reserved},
    credits_used = ${usedNow(time)} + ${used},
    credits_used_earlier = ${usedEarlier(time)},
    month = CASE WHEN ${renewalDue(time)} THEN key_month(created_at, ${time}) ELSE month END`;

/** @returns how many credits were reserved: as many as were asked for, or as there were. */
export async function reserveCredits(
  tx: Queryable,
  keyId: string,
  wanted: number,
  now: Date | null = null,
): Promise<number> {
  const { rows } = await tx.query<{ granted: number }>(
    `${withChain()},
      ${locked(`keys.id, credits - credits_reserved - (${usedNow(at(3))}) AS room`)},
      grants AS (SELECT least($2::integer, min(room)) AS granted FROM locked)
      UPDATE keys SET ${count(0, 'granted', at(3))} FROM grants
      WHERE id IN (SELECT id FROM locked) AND granted > 0 RETURNING granted`,
    [keyId, wanted, now],
  );
  return rows[0]?.granted ?? 0;
}

/** A reserved credit is spent: the job ended well. It counts in the month in which this happens. */
export async function settleCredit(tx: Queryable, keyId: string, now: Date | null = null): Promise<void> {
  await end(tx, keyId, 1, 1, now);
}

/** Reserved credits are given back: nothing came out. */
export async function releaseCredits(
  tx: Queryable,
  keyId: string,
  credits: number,
  now: Date | null = null,
): Promise<void> {
  await end(tx, keyId, credits, 0, now);
}

async function end(
  tx: Queryable,
  keyId: string,
  released: number,
  used: 0 | 1,
  now: Date | null,
): Promise<void> {
  await tx.query(
    `${withChain()}, ${locked('keys.id')}
      UPDATE keys SET ${count(used, '-$3::integer', at(2))} WHERE id IN (SELECT id FROM locked)`,
    [keyId, now, released],
  );
}

/** Locks the credits of keys and of those above them until the transaction ends. */
export async function lockCredits(tx: Queryable, keyIds: string[]): Promise<void> {
  await tx.query(
    `${withChain('id = ANY($1::uuid[])')}
      SELECT FROM keys WHERE id IN (SELECT id FROM chain) ORDER BY id FOR NO KEY UPDATE`,
    [keyIds],
  );
}
