/** What the holder of a key is told about it: what it is paid for with and how much of that is left. */
import type { Queryable } from '../store/database.ts';
import { usedEarlier, usedNow, withChain } from './key-columns.ts';
import type { Key, PlanKind } from './keys.ts';

/** Shaped as the contract of dialects has it, which this room does not know. */
export interface Account {
  id: string;
  name: string;
  email: string | null;
  /** Null when neither the key nor one above it is limited. */
  creditsLeft: number | null;
  /** In all. */
  creditsUsed: number;
  plan: {
    kind: PlanKind;
    /** Credits a month; 0 unless monthly. */
    allowance: number;
    /** Since the last renewal, or in all. */
    used: number;
    /** Whole days; 0 unless monthly. */
    daysToRenewal: number;
    exhausted: 'own' | 'parent' | null;
  };
}

interface Standing {
  id: string;
  credits: number | null;
  used: number;
  usedEarlier: number;
  left: number | null;
  daysToRenewal: number;
}

/** As it stands now, whenever the key was read. @param now the time, in tests */
export async function describeAccount(db: Queryable, key: Key, now: Date | null = null): Promise<Account> {
  const chain = await standings(db, key.id, now);
  const own = chain.find(({ id }) => id === key.id)!;
  const limits = chain.flatMap(({ left }) => left ?? []);
  const creditsLeft = limits.length === 0 ? null : Math.max(0, Math.min(...limits));
  return {
    id: key.id,
    name: key.name,
    email: key.email,
    creditsLeft,
    creditsUsed: own.usedEarlier + own.used,
    plan: {
      kind: key.plan,
      allowance: key.plan === 'monthly' ? (own.credits ?? 0) : 0,
      used: own.used,
      daysToRenewal: own.daysToRenewal,
      exhausted: creditsLeft === 0 ? (own.left === 0 ? 'own' : 'parent') : null,
    },
  };
}

/** Of the key and of those above it. */
async function standings(db: Queryable, keyId: string, now: Date | null): Promise<Standing[]> {
  const at = 'coalesce($2::timestamptz, now())';
  const { rows } = await db.query<Standing>(
    `${withChain()}
      SELECT id, credits, ${usedNow(at)} AS used, (${usedEarlier(at)})::float8 AS "usedEarlier",
        credits - credits_reserved - (${usedNow(at)}) AS "left",
        CASE WHEN plan = 'monthly'
          THEN key_month_begins(created_at, key_month(created_at, ${at}) + 1) - (${at} AT TIME ZONE 'UTC')::date
          ELSE 0 END AS "daysToRenewal"
      FROM keys WHERE id IN (SELECT id FROM chain)`,
    [keyId, now],
  );
  return rows;
}
