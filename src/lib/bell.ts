/** A wake-up that is never missed: a ring while nobody waits is kept for the next who does. */

export interface Bell {
  ring(): void;
  /** Resolves at the next ring, at once when one is pending, or after `ms`. One waiter at a time. */
  wait(ms: number): Promise<void>;
}

export function createBell(): Bell {
  let pending = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      pending = true;
      wake?.();
    },
    async wait(ms) {
      if (!pending)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      wake = null;
      pending = false;
    },
  };
}
