/**
 * The queues underneath: pg-boss, reduced to leases. An entry is the id of a job and nothing more; what
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

export interface Entry {
  /** Of the job. */
  id: string;
  /** Earlier turns are taken first. */
  turn: number;
}

export interface LeaseQueue {
  put(tx: Queryable, entries: Entry[]): Promise<void>;
  /** At most `limit` entries, those of the earliest turns first. */
  take(tx: Queryable, limit: number): Promise<Lease[]>;
  /** Keeps leases alive. */
  touch(leases: Lease[]): Promise<void>;
  /** Hands the entries out again at once. */
  giveBack(tx: Queryable, jobIds: string[]): Promise<void>;
  /** The work is done; its entries are needed no more. */
  drop(tx: Queryable, jobIds: string[]): Promise<void>;
}

export interface LeaseQueues {
  /** Of jobs whose source is to be fetched. */
  fetch: LeaseQueue;
  /** Of jobs for the engine. */
  optimize: LeaseQueue;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The shortest lease that pg-boss accepts. */
export const LEASE_SECONDS = 10;
const NO_JOB = '00000000-0000-0000-0000-000000000000';
const TEN_YEARS_IN_SECONDS = 315_360_000;

export function createLeaseQueues(database: Database, jobTimeoutMs: number, log: Log): LeaseQueues {
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

  async function open(name: string): Promise<void> {
    if (!(await boss.getQueue(name))) await boss.createQueue(name);
    await boss.updateQueue(name, {
      heartbeatSeconds: LEASE_SECONDS,
      // A backstop behind the lease: a worker that lives but never ends a job.
      expireInSeconds: Math.ceil((jobTimeoutMs / 1000) * 4) + 300,
      // How often is enough is for the job's own row to say, never for the queue.
      retryLimit: 1_000_000,
      retryDelay: 0,
      retentionSeconds: TEN_YEARS_IN_SECONDS,
    });
    // The first use looks the queue up on a connection of its own: not to happen while transactions hold them all.
    await boss.findJobs(name, { id: NO_JOB });
  }

  return {
    fetch: leaseQueue(boss, 'fetch'),
    optimize: leaseQueue(boss, 'optimize'),
    async start() {
      await boss.start();
      await Promise.all(['fetch', 'optimize'].map(open));
    },
    stop: () => boss.stop({ graceful: false, close: false }),
  };
}

function leaseQueue(boss: PgBoss, name: string): LeaseQueue {
  return {
    async put(tx, entries) {
      const jobs = entries.map(({ id, turn }) => ({ id, priority: -turn }));
      if (jobs.length > 0) await boss.insert(name, jobs, { db: asBossDb(tx) });
    },
    async take(tx, limit) {
      const entries = await boss.fetch(name, { batchSize: limit, db: asBossDb(tx) });
      return entries.map(({ id, retryCount }) => ({ id, retryCount }));
    },
    async touch(leases) {
      if (leases.length > 0) await boss.touch(name, leases);
    },
    async giveBack(tx, jobIds) {
      if (jobIds.length > 0) await boss.fail(name, jobIds, null, { db: asBossDb(tx) });
    },
    async drop(tx, jobIds) {
      if (jobIds.length > 0) await boss.deleteJob(name, jobIds, { db: asBossDb(tx) });
    },
  };
}

function asBossDb(db: Queryable) {
  return { executeSql: (text: string, values?: unknown[]) => db.query(text, values) };
}
