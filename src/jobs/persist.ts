/** Writing down what a worker has in hand, through whatever the database and the disk are up to meanwhile. */
import { sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { isOutage } from '../lib/problem.ts';

const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 5_000;
/** For what is not an outage, and will hardly pass. */
const TRIES = 9;

export interface Persisting {
  /** Words for the log. */
  what: string;
  log: Log;
  /** Aborts when the server stops: an outage is waited out no longer. */
  signal: AbortSignal;
}

/**
 * Does `step` until it succeeds.
 * @throws what the last try threw: an outage only once `signal` aborts
 */
export async function persist<T>({ what, log, signal }: Persisting, step: () => Promise<T>): Promise<T> {
  let backoffMs = FIRST_BACKOFF_MS;
  for (let tries = 1; ; tries += 1) {
    try {
      return await step();
    } catch (error) {
      if (isOutage(error) ? signal.aborted : tries >= TRIES) throw error;
      log.warn({ err: error }, `${what} could not be written yet`);
      await sleep(backoffMs, signal);
      backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS);
    }
  }
}
