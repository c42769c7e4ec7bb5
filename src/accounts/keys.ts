/**
 * API keys: made, listed, revoked, recognised. How they are changed is `change-key.ts`, what they may spend
 * `credits.ts`, how often they may ask `rate.ts`.
 */
import type { Settled } from '../lib/gather.ts';
import { Problem } from '../lib/problem.ts';
import { isUuid } from '../lib/uuid.ts';
import type { Database, Queryable } from '../store/database.ts';
import { covers, readDomains } from './domains.ts';
import { KEY_COLUMNS, withChain } from './key-columns.ts';
import { makeSecret, secretDigest, secretPrefix } from './secret.ts';

/** What results can be allowed to be. */
export const KEY_FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif'] as const;
export type KeyFormat = (typeof KEY_FORMATS)[number];

/** `prepaid`: credits in all. `monthly`: credits a month. `metered`: any number, counted. */
export type PlanKind = 'prepaid' | 'monthly' | 'metered';

export interface Key {
  id: string;
  name: string;
  email: string | null;
  /** How its secret begins. */
  prefix: string;
  plan: PlanKind;
  /** Granted in all or a month; null when not limited. */
  credits: number | null;
  /** Since the last renewal, or in all. */
  creditsUsed: number;
  /** Before the last renewal. */
  creditsUsedEarlier: number;
  /** Held by jobs that have not ended yet. */
  creditsReserved: number;
  /** The key whose limits hold, too. */
  parentId: string | null;
  /** Sites that it may be used for, with all that is below them; none: any. */
  domains: string[];
  /** Requests a minute by endpoint, of all others under `*`. */
  rateLimits: Record<string, number>;
  /** Lossy results are never below it. */
  floor: number | null;
  /** What results may be; null: anything. */
  formats: KeyFormat[] | null;
  /** Whether it may make and change keys. */
  admin: boolean;
  expiresAt: Date | null;
  createdAt: Date;
  revokedAt: Date | null;
}

export interface NewKey {
  name: string;
  /** In all, or a month where the plan says so; null: not limited. */
  credits: number | null;
  /** When left out, `prepaid` with credits and `metered` without. */
  plan?: PlanKind;
  email?: string | null;
  /** A key's id. */
  parentId?: string | null;
  domains?: string[];
  rateLimits?: Record<string, number>;
  floor?: number | null;
  formats?: KeyFormat[] | null;
  admin?: boolean;
  expiresAt?: Date | null;
}

/**
 * @param secret one that its clients have already; it must be hard to guess
 * @returns the key and its secret, which nobody can ever ask for again.
 * @throws Problem `invalid-parameter` for a parent that is no valid key, a domain that is none, credits that do not go
 *   with the plan, a secret that another key has
 */
export async function createKey(
  db: Queryable,
  wanted: NewKey,
  secret = makeSecret(),
): Promise<{ key: Key; secret: string }> {
  const { credits, plan = credits === null ? 'metered' : 'prepaid' } = wanted;
  requirePlan(plan, credits);
  if (wanted.parentId) await requireParent(db, wanted.parentId);
  const { rows } = await db.query<Key>(
    `INSERT INTO keys (secret_sha256, prefix, name, email, plan, credits, parent_id, domains, rate_limits, floor, formats,
        admin, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
      ON CONFLICT (secret_sha256) DO NOTHING RETURNING ${KEY_COLUMNS}`,
    [
      secretDigest(secret),
      secretPrefix(secret),
      wanted.name,
      wanted.email ?? null,
      plan,
      credits,
      wanted.parentId ?? null,
      readDomains(wanted.domains ?? []),
      wanted.rateLimits ?? {},
      wanted.floor ?? null,
      wanted.formats ?? null,
      wanted.admin ?? false,
      wanted.expiresAt ?? null,
    ],
  );
  const [key] = rows;
  if (!key) throw new Problem('invalid-parameter', 'Another key has this secret.', { parameter: 'secret' });
  return { key, secret };
}

/** @throws Problem `invalid-parameter` */
export function requirePlan(plan: PlanKind, credits: number | null): void {
  if ((plan === 'metered') === (credits === null)) return;
  const message = plan === 'metered' ? 'A metered key has no credits.' : `The plan ${plan} needs credits.`;
  throw new Problem('invalid-parameter', message, { parameter: 'credits' });
}

async function requireParent(db: Queryable, id: string): Promise<void> {
  const chain = await findChain(db, id);
  if (chain.length > 0 && chain.every(({ revokedAt }) => revokedAt === null)) return;
  throw new Problem('invalid-parameter', `There is no valid key with the id ${id}.`, { parameter: 'parent' });
}

/** Makes sure that this very secret is a key; one that was revoked stays revoked. */
export async function ensureKey(db: Queryable, secret: string): Promise<void> {
  await db.query(
    `INSERT INTO keys (name, secret_sha256, prefix) VALUES ('configured', $1, $2) ON CONFLICT DO NOTHING`,
    [secretDigest(secret), secretPrefix(secret)],
  );
}

/**
 * @param known secrets that everyone knows: whoever has them has no key yet.
 * @returns the secret of the first key, made now because there was none; null when there are keys.
 */
