/** Callbacks over HTTP, as `keeneye webhooks` has them at a terminal. */
import type { Reply, Request } from '../dialects/dialect.ts';
import { Problem } from '../lib/problem.ts';
import { findCallback, listCallbacks, replayCallback } from '../webhooks/callback-record.ts';
import type { AdminParts, AdminRoute } from './handler.ts';
import { readQuery } from './read.ts';
import { callbacksQuery } from './schema.ts';

const CALLBACKS = '/api/v1/admin/callbacks';

export const callbackRoutes: AdminRoute[] = [
  ['GET', CALLBACKS, list],
  ['GET', `${CALLBACKS}/:id`, show],
  ['POST', `${CALLBACKS}/:id/replay`, replay],
];

async function list(request: Request, { database }: AdminParts): Promise<Reply> {
  return { status: 200, json: await listCallbacks(database, readQuery(request, callbacksQuery)) };
}

async function show(request: Request, { database }: AdminParts): Promise<Reply> {
  readQuery(request);
  return shown(request, database);
}

async function replay(request: Request, { database }: AdminParts): Promise<Reply> {
  readQuery(request);
  const replayed = await replayCallback(database, request.params.id ?? '');
  const reply = await shown(request, database);
  if (replayed) return reply;
  throw new Problem('invalid-parameter', 'Not all images of this callback are done.', { parameter: 'id' });
}

async function shown({ params }: Request, database: AdminParts['database']): Promise<Reply> {
  const callback = await findCallback(database, params.id ?? '');
  if (!callback) throw new Problem('not-found', 'There is no such callback.');
  return { status: 200, json: callback };
}
