/** Checks the database that the server would use: the operator's, or an embedded one started for the moment. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientConfig } from 'pg';
import { createLog } from '../../lib/log.ts';
import { openDatabase } from '../../store/database.ts';
import { startEmbeddedPostgres } from '../../store/embedded-postgres.ts';
import { sentence } from '../sentence.ts';
import { type Check, fail, ok } from './check.ts';

const OLDEST_MAJOR = 15;

/** @param url DATABASE_URL, or null for the embedded database. */
export function checkDatabase(url: string | null): Promise<Check> {
  return url === null ? checkEmbedded() : checkServer(url, 'DATABASE_URL');
}

/** In a folder of its own: whatever is in DATA_DIR, a server may be using it. */
async function checkEmbedded(): Promise<Check> {
  const dataDir = await mkdtemp(join(tmpdir(), 'keeneye-doctor-'));
  try {
    const embedded = await startEmbeddedPostgres({ dataDir, log: createLog('silent') });
    return await checkServer(embedded.connection, 'embedded').finally(embedded.stop);
  } catch (error) {
    return fail('database', (error as Error).message, 'Follow the advice above, or set DATABASE_URL.');
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function checkServer(source: ClientConfig | string, where: string): Promise<Check> {
  const database = openDatabase(source, createLog('silent'));
  try {
    const { rows } = await database.query<{ server_version: string }>('SHOW server_version');
    return judgeVersion(rows[0]!.server_version, where);
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    return fail(
      'database',
      `${where}: ${sentence(cause)}`,
      'Check DATABASE_URL and that the server accepts it.',
    );
  } finally {
    await database.close();
  }
}

function judgeVersion(version: string, where: string): Check {
  const detail = `PostgreSQL ${version} (${where})`;
  if (Number.parseInt(version, 10) >= OLDEST_MAJOR) return ok('database', detail);
  return fail('database', detail, `Upgrade it to PostgreSQL ${OLDEST_MAJOR} or newer.`);
}
