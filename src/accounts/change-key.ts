/** Changes what a key may. Its secret and the key above it never change. */
import { Problem } from '../lib/problem.ts';
import { isUuid } from '../lib/uuid.ts';
import type { Database, Queryable } from '../store/database.ts';
import { readDomains } from './domains.ts';
import { KEY_COLUMNS, usedEarlier, usedNow } from './key-columns.ts';
import { findKey, type Key, type NewKey, type PlanKind, requirePlan } from './keys.ts';

/** What is left out stays as it is. Another plan begins to count anew. */
export type KeyChange = Partial<Omit<NewKey, 'parentId'>>;

const COLUMNS: Partial<Record<keyof KeyChange, string>> = {
  name: 'name',
  email: 'email',
  domains: 'domains',
  rateLimits: 'rate_limits',
  floor: 'floor',
  formats: 'formats',
  admin: 'admin',
  expiresAt: 'expires_at',
};

/**
 * @returns the key as it is now; null when there is none with this id.
 * @throws Problem `invalid-parameter` for a domain that is none, and for fewer credits than are in use
 */
export async function changeKey(database: Database, id: string, change: KeyChange): Promise<Key | null> {
  return database.transaction(async (tx) => {
    const key = await lockKey(tx, id);
    if (!key) return null;
    const { credits, plan, ...rest } = change;
    if (rest.domains) rest.domains = readDomains(rest.domains);
    if (credits !== undefined || plan !== undefined) await changePlan(tx, key, planOf(key, change));
    return changeColumns(tx, key, rest);
  });
}

async function lockKey(tx: Queryable, id: string): Promise<Key | undefined> {
  if (!isUuid(id)) return undefined;
  const { rows } = await tx.query<Key>(`SELECT ${KEY_COLUMNS} FROM keys WHERE id = $1 FOR NO KEY UPDATE`, [
    id,
  ]);
  return rows[0];
}

interface Plan {
  plan: PlanKind;
  credits: number | null;
}

/** Credits alone stay with a plan that has some; a plan alone keeps the credits. */
function planOf(key: Key, { credits, plan }: KeyChange): Plan {
  if (credits === undefined) return { plan: plan!, credits: plan === 'metered' ? null : key.credits };
  if (plan !== undefined) return { plan, credits };
  if (credits === null) return { plan: 'metered', credits };
  return { plan: key.plan === 'metered' ? 'prepaid' : key.plan, credits };
}

async function changePlan(tx: Queryable, key: Key, { plan, credits }: Plan): Promise<void> {
  requirePlan(plan, credits);
  const anew = plan !== key.plan;
  const inUse = key.creditsReserved + (anew ? 0 : key.creditsUsed);
  if (credits !== null && credits < inUse) {
    const message = `${inUse} credits of this key are used or reserved; it cannot have fewer.`;
    throw new Problem('invalid-parameter', message, { parameter: 'credits' });
  }
  await tx.query(
    `UPDATE keys SET plan = $2, credits = $3, month = key_month(created_at, now()),
        credits_used = CASE WHEN $4 THEN 0 ELSE ${usedNow()} END,
        credits_used_earlier = ${usedEarlier()} + CASE WHEN $4 THEN ${usedNow()} ELSE 0 END
      WHERE id = $1`,
    [key.id, plan, credits, anew],
  );
}

async function changeColumns(tx: Queryable, key: Key, change: KeyChange): Promise<Key> {
  const changed = Object.entries(COLUMNS)
    .map(([name, column]) => ({ column, value: change[name as keyof KeyChange] }))
    .filter(({ value }) => value !== undefined);
  if (changed.length === 0) return (await findKey(tx, key.id))!;
  const assignments = changed.map(({ column }, at) => `${column} = $${at + 2}`);
  const { rows } = await tx.query<Key>(
    `UPDATE keys SET ${assignments.join(', ')} WHERE id = $1 RETURNING ${KEY_COLUMNS}`,
    [key.id, ...changed.map(({ value }) => value)],
  );
  return rows[0]!;
}
