/** Tells operators how a job ended: the one log line of a job, and the counts, from the same facts. */
import type { UsageEntry } from '../accounts/ledger.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';

export interface End {
  usage: UsageEntry;
  /** Null when it is done. */
  reason: string | null;
  bytesSaved: number;
  /** Null when no worker of the engine's ever took it. */
  waitedMs: number | null;
  engineMs: number | null;
  /** What lay underneath a failure. */
  error?: unknown;
}

export function reportEnd(metrics: Pick<Metrics, 'jobEnded'>, log: Log, end: End): void {
  const { usage, reason, bytesSaved, error } = end;
  const { jobId: job, keyId: key, dialect, what, outcome, credits, bytesIn, bytesOut } = usage;
  metrics.jobEnded({ outcome, reason, bytesSaved });
  const line = { job, key, dialect, what, outcome, reason, credits, bytesIn, bytesOut, bytesSaved };
  const times = { waitedMs: rounded(end.waitedMs), engineMs: rounded(end.engineMs) };
  log.info({ ...line, ...times, ...(error !== undefined && { err: error }) }, 'job ended');
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}
