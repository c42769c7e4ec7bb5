/**
 * Hosts that fail again and again: for a while nothing more is asked of them, for each key by itself. A dead origin is
 * not to hold up the fetching of everything else, nor one that refuses to be asked a hundred times.
 */

export interface FailingHosts {
  isFailing(keyId: string, host: string): boolean;
  /** @param reachable whether there was an answer that is not a refusal. */
  note(keyId: string, host: string, reachable: boolean): void;
}

interface Streak {
  failures: number;
  lastAt: number;
}

/** Failures in a row. */
const TOO_MANY = 10;
/** How long a host is left alone; failures further apart are no streak. */
const REST_MS = 60_000;
const MOST_REMEMBERED = 10_000;

/** @param now milliseconds on any clock. */
export function createFailingHosts(now: () => number = () => performance.now()): FailingHosts {
  const streaks = new Map<string, Streak>();
  const isOver = ({ lastAt }: Streak) => now() - lastAt >= REST_MS;

  function forgetOld(): void {
    for (const [name, streak] of streaks) if (isOver(streak)) streaks.delete(name);
    if (streaks.size >= MOST_REMEMBERED) streaks.clear();
  }

  return {
    isFailing(keyId, host) {
      const streak = streaks.get(`${keyId} ${host}`);
      return streak !== undefined && streak.failures >= TOO_MANY && !isOver(streak);
    },
    note(keyId, host, reachable) {
      const name = `${keyId} ${host}`;
      const streak = streaks.get(name);
      if (reachable) return void streaks.delete(name);
      if (streaks.size >= MOST_REMEMBERED) forgetOld();
      const failures = streak && !isOver(streak) ? streak.failures + 1 : 1;
      streaks.set(name, { failures, lastAt: now() });
    },
  };
}
