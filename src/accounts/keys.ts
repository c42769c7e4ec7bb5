/**
 * API keys: made, listed, revoked, recognised. What they may spend is `credits.ts`.
 */
import { Problem } from '../lib/problem.ts';
import type { Database, Queryable } from '../store/database.ts';
import { makeSecret, secretDigest, secretPrefix } from './secret.ts';

export interface Key {
  id: string;
  name: string;
  /** How its secret begins. */
  prefix: string;
  /** Granted in all; null when not limited. */
  credits: number | null;
  creditsUsed: number;
  /** Held by jobs that have not ended yet. */
  creditsReserved: number;
  createdAt: Date;
  revokedAt: Date | null;
}

export interface NewKey {
  name: string;
  /** Null: not limited. */
  credits: number | null;
}

const COLUMNS = `id, name, prefix, credits, credits_used AS "creditsUsed",
  credits_reserved AS "creditsReserved", created_at AS "createdAt", revoked_at AS "revokedAt"`;

/** @returns the key and its secret, which nobody can ever ask for again. */
export async function createKey(db: Queryable, wanted: NewKey): Promise<{ key: Key; secret: string }> {
  const secret = makeSecret();
  const { rows } = await db.query<Key>(
    `INSERT INTO keys (name, credits, secret_sha256, prefix) VALUES ($1, $2, $3, $4) RETURNING ${COLUMNS}`,
    [wanted.name, wanted.credits, secretDigest(secret), secretPrefix(secret)],
  );
  return { key: rows[0]!, secret };
}

/** Makes sure that this very secret is a key; one that was revoked stays revoked. */
export async function ensureKey(db: Queryable, secret: string): Promise<void> {
  await db.query(
    `INSERT INTO keys (name, secret_sha256, prefix) VALUES ('configured', $1, $2) ON CONFLICT DO NOTHING`,
    [secretDigest(secret), secretPrefix(secret)],
  );
}

/** @returns the secret of the first key, made now because there was none; null when there are keys. */
export async function createFirstKey(database: Database): Promise<string | null> {
  if (await hasKeys(database)) return null;
  return database.transaction(async (tx) => {
    // Two nodes that start at once on an empty database must not both make one.
    await tx.query('LOCK TABLE keys IN SHARE ROW EXCLUSIVE MODE');
    if (await hasKeys(tx)) return null;
    return (await createKey(tx, { name: 'first', credits: null })).secret;
  });
}

async function hasKeys(db: Queryable): Promise<boolean> {
  const { rows } = await db.query('SELECT 1 FROM keys LIMIT 1');
  return rows.length > 0;
}

/** All keys, revoked ones included, oldest first. */
export async function listKeys(db: Queryable): Promise<Key[]> {
  const { rows } = await db.query<Key>(`SELECT ${COLUMNS} FROM keys ORDER BY created_at, id`);
  return rows;
}

/** Ends a key for good; jobs that it submitted before are still done. @returns false when there is no such key. */
export async function revokeKey(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query(
    'UPDATE keys SET revoked_at = coalesce(revoked_at, now()) WHERE id::text = $1 RETURNING id',
    [id],
  );
  return rows.length === 1;
}

/** @throws Problem `unauthorized` when no valid key has this secret. */
export async function authenticate(db: Queryable, secret: string, _domain?: string): Promise<Key> {
  const { rows } = await db.query<Key>(
    `SELECT ${COLUMNS} FROM keys WHERE secret_sha256 = $1 AND revoked_at IS NULL`,
    [secretDigest(secret)],
  );
  if (!rows[0]) throw new Problem('unauthorized', 'This API key is not known here, or it was revoked.');
  return rows[0];
}
