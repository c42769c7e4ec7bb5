/**
 * One attempt to deliver a callback: has it worded if it never was, signs it, sends it, and says what came of it.
 * What follows from that is for `sender.ts` to do.
 */
import { within } from '../lib/clock.ts';
import type { Database } from '../store/database.ts';
import { type Callback, type Claim, keepWording, type Wording } from './callback-states.ts';
import { readRetryAfter } from './retry.ts';
import type { WebhookSecret } from './secret.ts';
import { signatureHeaders } from './sign.ts';

/** Words what a callback says. Asked until it has answered once: all attempts send the same bytes. */
export type Word = (callback: Callback) => Promise<Wording>;

/** Sends one POST and follows no redirect. @throws Error with a sentence when no answer came, or none in time */
export type Post = (
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
) => Promise<Answer>;

export interface Answer {
  status: number;
  /** The header as it came. */
  retryAfter: string | undefined;
}

export type Outcome = { kind: 'delivered'; status: number } | Failure;

export interface Failure {
  kind: 'failed';
  /** Null when there was no answer. */
  status: number | null;
  /** A sentence for the operator. */
  error: string;
  /** What lay underneath; for the log. */
  cause?: unknown;
  retryAfterMs: number;
  /** The receiver wants no more of it. */
  gone: boolean;
}

export type Attempt = (claim: Claim, signal: AbortSignal) => Promise<Outcome>;

const WORD_MS = 20_000;
const GONE = 410;

export function createAttempt(database: Database, word: Word, post: Post, secret: WebhookSecret): Attempt {
  async function send(claim: Claim, signal: AbortSignal): Promise<Answer> {
    const { contentType, body } = claim.wording ?? (await wordOnce(database, claim, word));
    const nowSeconds = Math.floor(Date.now() / 1000);
    const signature = signatureHeaders(secret(claim.keyId), claim.id, nowSeconds, body);
    const headers = { 'content-type': contentType, ...signature };
    return post(claim.url, headers, body, signal);
  }

  return async (claim, signal) => {
    try {
      return judge(await send(claim, signal));
    } catch (error) {
      const { message } = error as Error;
      return { kind: 'failed', status: null, error: message, cause: error, retryAfterMs: 0, gone: false };
    }
  };
}

async function wordOnce(database: Database, claim: Claim, word: Word): Promise<Wording> {
  const wording = await within(WORD_MS, word(claim));
  if (!wording) throw new Error('What to send was not ready in time.');
  if (!(await keepWording(database, claim, wording))) throw new Error('Another sender has taken it over.');
  return wording;
}

function judge({ status, retryAfter }: Answer): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered', status };
  return {
    kind: 'failed',
    status,
    error: `The receiver answered ${status}.`,
    retryAfterMs: readRetryAfter(retryAfter, Date.now()),
    gone: status === GONE,
  };
}
