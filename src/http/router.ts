/**
 * Leads every request to a dialect: the one that claims its method and path, else the one in whose
 * words it is refused. What happens to a request that has found its route is left to `exchange.ts`.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dialect, Request, Service } from '../dialects/dialect.ts';
import { Problem } from '../lib/problem.ts';
import { type Call, type ExchangeParts, exchange } from './exchange.ts';
import { type Entry, onPath, tabulate } from './route-table.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** What a dialect's handler may ask for in one request, by the dialect's name. @param recognised told whose key asks */
export type ServiceFor = (dialect: string, recognised: (keyId: string) => void) => Service;

export interface Router {
  register(app: FastifyInstance): void;
  /** Refuses what fastify could not lead to a route. */
  unmatched: Handler;
}

/**
 * @param house the dialect in whose words requests to unknown paths are refused.
 * @throws Error when two dialects claim the same method and path.
 */
export function createRouter(
  dialects: Dialect[],
  house: Dialect,
  serviceFor: ServiceFor,
  parts: ExchangeParts,
): Router {
  const entries = tabulate(dialects);
  const handlerOf =
    (call: Call): Handler =>
    (request, reply) => {
      reply.hijack();
      const params = (request.params ?? {}) as Record<string, string>;
      return exchange(request.raw, reply.raw, request.id, params, call, parts);
    };
  const unmatched: Handler = (request, reply) =>
    handlerOf(unmatchedCall(entries, house, request.raw))(request, reply);
  return {
    unmatched,
    register: (app) => {
      for (const { dialect, route, methods } of entries) {
        const handle: Call['handle'] = (request, recognised) =>
          route.handle(request, serviceFor(dialect.name, recognised));
        app.route({
          method: methods,
          url: route.path,
          handler: handlerOf({ dialect, route: route.path, handle }),
        });
      }
      app.setNotFoundHandler(unmatched);
    },
  };
}

/**
 * A known path with another method is a 405 in the words of the path's owner; the rest is unknown, a
 * path whose `:name` part cannot be decoded or is far too long included.
 */
function unmatchedCall(
  entries: Entry[],
  house: Dialect,
  { method = 'GET', url = '/' }: IncomingMessage,
): Call {
  const known = onPath(entries, url.split('?')[0] ?? '/');
  const dialect = known[0]?.dialect ?? house;
  const methods = [...new Set(known.flatMap((entry) => entry.methods))];
  const refusal = (problem: Problem, headers: Record<string, string>) => async (request: Request) => {
    const reply = dialect.refuse(problem, request);
    return { ...reply, headers: { ...reply.headers, ...headers } };
  };
  if (known.length === 0 || methods.includes(method)) {
    const problem = new Problem('not-found', 'There is nothing at this address.');
    return { dialect, route: null, handle: refusal(problem, {}) };
  }
  const allow = methods.join(', ');
  const problem = new Problem('method-not-allowed', `This address answers ${allow}, not ${method}.`);
  return { dialect, route: known[0]!.route.path, handle: refusal(problem, { allow }) };
}
