/**
 * How often a key may ask: counted in the database, so that all nodes count as one. The windows are fixed ones that
 * begin with the first request in them.
 */
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../lib/problem.ts';
import type { Database } from '../store/database.ts';
import type { Key } from './keys.ts';

/** Shaped as the contract of dialects has it, which this room does not know. */
export interface RateLimit {
  /** Told apart by this. */
  endpoint: string;
  requests: number;
  seconds: number;
}

export interface Allowance {
  requests: number;
  /** After the request that was counted. */
  left: number;
  resetSeconds: number;
}

type Limited = Pick<Key, 'id' | 'rateLimits'>;

export interface RateLimits {
  /**
   * Counts one request. What is said of the key itself goes before what the protocol says.
   * @throws Problem `rate-limited` | `unavailable`
   */
  consume(key: Limited, limit: RateLimit): Promise<Allowance>;
  /** The same where the protocol has no limit: only what is said of the key counts. */
  consumeOwn(key: Limited, endpoint: string): Promise<void>;
}

/** That of keys is a minute. */
const KEY_WINDOW_SECONDS = 60;

export function createRateLimits(database: Database): RateLimits {
  const limiters = new Map<string, RateLimiterPostgres>();
  const limiterOf = ({ requests, seconds }: RateLimit): RateLimiterPostgres => {
    const name = `${requests}/${seconds}`;
    const limiter = limiters.get(name) ?? createLimiter(database, requests, seconds, limiters.size === 0);
    limiters.set(name, limiter);
    return limiter;
  };
  async function count({ id }: Limited, limit: RateLimit): Promise<Allowance> {
    const { endpoint, requests, seconds } = limit;
    try {
      const counted = await limiterOf(limit).consume(`${id}:${seconds}:${endpoint}`);
      return { requests, left: counted.remainingPoints, resetSeconds: wholeSeconds(counted) };
    } catch (error) {
      throw error instanceof RateLimiterRes ? refusal(limit, error) : error;
    }
  }

  return {
    consume: (key, limit) => count(key, ownLimit(key, limit.endpoint) ?? limit),
    async consumeOwn(key, endpoint) {
      const limit = ownLimit(key, endpoint);
      if (limit) await count(key, limit);
    },
  };
}

function ownLimit({ rateLimits }: Limited, endpoint: string): RateLimit | null {
  const requests = rateLimits[endpoint] ?? rateLimits['*'];
  return requests === undefined ? null : { endpoint, requests, seconds: KEY_WINDOW_SECONDS };
}

/** @param sweeps whether it removes the counts of windows that are over; one does for all. */
function createLimiter(
  database: Database,
  requests: number,
  seconds: number,
  sweeps: boolean,
): RateLimiterPostgres {
  return new RateLimiterPostgres({
    // Not the pool itself: so what the database cannot do is worded as everywhere else.
    storeClient: { query: query(database) },
    storeType: 'pool',
    tableName: 'request_counts',
    tableCreated: true,
    keyPrefix: '',
    points: requests,
    duration: seconds,
    // Who is over the limit costs no more queries until the window ends.
    inMemoryBlockOnConsumed: requests,
    clearExpiredByTimeout: sweeps,
  });
}

function query(database: Database) {
  return ({ text, values }: { text: string; values: unknown[] }) => database.query(text, values);
}

function refusal({ requests, seconds }: RateLimit, counted: RateLimiterRes): Problem {
  const retryAfterSeconds = wholeSeconds(counted);
  const message = `This API key may ask ${requests} times in ${seconds} seconds; ask again in ${retryAfterSeconds}.`;
  return new Problem('rate-limited', message, { retryAfterSeconds });
}

function wholeSeconds({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}
