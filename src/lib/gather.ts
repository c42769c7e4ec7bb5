/**
 * Group commit: calls that arrive while earlier ones are under way are done together in the next round, so that
 * one transaction serves many under load and a single call never waits for company.
 */

import { isOutage } from './problem.ts';

/** What came of one of several: a round must not fail one caller for another's fault. */
export type Settled<Value> = { value: Value } | { error: unknown };

/**
 * @param work does a round; answers for each item, in order. When it throws, a round of several is done again one by
 *   one, unless it threw a Problem `unavailable`, which is everyone's.
 * @param most items in one round.
 */
export function createGathering<Item, Value>(
  work: (items: Item[]) => Promise<Settled<Value>[]>,
  most: number,
): (item: Item) => Promise<Value> {
  interface Call {
    item: Item;
    settle(result: Settled<Value>): void;
  }
  const waiting: Call[] = [];
  let busy = false;

  async function run(calls: Call[]): Promise<void> {
    const results = await work(calls.map(({ item }) => item)).catch((error: unknown) => ({ error }));
    if (Array.isArray(results)) for (const [at, call] of calls.entries()) call.settle(results[at]!);
    else if (calls.length === 1 || isOutage(results.error)) for (const call of calls) call.settle(results);
    else for (const call of calls) await run([call]);
  }

  async function drain(): Promise<void> {
    busy = true;
    while (waiting.length > 0) await run(waiting.splice(0, most));
    busy = false;
  }

  return async (item) => {
    const { promise, resolve } = Promise.withResolvers<Settled<Value>>();
    waiting.push({ item, settle: resolve });
    if (!busy) void drain();
    const result = await promise;
    if ('error' in result) throw result.error;
    return result.value;
  };
}
