/** A whole server for a test: its own data folder, any free port, one key, gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey } from '../src/accounts/keys.ts';
import { createApp } from '../src/app.ts';
import { type Config, readConfig } from '../src/config/config.ts';
import { createLog } from '../src/lib/log.ts';
import { openDatabase } from '../src/store/database.ts';
import { reachEmbeddedPostgres } from '../src/store/embedded-postgres.ts';

export interface RunningApp {
  url: string;
  /** A valid, unlimited API key. */
  key: string;
  dataDir: string;
  /** Makes another key, for these sites only where there are some. @returns its secret. */
  makeKey(credits: number | null, domains?: string[]): Promise<string>;
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
  const { url } = await app.start();
  const stop = async () => {
    await app.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url, key, dataDir, makeKey: (credits, domains) => makeKey(dataDir, credits, domains), stop };
}

async function makeKey(dataDir: string, credits: number | null, domains: string[] = []): Promise<string> {
  const log = createLog('error');
  const embedded = await reachEmbeddedPostgres({ dataDir, log });
  const database = openDatabase(embedded.connection, log);
  const { secret } = await createKey(database, { name: 'made by a test', credits, domains });
  await database.close();
  await embedded.stop();
  return secret;
}
