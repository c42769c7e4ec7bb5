/** What the administration's handlers are given, and how they are listed. */
import type { Dialect, Reply, Request, Route } from '../dialects/dialect.ts';
import type { LeaseQueues } from '../jobs/lease-queue.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Database } from '../store/database.ts';

export interface AdminParts {
  database: Database;
  queues: LeaseQueues;
  /** How long a job is known once it was called off. */
  resultTtlMs: number;
  /** Whose words the refusals are in. */
  refuse: Dialect['refuse'];
  metrics: Pick<Metrics, 'jobEnded'>;
  log: Log;
}

/** Whoever asks is known to be an admin. */
export type Handler = (request: Request, parts: AdminParts) => Promise<Reply>;

export type AdminRoute = [method: Route['method'], path: string, handle: Handler];
