/**
 * The queue underneath: pg-boss, reduced to leases. An entry is the id of a job and nothing more; what
 * the job is and how it ended stands in our own tables, written in the same transaction. An entry taken
 * and not touched for `LEASE_SECONDS` is handed out again, so a dead worker's job is never lost.
 */
import { PgBoss } from 'pg-boss';
import type { Log } from '../lib/log.ts';
import type { Database, Queryable } from '../store/database.ts';

/** A taken entry; `retryCount` tells this lease from later ones on the same job. */
export interface Lease {
  id: string;
  retryCount: number;
}

export interface LeaseQueue {
  start(): Promise<void>;
  put(tx: Queryable, jobId: string): Promise<void>;
  /** At most `limit` entries, oldest first. */
  take(tx: Queryable, limit: number): Promise<Lease[]>;
  /** Keeps leases alive. */
  touch(leases: Lease[]): Promise<void>;
  /** Hands the entries out again at once. */
  giveBack(tx: Queryable, jobIds: string[]): Promise<void>;
  /** The jobs have ended; their entries are needed no more. */
  drop(tx: Queryable, jobIds: string[]): Promise<void>;
  stop(): Promise<void>;
}

const QUEUE = 'optimize';
/** The shortest lease that pg-boss accepts. */
export const LEASE_SECONDS = 10;
const NO_JOB = '00000000-0000-0000-0000-000000000000';
const TEN_YEARS_IN_SECONDS = 315_360_000;

export function createLeaseQueue(database: Database, jobTimeoutMs: number, log: Log): LeaseQueue {
  const boss = new PgBoss({
    db: asBossDb(database),
    schedule: false,
    // Together they decide how soon after its lease lapsed a job is handed out again.
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
    // Entries are dropped by the transaction that ends their job: there are no heaps of dead rows to watch.
    monitorVacuum: false,
    reindex: false,
  });
  boss.on('error', (error) => log.warn({ err: error }, 'queue upkeep failed'));
  boss.on('warning', (warning) => log.warn({ warning }, 'queue warning'));

  async function start(): Promise<void> {
    await boss.start();
    if (!(await boss.getQueue(QUEUE))) await boss.createQueue(QUEUE);
    await boss.updateQueue(QUEUE, {
      heartbeatSeconds: LEASE_SECONDS,
      // A backstop behind the lease: a worker that lives but never ends a job.
      expireInSeconds: Math.ceil((jobTimeoutMs / 1000) * 4) + 300,
      // How often is enough is for the job's own row to say, never for the queue.
      retryLimit: 1_000_000,
      retryDelay: 0,
      retentionSeconds: TEN_YEARS_IN_SECONDS,
    });
    // The first use looks the queue up on a connection of its own: not to happen while transactions hold them all.
    await boss.findJobs(QUEUE, { id: NO_JOB });
  }

  return {
    start,
    async put(tx, jobId) {
      await boss.send(QUEUE, null, { id: jobId, db: asBossDb(tx) });
    },
    async take(tx, limit) {
      const entries = await boss.fetch(QUEUE, { batchSize: limit, db: asBossDb(tx) });
      return entries.map(({ id, retryCount }) => ({ id, retryCount }));
    },
    async touch(leases) {
      if (leases.length > 0) await boss.touch(QUEUE, leases);
    },
    async giveBack(tx, jobIds) {
      if (jobIds.length > 0) await boss.fail(QUEUE, jobIds, null, { db: asBossDb(tx) });
    },
    async drop(tx, jobIds) {
      if (jobIds.length > 0) await boss.deleteJob(QUEUE, jobIds, { db: asBossDb(tx) });
    },
    stop: () => boss.stop({ graceful: false, close: false }),
  };
}

function asBossDb(db: Queryable) {
  return { executeSql: (text: string, values?: unknown[]) => db.query(text, values) };
}
