/** When a callback that failed is tried again, and when no more. Knows no clock: ages come in, delays go out. */

export interface FailedAttempt {
  /** So far, the failed one included. */
  attempts: number;
  /** Since the callback became due. */
  ageMs: number;
  /** What the receiver asked for; 0 when nothing. */
  retryAfterMs: number;
}

const GIVE_UP_AFTER_MS = 24 * 3_600_000;
const FIRST_CEILING_MS = 10_000;
const LAST_CEILING_MS = 2 * 3_600_000;

/**
 * Exponential back-off with full jitter (anything from 0 to the ceiling), so that what failed together does not come
 * back together. What would come after the last moment comes at it.
 * @param random from 0 to 1
 * @returns milliseconds, or null when it is given up
 */
export function nextDelayMs(
  { attempts, ageMs, retryAfterMs }: FailedAttempt,
  random: () => number,
): number | null {
  const leftMs = GIVE_UP_AFTER_MS - ageMs;
  if (leftMs <= 0) return null;
  const ceilingMs = Math.min(FIRST_CEILING_MS * 2 ** (attempts - 1), LAST_CEILING_MS);
  return Math.min(Math.max(random() * ceilingMs, retryAfterMs), leftMs);
}

/** Reads a Retry-After header: seconds, or a date. @returns milliseconds from `nowMs`, 0 for what says nothing */
export function readRetryAfter(header: string | undefined, nowMs: number): number {
  if (header === undefined) return 0;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? 0 : Math.max(0, dateMs - nowMs);
}
