/** What a stopped server left behind: whether every job has ended, once and paid for once, and nothing lies about. */
import { join } from 'node:path';
import { sweepOnce } from '../../src/jobs/sweep.ts';
import { createLog } from '../../src/lib/log.ts';
import type { BlobStore } from '../../src/store/blobs/blob-store.ts';
import { openDiskBlobs } from '../../src/store/blobs/disk.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { reachEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';

export interface Audit {
  /** Jobs, acknowledged or not, that nobody works on any more and that have not ended; callbacks that were never due. */
  stuck: number;
  'charged twice': number;
  'credits held': number;
  'orphan files': number;
}

const log = createLog('error');

export async function audit(dataDir: string): Promise<Audit> {
  return inDatabase(dataDir, async (database) => {
    const blobs = await openDiskBlobs(join(dataDir, 'blobs'));
    await database.query(
      `UPDATE blobs SET sweep_after = now() - interval '1 s' WHERE sweep_after IS NOT NULL`,
    );
    await sweepOnce(database, blobs, log);
    return {
      stuck: await countStuck(database),
      ...(await countCharges(database)),
      'orphan files': await countOrphans(database, blobs),
    };
  });
}

/** One key sends more in a minute than protocols let it. */
export async function liftRateLimits(dataDir: string): Promise<void> {
  await inDatabase(dataDir, (database) => database.query(`UPDATE keys SET rate_limits = '{"*": 1000000}'`));
}

async function inDatabase<T>(dataDir: string, work: (database: Database) => Promise<T>): Promise<T> {
  const embedded = await reachEmbeddedPostgres({ dataDir, log });
  const database = openDatabase(embedded.connection, log);
  try {
    return await work(database);
  } finally {
    await database.close();
    await embedded.stop();
  }
}

async function countStuck(database: Database): Promise<number> {
  const { rows } = await database.query<{ stuck: number }>(
    `SELECT (SELECT count(*)::int FROM jobs WHERE finished_at IS NULL)
       + (SELECT count(*)::int FROM callbacks WHERE status <> 'delivered') AS stuck`,
  );
  return rows[0]!.stuck;
}

/** By the ledger, which has every end once. */
async function countCharges(database: Database): Promise<Pick<Audit, 'charged twice' | 'credits held'>> {
  const { rows } = await database.query<{
    used: number;
    held: number;
    spent: number;
    entries: number;
    jobs: number;
  }>(
    `SELECT sum(credits_used)::int AS used, sum(credits_reserved)::int AS held,
       (SELECT coalesce(sum(credits), 0)::int FROM usage) AS spent, (SELECT count(*)::int FROM usage) AS entries,
       (SELECT count(*)::int FROM jobs WHERE finished_at IS NOT NULL AND EXISTS (SELECT FROM usage WHERE job_id = jobs.id)) AS jobs
     FROM keys`,
  );
  const { used, held, spent, entries, jobs } = rows[0]!;
  return { 'charged twice': Math.abs(used - spent) + (entries - jobs), 'credits held': held };
}

/** Files that the database does not know, and blobs that it knows and that have no file. */
async function countOrphans(database: Database, blobs: BlobStore): Promise<number> {
  const { rows } = await database.query<{ key: string }>('SELECT key FROM blobs');
  const known = new Set(rows.map(({ key }) => key));
  let unknown = 0;
  for await (const { key } of blobs.list()) if (!known.delete(key)) unknown += 1;
  return unknown + known.size;
}
