/** Jobs over HTTP, as `keeneye jobs` has them at a terminal. */
import type { Reply, Request } from '../dialects/dialect.ts';
import { CANCELLED, cancelJob, retryJob } from '../jobs/intervene.ts';
import { inspectJob, listJobs } from '../jobs/job-list.ts';
import { reportEnd } from '../jobs/report-end.ts';
import { Problem } from '../lib/problem.ts';
import type { AdminParts, AdminRoute } from './handler.ts';
import { readQuery } from './read.ts';
import { jobsQuery } from './schema.ts';

const JOBS = '/api/v1/admin/jobs';

export const jobRoutes: AdminRoute[] = [
  ['GET', JOBS, list],
  ['GET', `${JOBS}/:id`, show],
  ['POST', `${JOBS}/:id/retry`, retry],
  ['POST', `${JOBS}/:id/cancel`, cancel],
];

async function list(request: Request, { database }: AdminParts): Promise<Reply> {
  const { key, ...filter } = readQuery(request, jobsQuery);
  return { status: 200, json: await listJobs(database, { ...filter, keyId: key }) };
}

async function show(request: Request, { database }: AdminParts): Promise<Reply> {
  readQuery(request);
  return shown(request, database);
}

async function retry(request: Request, { database, queues }: AdminParts): Promise<Reply> {
  readQuery(request);
  await retryJob(database, queues, request.params.id ?? '');
  return shown(request, database);
}

async function cancel(request: Request, parts: AdminParts): Promise<Reply> {
  const { database, queues, resultTtlMs, metrics, log } = parts;
  readQuery(request);
  const usage = await cancelJob(database, queues, request.params.id ?? '', resultTtlMs);
  reportEnd(metrics, log, { usage, reason: CANCELLED, bytesSaved: 0, waitedMs: null, engineMs: null });
  return shown(request, database);
}

async function shown({ params }: Request, database: AdminParts['database']): Promise<Reply> {
  const job = await inspectJob(database, params.id ?? '');
  if (!job) throw new Problem('not-found', 'There is no such job.');
  return { status: 200, json: job };
}