export async function createFirstKey(database: Database, known: string[] = []): Promise<string | null> {
  if (await hasKeys(database, known)) return null;
  return database.transaction(async (tx) => {
    // Two nodes that start at once on an empty database must not both make one.
    await tx.query('LOCK TABLE keys IN SHARE ROW EXCLUSIVE MODE');
    if (await hasKeys(tx, known)) return null;
    return (await createKey(tx, { name: 'first', credits: null })).secret;
  });
}

async function hasKeys(db: Queryable, known: string[]): Promise<boolean> {
  const { rows } = await db.query('SELECT 1 FROM keys WHERE secret_sha256 <> ALL($1) LIMIT 1', [
    known.map(secretDigest),
  ]);
  return rows.length > 0;
}

/** All keys, revoked ones included, oldest first. */
export async function listKeys(db: Queryable): Promise<Key[]> {
  const { rows } = await db.query<Key>(`SELECT ${KEY_COLUMNS} FROM keys ORDER BY created_at, id`);
  return rows;
}

export async function findKey(db: Queryable, id: string): Promise<Key | null> {
  if (!isUuid(id)) return null;
  const { rows } = await db.query<Key>(`SELECT ${KEY_COLUMNS} FROM keys WHERE id = $1`, [id]);
  return rows[0] ?? null;
}

/** A key and those above it, upwards: each is older than those below it. Empty when there is no such key. */
export async function findChain(db: Queryable, id: string): Promise<Key[]> {
  if (!isUuid(id)) return [];
  const { rows } = await db.query<Key>(
    `${withChain()} SELECT ${KEY_COLUMNS} FROM keys WHERE id IN (SELECT id FROM chain) ORDER BY created_at DESC`,
    [id],
  );
  return rows;
}

/** Ends a key for good; jobs that it submitted before are still done. @returns false when there is no such key. */
export async function revokeKey(db: Queryable, id: string): Promise<boolean> {
  if (!isUuid(id)) return false;
  const { rows } = await db.query(
    'UPDATE keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING id',
    [id],
  );
  return rows.length === 1;
}

/** Who asks, and the site that they say they speak for where their protocol has them say so. */
export interface Caller {
  secret: string;
  domain?: string | undefined;
}

/**
 * A key by its secret; whatever a key above it forbids is forbidden to it, too.
 * @throws Problem `unauthorized` | `key-expired` | `domain-not-allowed`
 */
export async function authenticate(db: Queryable, secret: string, domain?: string): Promise<Key> {
  const [found] = await authenticateAll(db, [{ secret, domain }]);
  if ('error' in found!) throw found.error;
  return found!.value;
}

/** Many in one question. @returns for each caller the key, or the Problem that `authenticate` would throw */
export async function authenticateAll(db: Queryable, callers: Caller[]): Promise<Settled<Key>[]> {
  const chains = await findChains(db, [...new Set(callers.map(({ secret }) => secret))]);
  return callers.map(({ secret, domain }) => {
    const chain = chains.get(secret) ?? [];
    const problem = refusalOf(chain, domain);
    const [key] = chain;
    if (problem || !key) return { error: problem };
    return { value: { ...key, floor: highestFloor(chain), formats: commonFormats(chain) } };
  });
}

function refusalOf(chain: ChainedKey[], domain: string | undefined): Problem | null {
  if (chain.length === 0 || chain.some(({ revokedAt }) => revokedAt !== null))
    return new Problem('unauthorized', 'This API key is not known here, or it was revoked.');
  if (chain.some(({ expired }) => expired)) return new Problem('key-expired', 'This API key has expired.');
  if (domain !== undefined && !chain.every(({ domains }) => covers(domains, domain)))
    return new Problem('domain-not-allowed', 'This API key is not for this site.');
  return null;
}

type ChainedKey = Key & { expired: boolean };

/** The keys and those above them, each from itself upwards, by secret. */
async function findChains(db: Queryable, secrets: string[]): Promise<Map<string, ChainedKey[]>> {
  const { rows } = await db.query<ChainedKey & { at: number }>(
    `WITH RECURSIVE chain AS (
        SELECT keys.*, 0 AS depth, at FROM keys
          JOIN unnest($1::bytea[]) WITH ORDINALITY AS asked (digest, at) ON secret_sha256 = digest
        UNION ALL SELECT keys.*, depth + 1, at FROM keys JOIN chain ON keys.id = chain.parent_id
      )
      SELECT ${KEY_COLUMNS}, coalesce(expires_at <= now(), false) AS expired, at::int FROM chain ORDER BY at, depth`,
    [secrets.map(secretDigest)],
  );
  const chains = new Map<string, ChainedKey[]>();
  for (const { at, ...key } of rows) {
    const secret = secrets[at - 1]!;
    chains.set(secret, [...(chains.get(secret) ?? []), key]);
  }
  return chains;
}

function highestFloor(chain: Key[]): number | null {
  const floors = chain.flatMap(({ floor }) => floor ?? []);
  return floors.length === 0 ? null : Math.max(...floors);
}

function commonFormats(chain: Key[]): KeyFormat[] | null {
  const lists = chain.flatMap(({ formats }) => (formats ? [formats] : []));
  if (lists.length === 0) return null;
  return KEY_FORMATS.filter((format) => lists.every((list) => list.includes(format)));
}
