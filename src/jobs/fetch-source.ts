/**
 * Fetches the source of one claimed job, politely, and hands the job on to the engine or says why it cannot be.
 * Where an address may lead is for `outbound/` to know.
 */
import { sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import { OutboundFailure, type OutboundFailureCode } from '../outbound/failure.ts';
import type { Outbound, OutboundResponse } from '../outbound/outbound.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database } from '../store/database.ts';
import { blobKey, putBlob } from './blob-references.ts';
import { createFailingHosts } from './failing-hosts.ts';
import { type FetchClaim, failFetch, passOn, returnFetch } from './fetch-states.ts';
import type { FailureReason } from './job-states.ts';
import type { LeaseQueues } from './lease-queue.ts';
import { persist } from './persist.ts';
import { reportEnd } from './report-end.ts';
import { createTurnstiles } from './turnstile.ts';

export interface FetchPolicy {
  maxBytes: number;
  timeoutMs: number;
  resultTtlMs: number;
}

/** Connections to one host at once: an origin is not to suffer from having its images optimized. */
const PER_HOST = 6;
/** Tries at an origin that does not answer or has trouble of its own. */
const TRIES = 3;
const FIRST_BACKOFF_MS = 500;

/** @returns the work of a fetcher: it sees one job to the next leg or to its end, or gives it back. */
export function createFetcher(
  database: Database,
  queues: LeaseQueues,
  blobs: BlobStore,
  outbound: Outbound,
  policy: FetchPolicy,
  metrics: Pick<Metrics, 'jobEnded'>,
  log: Log,
): (claim: FetchClaim, signal: AbortSignal) => Promise<void> {
  const atHost = createTurnstiles(PER_HOST);
  const failing = createFailingHosts();
  return async (claim, signal) => {
    const host = hostOf(claim.url);
    const fetched = await atHost(host, async () => {
      if (failing.isFailing(claim.keyId, host)) return leftAlone(host);
      const result = await fetchSource(outbound, claim, policy, signal);
      if (!signal.aborted) failing.note(claim.keyId, host, isReachable(result));
      return result;
    });
    if (signal.aborted) return returnFetch(database, queues, claim);
    if (!(fetched instanceof Uint8Array)) {
      const usage = await failFetch(database, queues, claim, fetched, policy.resultTtlMs);
      const end = { reason: fetched.reason, bytesSaved: 0, waitedMs: null, engineMs: null };
      if (usage) reportEnd(metrics, log, { usage, ...end });
      return;
    }
    const sha256 = blobKey(fetched);
    await persist({ what: 'a fetched source', log, signal }, async () => {
      await putBlob(database, blobs, sha256, fetched);
      await passOn(database, queues, claim, { sha256, bytes: fetched.byteLength });
    });
  };
}

function leftAlone(host: string): Failure {
  const detail = `Too many addresses of ${host} could not be reached; it is left alone for a minute.`;
  return { reason: 'fetch-host-failing', detail };
}

function isReachable(result: Uint8Array | Failure): boolean {
  if (result instanceof Uint8Array) return true;
  return !['fetch-denied', 'fetch-timeout', 'fetch-unreachable'].includes(result.reason);
}

interface Failure {
  reason: FailureReason;
  detail: string;
}

async function fetchSource(
  outbound: Outbound,
  { url, access }: FetchClaim,
  { maxBytes, timeoutMs }: FetchPolicy,
  signal: AbortSignal,
): Promise<Uint8Array | Failure> {
  let backoffMs = FIRST_BACKOFF_MS;
  for (let tries = 1; ; tries += 1) {
    const answer = await outbound
      .request({ url, ...access, maxBytes, timeoutMs, signal })
      .catch((error: unknown) => failureOf(error));
    const result = 'status' in answer ? bodyOf(answer) : answer;
    if (result instanceof Uint8Array || signal.aborted || tries === TRIES || !mayPass(result, answer))
      return result;
    await sleep(backoffMs, signal);
    backoffMs *= 2;
  }
}

/** Whether the same request may fare better in a moment. */
function mayPass({ reason }: Failure, answer: OutboundResponse | Failure): boolean {
  return reason === 'fetch-unreachable' || ('status' in answer && answer.status >= 500);
}

function bodyOf({ status, bytes }: OutboundResponse): Uint8Array | Failure {
  if (status === 401 || status === 403)
    return { reason: 'fetch-denied', detail: `The origin answered ${status}: access was denied.` };
  if (status === 404 || status === 410)
    return { reason: 'fetch-not-found', detail: `The origin answered ${status}: there is no such file.` };
  if (status !== 200) return { reason: 'fetch-failed', detail: `The origin answered with status ${status}.` };
  if (bytes.byteLength === 0) return { reason: 'fetch-failed', detail: 'The origin sent an empty file.' };
  return bytes;
}

const REASONS: Record<OutboundFailureCode, FailureReason> = {
  'invalid-url': 'fetch-blocked',
  blocked: 'fetch-blocked',
  unreachable: 'fetch-unreachable',
  timeout: 'fetch-timeout',
  'too-large': 'fetch-too-large',
  truncated: 'fetch-failed',
  redirects: 'fetch-failed',
  encoding: 'fetch-failed',
  cancelled: 'interrupted',
};

function failureOf(error: unknown): Failure {
  if (error instanceof OutboundFailure) return { reason: REASONS[error.code], detail: error.message };
  return { reason: 'fetch-failed', detail: 'The file could not be fetched.' };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
