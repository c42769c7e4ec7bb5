/** A whole server for a test: its own data folder, any free port, one key, gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey } from '../src/accounts/keys.ts';
import { createApp } from '../src/app.ts';
import { type Config, readConfig } from '../src/config/config.ts';
import { createLog } from '../src/lib/log.ts';
import { type Database, openDatabase } from '../src/store/database.ts';
import { reachEmbeddedPostgres } from '../src/store/embedded-postgres.ts';

export interface RunningApp {
  url: string;
  /** Null where `env` names no certificate. */
  tlsUrl: string | null;
  /** A valid, unlimited API key. */
  key: string;
  dataDir: string;
  /** Makes another key, for these sites only where there are some. @returns its secret. */
  makeKey(credits: number | null, domains?: string[]): Promise<string>;
  /** What no request can do: asks the database itself. */
  inDatabase<T>(work: (database: Database) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/**
 * @param env variables as an operator would set them.
 * @param config what an operator could not set, such as a result's life of a second.
 */
export async function startApp(
  env: Record<string, string> = {},
  config: Partial<Config> = {},
): Promise<RunningApp> {
  const dataDir = await mkdtemp(join(tmpdir(), 'keeneye-test-'));
  const key = 'key-of-a-running-test-app';
  const defaults = { DATA_DIR: dataDir, PORT: '0', KEENEYE_KEY: key, LOG_LEVEL: 'error', WORKERS: '1' };
  const app = createApp({ ...readConfig({ ...defaults, ...env }), ...config });
  const { url, tlsUrl } = await app.start();
  const stop = async () => {
    await app.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  const inDatabase: RunningApp['inDatabase'] = (work) => openFor(dataDir, work);
  const makeKey = async (credits: number | null, domains: string[] = []) => {
    const wanted = { name: 'made by a test', credits, domains };
    return (await inDatabase((database) => createKey(database, wanted))).secret;
  };
  return { url, tlsUrl, key, dataDir, makeKey, inDatabase, stop };
}

async function openFor<T>(dataDir: string, work: (database: Database) => Promise<T>): Promise<T> {
  const log = createLog('error');
  const embedded = await reachEmbeddedPostgres({ dataDir, log });
  const database = openDatabase(embedded.connection, log);
  try {
    return await work(database);
  } finally {
    await database.close();
    await embedded.stop();
  }
}
