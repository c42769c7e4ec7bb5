/** A real database in a temporary folder, for the tests of a file: made before the first, gone after the last. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { createLog } from '../lib/log.ts';
import { type Database, openDatabase } from './database.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';

export const silentLog = createLog('silent');

/** @returns an open database without any schema, and the server under it. */
export async function temporaryDatabase(): Promise<{ database: Database; server: EmbeddedPostgres }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'keeneye-database-'));
  const server = await startEmbeddedPostgres({ dataDir, log: silentLog });
  const database = openDatabase(server.connection, silentLog);
  after(async () => {
    await database.close();
    await server.stop();
    await rm(dataDir, { recursive: true });
  });
  return { database, server };
}
