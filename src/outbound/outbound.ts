/**
 * The only way out: HTTP requests to addresses that strangers name, kept off the private network and within limits
 * of time, bytes and redirects. What a status means is up to who asked.
 */
import type { AllowedPrivate } from './allowed.ts';
import { type Exchanged, exchange, type Network, SYSTEM_NETWORK } from './exchange.ts';
import { OutboundFailure } from './failure.ts';
import { type Hop, nextHop, ownHeaders, redirection } from './hop.ts';
import { type Credentials, readTarget } from './target.ts';

export interface OutboundRequest {
  /** Credentials in it are sent as such, and shown nowhere. */
  url: string;
  method?: 'GET' | 'POST';
  /** Sent to the origin of `url` only. */
  headers?: Record<string, string>;
  body?: string;
  /** Sent to the origin of `url` only, instead of those in it. */
  credentials?: Credentials;
  /** On the wire, and once more after unpacking. With 0, no body is read, however long it is. */
  maxBytes: number;
  /** For everything: names, connections, all redirects and the body. */
  timeoutMs: number;
  /** 5 if not given; with 0, a redirect is a response like any other. */
  maxRedirects?: number;
  signal?: AbortSignal;
}

export interface OutboundResponse extends Exchanged {
  /** What answered at last, without credentials. */
  url: string;
}

export interface Outbound {
  /** Resolves for every status. @throws OutboundFailure */
  request(request: OutboundRequest): Promise<OutboundResponse>;
  /** How many requests failed so far, by the failure's code. */
  refusals(): Record<string, number>;
  /** Cancels what is under way and resolves when it has ended. */
  close(): Promise<void>;
}

/** @throws OutboundFailure for what can be told from the address alone, before anything is looked up. */
export function checkAddress(url: string, allowed: AllowedPrivate[]): void {
  readTarget(url, allowed);
}

export function createOutbound(allowed: AllowedPrivate[], network: Network = SYSTEM_NETWORK): Outbound {
  const refusals: Record<string, number> = {};
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();

  const count = (error: unknown): never => {
    const code = error instanceof OutboundFailure ? error.code : 'unreachable';
    refusals[code] = (refusals[code] ?? 0) + 1;
    throw error;
  };
  const request = (given: OutboundRequest) => {
    const signals = given.signal ? [given.signal, closing.signal] : [closing.signal];
    const response = withDeadline(given.timeoutMs, signals, (signal) =>
      follow(given, allowed, network, signal),
    );
    const settled = response.then(noop, noop).finally(() => underWay.delete(settled));
    underWay.add(settled);
    return response.catch(count);
  };
  const close = async () => {
    closing.abort();
    await Promise.all(underWay);
  };
  return { request, refusals: () => ({ ...refusals }), close };
}

const noop = () => {};

/** Runs `work` with a signal that aborts, with the failure to report as its reason, when time is up or any of `signals` aborts. */
async function withDeadline<Value>(
  timeoutMs: number,
  signals: AbortSignal[],
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const over = new AbortController();
  const cancel = () => over.abort(new OutboundFailure('cancelled', 'The request was cancelled.'));
  const expire = () => over.abort(new OutboundFailure('timeout', 'The address took too long to answer.'));
  const timer = setTimeout(expire, timeoutMs);
  for (const signal of signals) signal.addEventListener('abort', cancel);
  if (signals.some((signal) => signal.aborted)) cancel();
  try {
    return await work(over.signal);
  } finally {
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener('abort', cancel);
  }
}

async function follow(
  given: OutboundRequest,
  allowed: AllowedPrivate[],
  network: Network,
  signal: AbortSignal,
): Promise<OutboundResponse> {
  const maxRedirects = given.maxRedirects ?? 5;
  let hop = firstHop(given, allowed);
  for (let redirects = 0; ; redirects += 1) {
    const exchanged = await exchange(hop, given, allowed, network, signal);
    const location = redirection(exchanged.status, exchanged.headers);
    if (location === null || maxRedirects === 0) return { ...exchanged, url: hop.target.url.href };
    if (redirects === maxRedirects)
      throw new OutboundFailure('redirects', `The address redirects more than ${maxRedirects} times.`);
    hop = nextHop(hop, exchanged.status, location, allowed);
  }
}

function firstHop(given: OutboundRequest, allowed: AllowedPrivate[]): Hop {
  const target = readTarget(given.url, allowed);
  return {
    target,
    method: given.method ?? 'GET',
    headers: ownHeaders(given.headers ?? {}),
    body: given.body ?? null,
    credentials: given.credentials ?? target.credentials,
  };
}
