/** One request of a chain of redirects, and how the next follows from the answer: pure, but for its checks. */
import { KEENEYE_VERSION } from '../lib/version.ts';
import type { AllowedPrivate } from './allowed.ts';
import { OutboundFailure } from './failure.ts';
import { type Credentials, readTarget, type Target } from './target.ts';

export interface Hop {
  target: Target;
  method: 'GET' | 'POST';
  /** The caller's own, with lower-case names. */
  headers: Record<string, string>;
  body: string | null;
  credentials: Credentials | null;
}

/** What says where a message goes and where it ends is for us alone to set, as is what we can unpack. */
const OURS = new Set(
  'host connection content-length transfer-encoding te trailer upgrade expect keep-alive accept-encoding'.split(
    ' ',
  ),
);

export function ownHeaders(headers: Record<string, string>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(entries.filter(([name]) => !OURS.has(name) && !name.startsWith('proxy-')));
}

/** All headers as they are sent. */
export function sentHeaders({ headers, credentials }: Hop): Record<string, string> {
  const sent = { 'user-agent': `Keeneye/${KEENEYE_VERSION}`, accept: '*/*', ...headers };
  if (!credentials) return { ...sent, 'accept-encoding': 'identity' };
  const basic = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
  return { ...sent, 'accept-encoding': 'identity', authorization: `Basic ${basic}` };
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Where an answer points, or null when it is no redirect. Origins that do not encode it write UTF-8, as browsers read it. */
export function redirection(status: number, headers: Record<string, string>): string | null {
  if (!REDIRECTS.has(status) || headers.location === undefined) return null;
  return Buffer.from(headers.location, 'latin1').toString();
}

/**
 * Once another origin is asked, all that the caller gave for the first one is gone for good: credentials, headers,
 * and a body, without which there is nothing to send. Credentials in the redirect's address are nobody's we know.
 */
export function nextHop(hop: Hop, status: number, location: string, allowed: AllowedPrivate[]): Hop {
  const target = readRedirect(location, allowed, hop.target.url);
  const keepsMethod = status === 307 || status === 308;
  const followed: Hop = keepsMethod ? { ...hop, target } : { ...hop, target, method: 'GET', body: null };
  if (target.url.origin === hop.target.url.origin) return followed;
  if (followed.body !== null)
    throw new OutboundFailure('redirects', `${hop.target.url.hostname} would have the body sent elsewhere.`);
  return { ...followed, headers: {}, credentials: null };
}

function readRedirect(location: string, allowed: AllowedPrivate[], base: URL): Target {
  try {
    return readTarget(location, allowed, base);
  } catch (error) {
    if (!(error instanceof OutboundFailure) || error.code !== 'invalid-url') throw error;
    throw new OutboundFailure('redirects', `${base.hostname} redirects to what is no web address.`, error);
  }
}
