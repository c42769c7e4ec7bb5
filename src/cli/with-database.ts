/**
 * The server's own database and stored files, for verbs that work on them: in DATABASE_URL, or in DATA_DIR, whose
 * database is joined when a server runs on it and started for the moment when not.
 */
import type { Config } from '../config/config.ts';
import type { Database } from '../store/database.ts';
import { terminal } from './terminal.ts';

export interface Opened {
  database: Database;
  config: Config;
}

export interface Purpose {
  /** What is looked for in the database: whoever is in the wrong folder should notice that it is not there. */
  keeps: string;
  /** What to do where DATA_DIR has no database. */
  ifNone: 'make' | 'refuse';
}

/**
 * What it needs is loaded here and not above, so that the other verbs need not wait for a database driver.
 * @throws Error with a sentence for the operator, and whatever `work` throws.
 */
export async function withDatabase(
  { keeps, ifNone }: Purpose,
  work: (opened: Opened) => Promise<void>,
): Promise<void> {
  const [{ readConfig }, { createLog }, { openDatabase }, embeddedPostgres, { migrate }] = await Promise.all([
    import('../config/config.ts'),
    import('../lib/log.ts'),
    import('../store/database.ts'),
    import('../store/embedded-postgres.ts'),
    import('../store/migrate.ts'),
  ]);
  const config = readConfig();
  const { databaseUrl, dataDir } = config;
  const log = createLog('warn');
  const parts = new AsyncDisposableStack();
  try {
    const isNew = databaseUrl === null && !(await embeddedPostgres.hasEmbeddedPostgres(dataDir));
    if (isNew && ifNone === 'refuse') {
      throw new Error(
        `There is no database in ${dataDir}, so there are no ${keeps}. Is it the server's DATA_DIR?`,
      );
    }
    const embedded =
      databaseUrl === null ? await embeddedPostgres.reachEmbeddedPostgres({ dataDir, log }) : null;
    if (embedded) parts.defer(() => embedded.stop());
    const database = openDatabase(databaseUrl ?? embedded!.connection, log);
    parts.defer(() => database.close());
    await migrate(database);
    await work({ database, config });
    if (isNew) {
      terminal.complain(`There was no database in ${dataDir}: made one. The server must use that DATA_DIR.`);
    }
  } finally {
    await parts.disposeAsync();
  }
}
