/** How fast somebody may ask: so often in a burst, and then so often a second. Each server node counts for itself. */
import { Problem } from '../lib/problem.ts';

export interface Pace {
  /** @throws Problem `overloaded` when `who` asks too fast */
  check(who: string): void;
}

/** Whoever is remembered beyond this many is looked at again, and forgotten when at rest. */
const MOST_REMEMBERED = 10_000;

/** @param now a clock in milliseconds. */
export function createPace(
  { burst, perSecond }: { burst: number; perSecond: number },
  now: () => number = () => performance.now(),
): Pace {
  /** When each will be at rest again. */
  const restingAt = new Map<string, number>();
  const costMs = 1000 / perSecond;
  return {
    check(who) {
      const time = now();
      if (restingAt.size > MOST_REMEMBERED) forget(restingAt, time);
      const next = Math.max(time, restingAt.get(who) ?? 0) + costMs;
      if (next - time > burst * costMs)
        throw new Problem('overloaded', 'That was too fast. Please wait a moment and try again.');
      restingAt.set(who, next);
    },
  };
}

function forget(restingAt: Map<string, number>, time: number): void {
  for (const [who, at] of restingAt) if (at <= time) restingAt.delete(who);
}
