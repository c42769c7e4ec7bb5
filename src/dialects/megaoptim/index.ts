/** MegaOptim's API v1: routes and handlers. See README.md for what is and is not served. */
import type { Batch, Dialect, Reply, Request, Service } from '../dialect.ts';
import { addressOf, imageReply } from './delivery.ts';
import { errorBody, refuse } from './errors.ts';
import { readKey, readOptimize, readTimeoutMs } from './request.ts';
import { infoBody, queuedBody, resultBody } from './response.ts';

/** "120 requests per 1 minute" at each endpoint (API documentation). */
const EACH_MINUTE = { requests: 120, seconds: 60 };

export const dialect: Dialect = {
  name: 'megaoptim',
  routes: [
    { method: 'POST', path: '/v1/optimize', handle: optimize },
    { method: 'POST', path: '/v1/optimize/:id/result', handle: showResult },
    { method: 'POST', path: '/v1/users/info', handle: showUser },
    { method: 'GET', path: '/v1/users/info', handle: showUser },
    { method: 'GET', path: '/ping', handle: async () => ({ status: 200, text: 'pong' }) },
    { method: 'GET', path: '/image/:folder/:token', handle: imageReply },
    { method: 'POST', path: '/api/register', handle: async () => NO_REGISTRATION },
    // The API documentation has it among the endpoints that answer with status 200, without a line of its own.
    { method: 'POST', path: '/v1/register', handle: async () => NO_REGISTRATION },
  ],
  refuse,
  callback: async (batch, service, origin) => json(shown(batch, service, origin)),
};

const NO_REGISTRATION = json(
  errorBody(400, ['Nobody can sign up here; whoever runs this server hands out its API keys.']),
);

async function optimize(request: Request, service: Service): Promise<Reply> {
  const secret = readKey(request);
  await service.limit(secret, { endpoint: 'optimize', ...EACH_MINUTE });
  const batch = await readOptimize(request);
  return json(queuedBody(await service.submitBatch({ secret, ...batch })));
}

async function showResult(request: Request, service: Service): Promise<Reply> {
  const secret = readKey(request);
  await service.limit(secret, { endpoint: 'result', ...EACH_MINUTE });
  const timeoutMs = await readTimeoutMs(request);
  const found = await service.findBatch(secret, request.params.id ?? '');
  const batch = await service.waitBatch(found, timeoutMs, request.signal);
  // Tokens that were reserved for these jobs and not spent have come back meanwhile.
  const account = await service.account(secret);
  return json(shown({ ...batch, account }, service, request.origin));
}

async function showUser(request: Request, service: Service): Promise<Reply> {
  const secret = readKey(request);
  await service.limit(secret, { endpoint: 'users/info', ...EACH_MINUTE });
  return json(infoBody(await service.account(secret)));
}

function shown(batch: Batch, service: Service, origin: string) {
  return resultBody(batch, (job) => addressOf(job, service, origin));
}

function json(body: unknown): Reply {
  return { status: 200, json: body };
}
