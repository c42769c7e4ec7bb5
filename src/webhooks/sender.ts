/**
 * The sender of callbacks: claims what is due, so many at a time and few for one host or key, and settles every attempt:
 * delivered, to be tried again, or dead. It waits for receivers, not for the processor, and never for a job.
 */
import { createBell } from '../lib/bell.ts';
import { within } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Database } from '../store/database.ts';
import type { Attempt, Outcome } from './attempt.ts';
import {
  CALLBACK_DUE_CHANNEL,
  type Claim,
  claimCallbacks,
  returnCallback,
  type Settlement,
  settleCallback,
} from './callback-states.ts';
import { nextDelayMs } from './retry.ts';

export interface Sender {
  /** Begins to claim. */
  start(): Promise<void>;
  /** Claims no more, waits for what is in hand, and breaks off what has not ended after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Each costs a connection and no more. */
const MOST_IN_HAND = 64;
const MOST_PER_HOST = 2;
const MOST_PER_KEY = 16;
/** How long a killed sender's callbacks wait for another. */
const LEASE_MS = 60_000;
/** Wake-ups are notified; this is for those that got lost, for retries and for leases that lapsed. */
const POLL_MS = 2_000;
const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 5_000;

/** @param random from 0 to 1, for the delays between attempts. */
export function createSender(
  database: Database,
  attempt: Attempt,
  log: Log,
  random: () => number = Math.random,
): Sender {
  const held = new Set<Promise<void>>();
  const bell = createBell();
  const breakingOff = new AbortController();
  let stopping = false;
  let claiming = Promise.resolve();
  let unlisten = async () => {};

  async function claimUntilStopped(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (!stopping) {
      try {
        const claimed = await claimSome();
        backoffMs = FIRST_BACKOFF_MS;
        if (claimed === 0) await bell.wait(POLL_MS);
      } catch (error) {
        log.warn({ err: error }, 'no callbacks could be claimed');
        await bell.wait(backoffMs);
        backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS);
      }
    }
  }

  async function claimSome(): Promise<number> {
    const most = MOST_IN_HAND - held.size;
    if (most === 0) return 0;
    const limits = { mostPerHost: MOST_PER_HOST, mostPerKey: MOST_PER_KEY, leaseMs: LEASE_MS };
    const claims = await claimCallbacks(database, { most, ...limits });
    for (const claim of claims) hold(claim);
    return claims.length;
  }

  function hold(claim: Claim): void {
    const ended = see(claim)
      // Nothing is lost: the lease lapses, and the callback is handed out again.
      .catch((error) => log.error({ err: error, callback: claim.id }, 'a callback was dropped'))
      .finally(() => {
        held.delete(ended);
        bell.ring();
      });
    held.add(ended);
  }

  async function see(claim: Claim): Promise<void> {
    const outcome = await attempt(claim, breakingOff.signal);
    if (outcome.status === null && breakingOff.signal.aborted) return returnCallback(database, claim);
    const settlement = settle(claim, outcome, random);
    if (await settleCallback(database, claim, settlement)) tell(claim, outcome, settlement);
  }

  function tell({ id, host, attempts }: Claim, outcome: Outcome, settlement: Settlement): void {
    const cause = outcome.kind === 'failed' ? outcome.cause : undefined;
    const facts = { callback: id, host, attempts, ...settlement, ...(cause !== undefined && { err: cause }) };
    if (settlement.to === 'delivered') log.debug(facts, 'a callback was delivered');
    else if (settlement.to === 'due') log.info(facts, 'a callback was not taken and will be sent again');
    else log.warn(facts, 'a callback was given up');
  }

  return {
    async start() {
      unlisten = await database.listen(CALLBACK_DUE_CHANNEL, bell.ring, bell.ring);
      claiming = claimUntilStopped();
    },
    async stop(graceMs) {
      stopping = true;
      bell.ring();
      await claiming;
      await within(graceMs, Promise.all(held));
      breakingOff.abort();
      await Promise.all(held);
      await unlisten();
    },
  };
}

function settle({ attempts, ageMs }: Claim, outcome: Outcome, random: () => number): Settlement {
  const { status } = outcome;
  if (outcome.kind === 'delivered') return { to: 'delivered', status: outcome.status };
  const { error, retryAfterMs, gone } = outcome;
  const delayMs = gone ? null : nextDelayMs({ attempts, ageMs, retryAfterMs }, random);
  return delayMs === null ? { to: 'dead', status, error } : { to: 'due', status, error, delayMs };
}
