/** Lets so many through at once for each name; the others wait in the order in which they came. */

interface Turnstile {
  inside: number;
  waiting: (() => void)[];
}

/** @returns a function that runs `work` as one of at most `most` at once under `name`. */
export function createTurnstiles(most: number): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const turnstiles = new Map<string, Turnstile>();
  return async (name, work) => {
    const turnstile = turnstiles.get(name) ?? { inside: 0, waiting: [] };
    turnstiles.set(name, turnstile);
    if (turnstile.inside < most) turnstile.inside += 1;
    else await new Promise<void>((enter) => turnstile.waiting.push(enter));
    try {
      return await work();
    } finally {
      const next = turnstile.waiting.shift();
      // Whoever leaves hands its place on, so that nobody slips in before those who wait.
      if (next) next();
      else turnstile.inside -= 1;
      if (turnstile.inside === 0) turnstiles.delete(name);
    }
  };
}
