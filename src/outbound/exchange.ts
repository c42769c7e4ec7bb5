/**
 * One hop over the wire, on a connection that serves it alone: nothing is pooled, so no request travels to an
 * address that was checked for another one. Whether a redirect is followed is up to `outbound.ts`.
 */
import { Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher } from 'undici';
import type { AllowedPrivate } from './allowed.ts';
import { readBody } from './body.ts';
import { OutboundFailure } from './failure.ts';
import { type Hop, sentHeaders } from './hop.ts';
import { guardedLookup, type Resolve, resolveBySystem } from './lookup.ts';

/** What lies under HTTP, for tests to watch and to bend. */
export interface Network {
  resolve: Resolve;
  connector: typeof buildConnector;
}

export const SYSTEM_NETWORK: Network = { resolve: resolveBySystem, connector: buildConnector };

export interface Limits {
  maxBytes: number;
  timeoutMs: number;
}

export interface Exchanged {
  status: number;
  /** By lower-case name; repeated ones are joined by commas. */
  headers: Record<string, string>;
  /** Empty unless the status is a success: what an origin says of its errors is not worth failing for. */
  bytes: Uint8Array;
}

/** @throws OutboundFailure; the signal's reason, once that has aborted. */
export async function exchange(
  hop: Hop,
  limits: Limits,
  allowed: AllowedPrivate[],
  network: Network,
  signal: AbortSignal,
): Promise<Exchanged> {
  signal.throwIfAborted();
  const client = connectable(hop, limits, allowed, network, signal);
  // The client heeds a signal only once it is connected.
  const end = () => void client.destroy(signal.reason);
  signal.addEventListener('abort', end);
  try {
    return await ask(client, hop, limits);
  } catch (error) {
    signal.throwIfAborted();
    throw asFailure(error, hop.target.url.hostname);
  } finally {
    signal.removeEventListener('abort', end);
    await client.destroy();
  }
}

function connectable(
  hop: Hop,
  limits: Limits,
  allowed: AllowedPrivate[],
  network: Network,
  signal: AbortSignal,
): Client {
  const lookup = guardedLookup(network.resolve, allowed, hop.target.port);
  const { timeoutMs: timeout } = limits;
  const connect = network.connector({ lookup, timeout, allowH2: false, maxCachedSessions: 0 });
  return new Client(hop.target.url.origin, {
    connect: (target, callback) => endWith(signal, connect(target, callback)),
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
    useMilo: false,
  });
}

/** A client that is destroyed leaves a socket that still connects to itself, and the process waiting for it. */
function endWith(signal: AbortSignal, socket: unknown): void {
  if (!(socket instanceof Socket)) return;
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
}

async function ask(client: Client, hop: Hop, limits: Limits): Promise<Exchanged> {
  const { pathname, search } = hop.target.url;
  const response = await client.request({
    path: pathname + search,
    method: hop.method,
    headers: sentHeaders(hop),
    body: hop.body,
    reset: true,
  });
  // A body that nobody reads may yet fail.
  response.body.on('error', () => {});
  const headers = flatHeaders(response);
  const isRead = response.statusCode >= 200 && response.statusCode < 300 && limits.maxBytes > 0;
  const bytes = isRead ? await readBody(response.body, headers, limits.maxBytes) : new Uint8Array();
  return { status: response.statusCode, headers, bytes };
}

function flatHeaders({ headers }: Dispatcher.ResponseData): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function asFailure(error: unknown, hostname: string): OutboundFailure {
  if (error instanceof OutboundFailure) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'UND_ERR_INVALID_ARG')
    return new OutboundFailure('invalid-url', 'A header that goes with the address cannot be sent.', error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT')
    return new OutboundFailure('timeout', `${hostname} did not answer in time.`, error);
  return new OutboundFailure('unreachable', `${hostname} cannot be reached or does not speak HTTP.`, error);
}
