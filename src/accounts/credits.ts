/**
 * What a key may spend. A credit is reserved when a job is taken in, and settled or released when it
 * ends, always inside the transaction that writes the job: however many submissions run side by side,
 * a key never starts more work than it can pay for, and no end is ever charged twice.
 */
import { Problem } from '../lib/problem.ts';
import type { Queryable } from '../store/database.ts';
import type { Key } from './keys.ts';

/** What can still be submitted; null when the key is not limited. */
export function creditsLeft(key: Key): number | null {
  return key.credits === null ? null : key.credits - key.creditsUsed - key.creditsReserved;
}

/** @throws Problem `out-of-credits` */
export async function reserveCredit(tx: Queryable, keyId: string): Promise<void> {
  const { rows } = await tx.query(
    `UPDATE keys SET credits_reserved = credits_reserved + 1
      WHERE id = $1 AND (credits IS NULL OR credits_used + credits_reserved < credits) RETURNING id`,
    [keyId],
  );
  if (rows.length === 0) throw new Problem('out-of-credits', 'This API key has no credits left.');
}

/** A reserved credit is spent: the job ended well. */
export async function settleCredit(tx: Queryable, keyId: string): Promise<void> {
  await tx.query(
    'UPDATE keys SET credits_reserved = credits_reserved - 1, credits_used = credits_used + 1 WHERE id = $1',
    [keyId],
  );
}

/** A reserved credit is given back: nothing came out. */
export async function releaseCredit(tx: Queryable, keyId: string): Promise<void> {
  await tx.query('UPDATE keys SET credits_reserved = credits_reserved - 1 WHERE id = $1', [keyId]);
}
