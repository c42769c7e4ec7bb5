/**
 * The job worker: claims jobs as engine children come free, keeps their leases alive, and gives back at
 * the end what it could not finish, through restarts of the database. What is done with a claimed job
 * is its caller's to say.
 */
import { within } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Database } from '../store/database.ts';
import { createBell } from './bell.ts';
import { type Claim, claimJobs, JOB_QUEUED_CHANNEL } from './job-states.ts';
import { LEASE_SECONDS, type LeaseQueue } from './lease-queue.ts';

export interface Worker {
  /** Begins to claim. */
  start(): Promise<void>;
  /** Claims no more, waits for what is in hand, and aborts what has not ended after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Sees one job to its end, or gives it back once `signal` aborts. */
export type Work = (claim: Claim, signal: AbortSignal) => Promise<void>;

interface Held {
  claim: Claim;
  abort: AbortController;
  ended: Promise<void>;
}

/** Wake-ups are notified; this is for those that got lost and for leases that lapsed. */
const POLL_MS = 2_000;
const TOUCH_MS = (LEASE_SECONDS * 1000) / 3;
const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 5_000;

/** @param size jobs in hand at once. */
export function createWorker(
  database: Database,
  queue: LeaseQueue,
  work: Work,
  size: number,
  log: Log,
): Worker {
  const held = new Set<Held>();
  const bell = createBell();
  let stopping = false;
  let claiming = Promise.resolve();
  let touchTimer: NodeJS.Timeout | undefined;
  let unlisten = async () => {};

  async function claimUntilStopped(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (!stopping) {
      try {
        const free = size - held.size;
        const claims = free > 0 ? await claimJobs(database, queue, free) : [];
        for (const claim of claims) hold(claim);
        backoffMs = FIRST_BACKOFF_MS;
        if (claims.length < free || free === 0) await bell.wait(POLL_MS);
      } catch (error) {
        log.warn({ err: error }, 'no jobs could be claimed');
        await bell.wait(backoffMs);
        backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS);
      }
    }
  }

  function hold(claim: Claim): void {
    const abort = new AbortController();
    const ended = work(claim, abort.signal)
      // Nothing is lost: the lease lapses, and the job is handed out again.
      .catch((error) => log.error({ err: error, job: claim.id }, 'a job was dropped'))
      .finally(() => {
        held.delete(job);
        bell.ring();
      });
    const job: Held = { claim, abort, ended };
    held.add(job);
  }

  async function touch(): Promise<void> {
    try {
      await queue.touch([...held].map(({ claim }) => claim.lease));
    } catch (error) {
      log.warn({ err: error }, 'leases could not be renewed');
    }
  }

  const allEnded = () => Promise.all([...held].map(({ ended }) => ended));

  return {
    async start() {
      unlisten = await database.listen(JOB_QUEUED_CHANNEL, bell.ring, bell.ring);
      touchTimer = setInterval(touch, TOUCH_MS);
      claiming = claimUntilStopped();
    },
    async stop(graceMs) {
      stopping = true;
      bell.ring();
      await claiming;
      await within(graceMs, allEnded());
      for (const { abort } of held) abort.abort();
      await allEnded();
      clearInterval(touchTimer);
      await unlisten();
    },
  };
}
