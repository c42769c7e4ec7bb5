/**
 * Brings the database to the schema that this build knows: the files of `migrations/`, in the order of
 * their names, each once and each in a transaction. Nodes that start together take turns.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, Queryable } from './database.ts';

const MIGRATIONS = join(import.meta.dirname, 'migrations');
const FILE_NAME = /^\d{4}-[a-z0-9-]+\.sql$/;
/** Any number that is ours alone: the advisory lock under which one node migrates. */
const MIGRATION_LOCK = 5_130_917_224;
/** A large table may take its time, and another node's turn as well. */
const MIGRATION_TIMEOUT_MS = 3_600_000;

/**
 * @returns the names of the files that were run now.
 * @throws Error when the database was migrated by a newer build, or a file fails; what ran before it stays.
 */
export async function migrate(database: Database, folder = MIGRATIONS): Promise<string[]> {
  const known = (await readdir(folder)).filter((name) => FILE_NAME.test(name)).sort();
  const ran: string[] = [];
  for (;;) {
    const name = await database.transaction((tx) => runNext(tx, folder, known), MIGRATION_TIMEOUT_MS);
    if (name === null) return ran;
    ran.push(name);
  }
}

async function runNext(tx: Queryable, folder: string, known: string[]): Promise<string | null> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  const applied = await appliedMigrations(tx);
  const newer = [...applied].find((name) => !known.includes(name));
  if (newer)
    throw new Error(`The database has migration ${newer}, which this version does not know: upgrade.`);
  const next = known.find((name) => !applied.has(name));
  if (!next) return null;
  await tx.query(await readFile(join(folder, next), 'utf8')).catch((error) => {
    throw new Error(`Migration ${next} failed: ${error.message}`, { cause: error });
  });
  await tx.query('INSERT INTO schema_migrations (name) VALUES ($1)', [next]);
  return next;
}

async function appliedMigrations(tx: Queryable): Promise<Set<string>> {
  await tx.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`);
  const { rows } = await tx.query<{ name: string }>('SELECT name FROM schema_migrations');
  return new Set(rows.map(({ name }) => name));
}
