/**
 * A worker on one of the queues: claims jobs as it has hands free, keeps their leases alive, and gives back at
 * the end what it could not finish, through restarts of the database. How jobs are claimed and what is done with
 * them is its caller's to say.
 */

import { createBell } from '../lib/bell.ts';
import { within } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Database } from '../store/database.ts';
import { LEASE_SECONDS, type Lease, type LeaseQueue } from './lease-queue.ts';

export interface Worker {
  /** Begins to claim. */
  start(): Promise<void>;
  /** Claims no more, waits for what is in hand, and aborts what has not ended after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** A job in hand. */
export interface Held {
  id: string;
  lease: Lease;
}

/** What a worker does. */
export interface Trade<Claim extends Held> {
  queue: LeaseQueue;
  /** Notified when there may be something to claim. */
  channel: string;
  claim(limit: number): Promise<Claim[]>;
  /** Sees one job to its end, or gives it back once `signal` aborts. */
  work(claim: Claim, signal: AbortSignal): Promise<void>;
}

interface Hand<Claim> {
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
export function createWorker<Claim extends Held>(
  database: Database,
  { queue, channel, claim: claimSome, work }: Trade<Claim>,
  size: number,
  log: Log,
): Worker {
  const held = new Set<Hand<Claim>>();
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
        const claims = free > 0 ? await claimSome(free) : [];
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
    const job: Hand<Claim> = { claim, abort, ended };
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
      unlisten = await database.listen(channel, bell.ring, bell.ring);
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
