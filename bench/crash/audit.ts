/** What a stopped server left behind: whether every acknowledged job ended, once and paid for once, and nothing lies about. */
import { join } from 'node:path';
import { sweepOnce } from '../../src/jobs/sweep.ts';
import { createLog } from '../../src/lib/log.ts';
import type { BlobStore } from '../../src/store/blobs/blob-store.ts';
import { openDiskBlobs } from '../../src/store/blobs/disk.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { reachEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';

export interface Audit {
  finished: number;
  failed: number;
  lost: number;
  duplicatedCharges: number;
  heldCredits: number;
  orphans: number;
}

export async function audit(dataDir: string, acknowledged: Set<string>): Promise<Audit> {
  const log = createLog('error');
  const embedded = await reachEmbeddedPostgres({ dataDir, log });
  const database = openDatabase(embedded.connection, log);
  const blobs = await openDiskBlobs(join(dataDir, 'blobs'));
  try {
    await database.query(
      `UPDATE blobs SET sweep_after = now() - interval '1 s' WHERE sweep_after IS NOT NULL`,
    );
    await sweepOnce(database, blobs, log);
    return {
      ...(await countEnds(database, [...acknowledged])),
      ...(await countCharges(database)),
      orphans: await countOrphans(database, blobs),
    };
  } finally {
    await database.close();
    await embedded.stop();
  }
}

async function countEnds(
  database: Database,
  ids: string[],
): Promise<Pick<Audit, 'finished' | 'failed' | 'lost'>> {
  const { rows } = await database.query<{ finished: number; failed: number }>(
    `SELECT count(*) FILTER (WHERE status IN ('done', 'declined'))::int AS finished,
       count(*) FILTER (WHERE status = 'failed')::int AS failed
     FROM jobs WHERE id = ANY($1::uuid[])`,
    [ids],
  );
  const { finished, failed } = rows[0]!;
  return { finished, failed, lost: ids.length - finished - failed };
}

async function countCharges(database: Database): Promise<Pick<Audit, 'duplicatedCharges' | 'heldCredits'>> {
  const { rows } = await database.query<{ used: number; reserved: number; done: number; twice: number }>(
    `SELECT sum(credits_used)::int AS used, sum(credits_reserved)::int AS reserved,
       (SELECT count(*)::int FROM jobs WHERE status = 'done' AND charge) AS done,
       (SELECT count(*)::int - count(DISTINCT job_id)::int FROM usage) AS twice FROM keys`,
  );
  const { used, reserved, done, twice } = rows[0]!;
  return { duplicatedCharges: Math.abs(used - done) + twice, heldCredits: reserved };
}

/** Files that the database does not know, and blobs that it knows and that have no file. */
async function countOrphans(database: Database, blobs: BlobStore): Promise<number> {
  const { rows } = await database.query<{ key: string }>('SELECT key FROM blobs');
  const known = new Set(rows.map(({ key }) => key));
  let unknown = 0;
  for await (const { key } of blobs.list()) if (!known.delete(key)) unknown += 1;
  return unknown + known.size;
}
