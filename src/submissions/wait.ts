/**
 * Waiting for a job's end: woken by the database's own notification, whichever node did the work, with
 * a slow poll behind it, because a notification sent while the listener was away is gone.
 */

import { JOB_ENDED_CHANNEL } from '../jobs/close-job.ts';
import { hasEnded, type JobRecord } from '../jobs/job-record.ts';
import { isOutage } from '../lib/problem.ts';
import type { Database } from '../store/database.ts';

export interface Endings {
  start(): Promise<void>;
  /** Resolves when the job may have ended, or after `ms`, or when all waiting is over. */
  next(jobId: string, ms: number, signal?: AbortSignal): { woken: Promise<void>; forget(): void };
  /** True once nobody should wait any more. */
  closed(): boolean;
  /** Wakes everyone who waits. */
  close(): Promise<void>;
}

const POLL_MS = 3_000;

export function createEndings(database: Database): Endings {
  const waiting = new Map<string, Set<() => void>>();
  let over = false;
  let unlisten = async () => {};

  const wake = (jobId: string) => {
    for (const resolve of waiting.get(jobId) ?? []) resolve();
  };
  const wakeAll = () => {
    for (const jobId of waiting.keys()) wake(jobId);
  };

  function next(jobId: string, ms: number, signal?: AbortSignal) {
    const { promise: woken, resolve: settle } = Promise.withResolvers<void>();
    const resolve = () => settle();
    const timer = setTimeout(resolve, ms);
    const waiters = waiting.get(jobId) ?? new Set();
    waiting.set(jobId, waiters.add(resolve));
    signal?.addEventListener('abort', resolve);
    const forget = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', resolve);
      waiters.delete(resolve);
      if (waiters.size === 0 && waiting.get(jobId) === waiters) waiting.delete(jobId);
    };
    return { woken, forget };
  }

  return {
    async start() {
      unlisten = await database.listen(JOB_ENDED_CHANNEL, wake, wakeAll);
    },
    next,
    closed: () => over,
    async close() {
      over = true;
      wakeAll();
      await unlisten();
    },
  };
}

/**
 * The job once it has ended, or as it stands after `deadlineMs`, when `signal` aborts or when the server stops.
 * An outage of the database in between is waited out.
 * @throws whatever `load` throws when the time is up
 */
export async function waitForEnd(
  endings: Endings,
  jobId: string,
  load: () => Promise<JobRecord>,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<JobRecord> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const leftMs = deadline - performance.now();
    const lastLook = leftMs <= 0 || endings.closed() || signal?.aborted === true;
    // Before looking, so that an end between the look and the wait is not missed.
    const { woken, forget } = endings.next(jobId, Math.max(0, Math.min(leftMs, POLL_MS)), signal);
    try {
      const job = await load();
      if (lastLook || hasEnded(job)) return job;
      await woken;
    } catch (error) {
      if (lastLook || !isOutage(error)) throw error;
      await woken;
    } finally {
      forget();
    }
  }
}
