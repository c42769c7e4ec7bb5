/**
 * The durable state machine of callbacks: due -> delivered | dead, and due again until then. A claim is a lease:
 * who lets it lapse loses the callback to another sender, and every step asks in SQL whether the claim still holds.
 * Whoever ends the last job of a batch makes its callback due.
 */
import type { Database } from '../store/database.ts';

export const CALLBACK_DUE_CHANNEL = 'callback_due';

/** What there is to be told, and to whom. */
export interface Callback {
  /** The same over all attempts, so that a receiver knows what it has had. */
  id: string;
  batchId: string;
  keyId: string;
  /** Whose words the body is in. */
  dialect: string;
  url: string;
  /** Under which links in the body are handed out. */
  origin: string;
}

export interface Wording {
  contentType: string;
  body: string;
}

/** A callback in a sender's hands. */
export interface Claim extends Callback {
  /** The token that only the last claimant holds. */
  claim: string;
  host: string;
  /** Null until the first attempt has worded it. */
  wording: Wording | null;
  /** Attempts so far, this one included. */
  attempts: number;
  /** Since it became due. */
  ageMs: number;
}

export interface ClaimLimits {
  most: number;
  /** In hand at once for one host, over all senders; two that claim in the same instant may pass it for once. */
  mostPerHost: number;
  /** The same for one API key: whoever names many hosts that hang keeps his own waiting. */
  mostPerKey: number;
  leaseMs: number;
}

/** Of the longest due so many are looked at; who claims all that he may of one host or key finds those of others next time. */
const LOOK_AHEAD = 256;

const FREE = '(claimed_until IS NULL OR claimed_until <= now())';

/** That a row is free is asked again once it is locked: another sender may have been faster. */
const CLAIM = `
  WITH in_hand AS (
    SELECT host, key_id FROM callbacks WHERE claim IS NOT NULL AND claimed_until > now()
  ), of_hosts AS (
    SELECT host, count(*) AS held FROM in_hand GROUP BY host
  ), of_keys AS (
    SELECT key_id, count(*) AS held FROM in_hand GROUP BY key_id
  ), longest_due AS (
    SELECT id, host, key_id, next_at FROM callbacks
     WHERE status = 'due' AND next_at <= now() AND ${FREE}
       AND host <> ALL (ARRAY (SELECT host FROM of_hosts WHERE held >= $2))
       AND key_id <> ALL (ARRAY (SELECT key_id FROM of_keys WHERE held >= $4))
     ORDER BY next_at LIMIT ${LOOK_AHEAD}
  ), at_hosts AS (
    SELECT id, key_id, next_at, coalesce(held, 0) + row_number() OVER (PARTITION BY host ORDER BY next_at) AS place
      FROM longest_due LEFT JOIN of_hosts USING (host)
  ), at_keys AS (
    SELECT id, next_at, coalesce(held, 0) + row_number() OVER (PARTITION BY key_id ORDER BY next_at) AS place
      FROM at_hosts LEFT JOIN of_keys USING (key_id) WHERE place <= $2
  ), chosen AS MATERIALIZED (
    SELECT id FROM at_keys WHERE place <= $4 ORDER BY next_at LIMIT $1
  ), mine AS MATERIALIZED (
    SELECT id FROM callbacks WHERE id IN (SELECT id FROM chosen) AND status = 'due' AND ${FREE}
     FOR UPDATE SKIP LOCKED
  )
  UPDATE callbacks SET claim = gen_random_uuid(), claimed_until = now() + $3 * interval '1 ms', attempts = attempts + 1
    FROM mine WHERE callbacks.id = mine.id
  RETURNING callbacks.id, batch_id AS "batchId", key_id AS "keyId", dialect, url, origin, claim, host, attempts,
    CASE WHEN body IS NOT NULL THEN jsonb_build_object('contentType', content_type, 'body', body) END AS wording,
    extract(epoch FROM now() - due_at)::float8 * 1000 AS "ageMs"`;

/** Takes callbacks in hand whose time has come, the longest due first. When it takes any there may be more. */
export async function claimCallbacks(
  database: Database,
  { most, mostPerHost, mostPerKey, leaseMs }: ClaimLimits,
): Promise<Claim[]> {
  return (await database.query<Claim>(CLAIM, [most, mostPerHost, leaseMs, mostPerKey])).rows;
}

/** Keeps what every attempt will send. @returns false when the claim has lapsed and another sender has it */
export async function keepWording(database: Database, claim: Claim, wording: Wording): Promise<boolean> {
  return changeClaimed(database, claim, 'content_type = $3, body = $4', [wording.contentType, wording.body]);
}

/** How an attempt is settled: for good, or with another one after `delayMs`. */
export type Settlement =
  | { to: 'delivered'; status: number }
  | { to: 'dead'; status: number | null; error: string }
  | { to: 'due'; status: number | null; error: string; delayMs: number };

const LET_GO = 'claim = NULL, claimed_until = NULL';

/** @returns false when the claim has lapsed and another sender has it */
export async function settleCallback(
  database: Database,
  claim: Claim,
  settlement: Settlement,
): Promise<boolean> {
  const { status } = settlement;
  const error = 'error' in settlement ? settlement.error : null;
  const last = `${LET_GO}, last_status = $3, last_error = $4`;
  if (settlement.to !== 'due')
    return changeClaimed(database, claim, `${last}, status = $5, next_at = NULL, ended_at = now()`, [
      status,
      error,
      settlement.to,
    ]);
  return changeClaimed(database, claim, `${last}, next_at = now() + $5 * interval '1 ms'`, [
    status,
    error,
    settlement.delayMs,
  ]);
}

/** Lets go of a callback whose attempt was broken off: the next sender takes it at once. */
export async function returnCallback(database: Database, claim: Claim): Promise<void> {
  if (await changeClaimed(database, claim, LET_GO, []))
    await database.query('SELECT pg_notify($1, $2)', [CALLBACK_DUE_CHANNEL, claim.id]);
}

/**
 * Takes every callback out of the hands of senders without waiting for leases to lapse. Only for a node that knows
 * itself to be alone, at its start. @returns how many there were
 */
export async function takeUpCallbacks(database: Database): Promise<number> {
  return (await database.query(`UPDATE callbacks SET ${LET_GO} WHERE claim IS NOT NULL`)).rowCount;
}

async function changeClaimed(
  database: Database,
  { id, claim }: Claim,
  changes: string,
  values: unknown[],
): Promise<boolean> {
  const { rowCount } = await database.query(
    `UPDATE callbacks SET ${changes} WHERE id = $1 AND claim = $2 AND status = 'due'`,
    [id, claim, ...values],
  );
  return rowCount === 1;
}
