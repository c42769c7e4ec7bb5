/** Refuses work that would wait too long, before a byte of it is stored: what is accepted is served in time. */
import { type Backlog, measureBacklog } from '../jobs/backlog.ts';
import { Problem } from '../lib/problem.ts';
import type { Queryable } from '../store/database.ts';

export interface LoadLimits {
  /** Jobs that may wait. */
  maxQueue: number;
  /** Longest wait that is predicted for work that is still taken in. */
  maxWaitMs: number;
  /** Jobs worked on at once. */
  workers: number;
}

/** For how long a measurement serves; what was let in since is counted on top. */
const FRESH_MS = 250;

/** @returns a check that lets one more job in or throws Problem `overloaded`. */
export function createLoadCheck(db: Queryable, limits: LoadLimits): () => Promise<void> {
  let measured: Promise<Backlog> | null = null;
  let letIn = 0;

  function measure(): Promise<Backlog> {
    letIn = 0;
    const measuring = measureBacklog(db, limits.workers);
    const forget = () => {
      if (measured === measuring) measured = null;
    };
    measuring.then(() => setTimeout(forget, FRESH_MS).unref(), forget);
    return measuring;
  }

  return async () => {
    measured ??= measure();
    const { depth, drainSeconds } = await measured;
    const waiting = depth + letIn;
    const waitSeconds = depth > 0 ? (drainSeconds * waiting) / depth : 0;
    if (waiting >= limits.maxQueue || waitSeconds * 1000 > limits.maxWaitMs) throw overload(waitSeconds);
    letIn += 1;
  };
}

function overload(waitSeconds: number): Problem {
  const sentence = 'Too many images are waiting already. Try again in a while.';
  const retryAfterSeconds = Math.min(3600, Math.max(5, Math.round(waitSeconds / 10)));
  return new Problem('overloaded', sentence, { retryAfterSeconds });
}
