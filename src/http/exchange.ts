/**
 * One request and its reply: runs the handler, has whatever it throws worded by the dialect, sends
 * the result and reports it once, in the log and in the metrics.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect, Reply, Request, RequestHead } from '../dialects/dialect.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import { toProblem } from '../lib/problem.ts';
import { openBody } from './body.ts';
import { readHead } from './head.ts';
import { sendReply } from './reply.ts';

/** What a request turned out to ask for. */
export interface Call {
  dialect: Dialect;
  /** The route's pattern; null where nothing matched. */
  route: string | null;
  /** @param recognised told the id of whose key asks, once that is known. */
  handle(request: Request, recognised: (keyId: string) => void): Promise<Reply>;
}

export interface ExchangeParts {
  maxBytes: number;
  /** See `readHead`. */
  publicUrl: string | null;
  log: Log;
  metrics: Pick<Metrics, 'requestEnded'>;
  /** Aborts when requests that wait must be answered with what there is, because the server stops. */
  stopping: AbortSignal;
}

/** What the web's servers log for a client that left before its answer; never sent. */
const CLIENT_GONE = 499;

/** Never throws: what goes wrong here costs one connection. */
export async function exchange(
  incoming: IncomingMessage,
  response: ServerResponse,
  id: string,
  params: Record<string, string>,
  call: Call,
  parts: ExchangeParts,
): Promise<void> {
  const head = readHead(incoming, params, parts.publicUrl);
  const caller: Caller = { keyId: null };
  reportWhenOver(response, id, head, caller, call, parts);
  response.on('error', (error) => parts.log.debug({ id, err: error }, 'the client left'));
  try {
    const { unread, ...body } = openBody(incoming, response, parts.maxBytes);
    const signal = AbortSignal.any([goneSignal(response), parts.stopping]);
    const reply = await run(call, { ...head, ...body, signal }, caller, id, parts.log);
    if (response.destroyed) return;
    response.setHeader('x-request-id', id);
    await sendReply(incoming, response, reply, unread());
  } catch (error) {
    parts.log.error({ id, err: error }, 'a reply could not be sent');
    response.destroy();
  }
}

/** Who asks, as far as it is known yet. */
interface Caller {
  keyId: string | null;
}

async function run(call: Call, request: Request, caller: Caller, id: string, log: Log): Promise<Reply> {
  try {
    return await call.handle(request, (keyId) => {
      caller.keyId = keyId;
    });
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code === 'internal') log.error({ id, err: problem.cause ?? problem }, 'a request failed');
    else if (problem.cause !== undefined)
      log.debug({ id, code: problem.code, err: problem.cause }, 'refused');
    return call.dialect.refuse(problem, request);
  }
}

function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

function reportWhenOver(
  response: ServerResponse,
  id: string,
  head: RequestHead,
  caller: Caller,
  call: Call,
  parts: ExchangeParts,
): void {
  const startedMs = performance.now();
  response.once('close', () => {
    const status = response.headersSent ? response.statusCode : CLIENT_GONE;
    const ms = Math.round(performance.now() - startedMs);
    const bytes = response.headersSent ? Number(response.getHeader('content-length') ?? 0) : 0;
    const line = { id, method: head.method, path: shownPath(head, call), status, ms, bytes };
    const key = caller.keyId === null ? {} : { key: caller.keyId };
    parts.log.info({ ...line, dialect: call.dialect.name, ...key }, 'request');
    const route = call.route ?? 'none';
    parts.metrics.requestEnded({ dialect: call.dialect.name, route, status, seconds: ms / 1000 });
  });
}

/** Long enough for a token. */
const SECRET = /[\w-]{32,}/g;

/**
 * Whoever knows a token may download what it stands for, so it stays out of the log; also with a slash too many behind
 * it, where it is no token to any route.
 */
function shownPath({ path }: RequestHead, { route }: Call): string {
  if (route === null) return path.replaceAll(SECRET, ':token');
  return route.includes('/:token') ? route : path;
}
