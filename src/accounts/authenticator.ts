/** Recognises callers, those that come at the same time in one question to the database. */
import { createGathering } from '../lib/gather.ts';
import type { Queryable } from '../store/database.ts';
import { authenticateAll, type Caller, type Key } from './keys.ts';

/** @throws Problem `unauthorized` | `key-expired` | `domain-not-allowed` */
export type Authenticate = (secret: string, domain?: string) => Promise<Key>;

const MOST_AT_ONCE = 200;

export function createAuthenticator(db: Queryable): Authenticate {
  const ask = createGathering((callers: Caller[]) => authenticateAll(db, callers), MOST_AT_ONCE);
  return (secret, domain) => ask({ secret, domain });
}

/** For one request: whoever was recognised once in its course is not asked for again. */
export function rememberCallers(authenticate: Authenticate): Authenticate {
  const known = new Map<string, Promise<Key>>();
  return async (secret, domain) => {
    const caller = JSON.stringify([secret, domain]);
    const asked = known.get(caller) ?? authenticate(secret, domain);
    known.set(caller, asked);
    const key = await asked;
    // Whoever may ask for a site may ask.
    known.set(JSON.stringify([secret, undefined]), asked);
    return key;
  };
}
