/**
 * What a key may spend. A credit is reserved when a job is taken in, and settled or released when it
 * ends, always inside the transaction that writes the job: however many submissions run side by side,
 * a key never starts more work than it can pay for, and no end is ever charged twice.
 */
import type { Queryable } from '../store/database.ts';
import type { Key } from './keys.ts';

/** What can still be submitted; null when the key is not limited. */
export function creditsLeft(key: Key): number | null {
  return key.credits === null ? null : key.credits - key.creditsUsed - key.creditsReserved;
}

/** Reserves as many of `count` credits as there are. @returns how many. */
export async function reserveCredits(tx: Queryable, keyId: string, count: number): Promise<number> {
  const { rows } = await tx.query<{ reserved: number }>(
    `SELECT least($2::int, coalesce(credits - credits_used - credits_reserved, $2::int)) AS reserved
       FROM keys WHERE id = $1 FOR NO KEY UPDATE`,
    [keyId, count],
  );
  const reserved = rows[0]?.reserved ?? 0;
  await tx.query('UPDATE keys SET credits_reserved = credits_reserved + $2 WHERE id = $1', [keyId, reserved]);
  return reserved;
}

/** A reserved credit is spent: the job ended well. */
export async function settleCredit(tx: Queryable, keyId: string): Promise<void> {
  await tx.query(
    'UPDATE keys SET credits_reserved = credits_reserved - 1, credits_used = credits_used + 1 WHERE id = $1',
    [keyId],
  );
}

/** Reserved credits are given back: nothing came out. */
export async function releaseCredits(tx: Queryable, keyId: string, count: number): Promise<void> {
  await tx.query('UPDATE keys SET credits_reserved = credits_reserved - $2 WHERE id = $1', [keyId, count]);
}
