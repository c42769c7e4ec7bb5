/** What a stopped server left behind: whether every job has ended, once and paid for once, and nothing lies about. */
import { join } from 'node:path';
import { sweepOnce } from '../../src/jobs/sweep.ts';
import { createLog } from '../../src/lib/log.ts';
import type { BlobStore } from '../../src/store/blobs/blob-store.ts';
import { openDiskBlobs } from '../../src/store/blobs/disk.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { reachEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';

export interface Audit {
  /** Jobs, acknowledged or not. */
  failed: number;
  /** Jobs, acknowledged or not, that have not ended, and callbacks that were not delivered. */
  stuck: number;
  /** Twice, at another price than what came out has, or without an entry in the ledger. */
  'charged wrong': number;
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
      ...(await countEnds(database)),
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

async function countEnds(database: Database): Promise<Pick<Audit, 'failed' | 'stuck'>> {
  const { rows } = await database.query<Pick<Audit, 'failed' | 'stuck'>>(
    `SELECT (SELECT count(*)::int FROM jobs WHERE status = 'failed') AS failed,
       (SELECT count(*)::int FROM jobs WHERE finished_at IS NULL)
         + (SELECT count(*)::int FROM callbacks WHERE status <> 'delivered') AS stuck`,
  );
  return rows[0]!;
}

async function countCharges(database: Database): Promise<Pick<Audit, 'charged wrong' | 'credits held'>> {
  const { rows } = await database.query<
    Record<'used' | 'held' | 'spent' | 'misrecorded' | 'mispriced', number>
  >(
    `SELECT sum(credits_used)::int AS used, sum(credits_reserved)::int AS held,
       (SELECT coalesce(sum(credits), 0)::int FROM usage) AS spent,
       (SELECT count(*)::int FROM jobs j
         WHERE finished_at IS NOT NULL AND (SELECT count(*) FROM usage u WHERE u.job_id = j.id) <> 1) AS misrecorded,
       (SELECT count(*)::int FROM jobs j JOIN usage u ON u.job_id = j.id
         WHERE j.free_up_to IS NULL AND u.credits <> (j.status = 'done' AND j.charge)::int) AS mispriced
     FROM keys`,
  );
  const { used, held, spent, misrecorded, mispriced } = rows[0]!;
  return { 'charged wrong': Math.abs(used - spent) + misrecorded + mispriced, 'credits held': held };
}

/** Files that the database does not know, and blobs that it knows and that have no file. */
async function countOrphans(database: Database, blobs: BlobStore): Promise<number> {
  const { rows } = await database.query<{ key: string }>('SELECT key FROM blobs');
  const known = new Set(rows.map(({ key }) => key));
  let unknown = 0;
  for await (const { key } of blobs.list()) if (!known.delete(key)) unknown += 1;
  return unknown + known.size;
}
