/**
 * The HTTP listeners, plain and encrypted: limits, time-outs, request ids, start and stop. What is answered is left
 * to the dialects through `router.ts`.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server as HttpListener } from 'node:http';
import { createServer as createTlsListener, type Server as TlsListener } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import type { Dialect } from '../dialects/dialect.ts';
import type { Certificate } from '../lib/certificate.ts';
import { within } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { PublicKey } from '../lib/signature.ts';
import { type Health, houseRoutes, type OpenArtifact } from './house-routes.ts';
import { createRouter, type Router, type ServiceFor } from './router.ts';
import { followSilent } from './silent-connections.ts';
import { type Studies, studyRoutes } from './study-routes.ts';

export interface ServerParts {
  /** At least one. The one named `native` words refusals of unknown paths, else the first. */
  dialects: Dialect[];
  serviceFor: ServiceFor;
  openArtifact: OpenArtifact;
  studies: Studies;
  /** Routes of the server's own that other rooms make; given the words of their refusals. */
  own: ((refuse: Dialect['refuse']) => Dialect)[];
  /** Keys that sign the server's reports, or did. */
  reportKeys: PublicKey[];
  /** Largest request body. */
  maxBytes: number;
  /** Base of every link handed out; null to use the request's Host header. */
  publicUrl: string | null;
  log: Log;
  metrics: Pick<Metrics, 'requestEnded' | 'expose'>;
  health: Health;
}

export interface HttpServer {
  /** @returns the address listened on. */
  listen(host: string, port: number): Promise<{ url: string }>;
  /**
   * Takes HTTPS besides, once `listen` has resolved; call it once.
   * @returns the address listened on, and how another certificate takes the place of this one.
   */
  listenEncrypted(host: string, port: number, certificate: Certificate): Promise<EncryptedListener>;
  /**
   * Takes no new connections and lets running requests end. Those that still wait after `graceMs` are
   * answered with what there is (their `signal` aborts), and what then remains open is cut.
   */
  close(graceMs?: number): Promise<void>;
}

export interface EncryptedListener {
  url: string;
  /** Connections that are open keep the certificate that they began with. */
  renew(certificate: Certificate): void;
}

/** The slowest upload that is still served takes this long, as long as vendors' clients wait. */
const REQUEST_TIMEOUT_MS = 300_000;
const HEADERS_TIMEOUT_MS = 20_000;
/** Longer than the minute for which load balancers keep idle connections, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
const TIMEOUT_CHECK_MS = 5000;
const MAX_HEADER_BYTES = 16 << 10;
const LIMITS = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  maxHeaderSize: MAX_HEADER_BYTES,
};
/** Room for signed tokens in a path. */
const MAX_SEGMENT_CHARS = 1024;
const CUT_AFTER_MS = 2000;
const IDLE_SWEEP_MS = 50;

/** @throws Error when two dialects claim the same method and path, or when there is no dialect. */
export function createServer(parts: ServerParts): HttpServer {
  const house = parts.dialects.find(({ name }) => name === 'native') ?? parts.dialects[0];
  if (!house) throw new Error('There is no dialect to serve.');
  const stopping = new AbortController();
  const own = parts.own.map((routes) => routes(house.refuse));
  own.push(houseRoutes(parts, house.refuse), studyRoutes(parts.studies, house.refuse));
  const dialects = [...parts.dialects, ...own];
  const router = createRouter(dialects, house, parts.serviceFor, { ...parts, stopping: stopping.signal });
  const app = createListener(router, parts.log);
  const open: Listening[] = [{ server: app.server, dropSilent: followSilent(app.server) }];
  return {
    listen: async (host, port) => {
      await app.listen({ host, port });
      return { url: reachableUrl(app.server, 'http') };
    },
    listenEncrypted: async (host, port, certificate) => {
      const server = createEncrypted(app, certificate, parts.log);
      open.push({ server, dropSilent: followSilent(server) });
      await once(server.listen(port, host), 'listening');
      return {
        url: reachableUrl(server, 'https'),
        renew: (renewed) => server.setSecureContext(renewed),
      };
    },
    close: async (graceMs = 10_000) => {
      const closed = Promise.all([app.close(), ...open.slice(1).map(({ server }) => closeListener(server))]);
      // Connections that were busy when closing began would else idle on until they time out.
      const sweep = setInterval(() => {
        for (const { server, dropSilent } of open) {
          server.closeIdleConnections();
          dropSilent();
        }
      }, IDLE_SWEEP_MS);
      await within(graceMs, closed);
      stopping.abort();
      await within(CUT_AFTER_MS, closed);
      for (const { server } of open) server.closeAllConnections();
      await closed;
      clearInterval(sweep);
    },
  };
}

interface Listening {
  server: HttpListener;
  dropSilent(): void;
}

function createListener(router: Router, log: Log): FastifyInstance {
  const app = fastify({
    logger: false,
    genReqId: () => randomUUID(),
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: LIMITS,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_SEGMENT_CHARS, caseSensitive: true, ignoreTrailingSlash: false },
    // A proxy's request line may carry the whole address (RFC 9112, 3.2.2).
    rewriteUrl: ({ url = '/' }) => url.replace(/^https?:\/\/[^/?]*/i, '') || '/',
    frameworkErrors: (_error, request, reply) => void router.unmatched(request, reply),
    clientErrorHandler: (error, socket) => refuseUnreadable(error, socket as Socket, log),
  });
  // Content types are the dialects' business: fastify would refuse those that it cannot parse.
  app.addHook('onRequest', (request, _reply, done) => {
    request.headers = { 'content-type': 'application/octet-stream' };
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  leaveContinue(app.server);
  router.register(app);
  return app;
}

/** TLS within the limits of the plain listener, answered by the same routes. */
function createEncrypted(app: FastifyInstance, certificate: Certificate, log: Log): TlsListener {
  const limits = {
    ...LIMITS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    handshakeTimeout: HEADERS_TIMEOUT_MS,
    // libcurl told to speak HTTP/1.0, as WordPress tells it, offers that alone; Node takes 1.1 alone unless told.
    ALPNProtocols: ['http/1.1', 'http/1.0'],
  };
  const server = createTlsListener({ ...limits, ...certificate }, app.routing);
  server.on('clientError', (error, socket) => refuseUnreadable(error, socket as Socket, log));
  leaveContinue(server);
  return server;
}

/** Resolves when the last connection has ended, also where listening had failed. */
function closeListener(server: HttpListener): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

/** `body.ts` sends the 100 when somebody wants the body; Node would send it at once. */
function leaveContinue(server: HttpListener): void {
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
}

/** What is not HTTP, too slow or too long in its head never becomes a request; it gets a bare status. */
function refuseUnreadable(error: Error & { code?: string }, socket: Socket, log: Log): void {
  log.debug({ err: error }, 'an unreadable request');
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status =
    {
      HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
      ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
    }[error.code ?? ''] ?? '400 Bad Request';
  const text = `HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
  socket.end(text, () => socket.destroy());
}

function reachableUrl(server: HttpListener, scheme: 'http' | 'https'): string {
  const { address, family, port } = server.address() as AddressInfo;
  if (address === '0.0.0.0' || address === '::') return `${scheme}://127.0.0.1:${port}`;
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
