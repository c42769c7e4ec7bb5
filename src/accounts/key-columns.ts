/** How rows of `keys` are read: the words of SQL that several files of this room share. */

/** SQL: whether the plan of a key has begun a month since its credits were last counted. @param at SQL of the time. */
export function renewalDue(at = 'now()'): string {
  return `(plan = 'monthly' AND month < key_month(created_at, ${at}))`;
}

/** SQL: what counts against a key's credits. */
export function usedNow(at = 'now()'): string {
  return `CASE WHEN ${renewalDue(at)} THEN 0 ELSE credits_used END`;
}

/** SQL: what was used before the present month, or before the key had its plan. */
export function usedEarlier(at = 'now()'): string {
  return `credits_used_earlier + CASE WHEN ${renewalDue(at)} THEN credits_used ELSE 0 END`;
}

/** SQL: all of a `Key`. */
export const KEY_COLUMNS = `id, name, email, prefix, plan, credits, ${usedNow()} AS "creditsUsed",
  (${usedEarlier()})::float8 AS "creditsUsedEarlier", credits_reserved AS "creditsReserved", parent_id AS "parentId",
  domains, rate_limits AS "rateLimits", floor, formats, admin, expires_at AS "expiresAt", created_at AS "createdAt",
  revoked_at AS "revokedAt"`;

/** SQL: a WITH of a key, or of several, and those above it, as `chain`. @param start SQL that says which */
export function withChain(start = 'id = $1'): string {
  return `WITH RECURSIVE chain AS (
    SELECT id, parent_id FROM keys WHERE ${start}
    UNION SELECT keys.id, keys.parent_id FROM keys JOIN chain ON keys.id = chain.parent_id
  )`;
}
