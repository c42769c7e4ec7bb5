/** Words every problem as JSON with a `detail`. The SDK tells 401 and 500 apart from the rest and reads no further. */
import type { Problem, ProblemCode } from '../../lib/problem.ts';
import type { Reply } from '../dialect.ts';
import { json } from './response.ts';

interface Wording {
  status: number;
  /** In place of the problem's own sentence. */
  detail?: string;
  headers?: Record<string, string>;
}

const CHALLENGE = { 'www-authenticate': 'Token' };

/** What passes by itself is a 500: the SDK asks again upon that, after 20 s and up to five times, and upon no other status. */
const WORDINGS: Record<ProblemCode, Wording> = {
  unauthorized: { status: 401, detail: 'Invalid token.', headers: CHALLENGE },
  'key-expired': { status: 401, headers: CHALLENGE },
  'domain-not-allowed': { status: 401, headers: CHALLENGE },
  'rate-limited': { status: 429 },
  'out-of-credits': { status: 402 },
  'empty-body': { status: 400 },
  'malformed-body': { status: 400 },
  'invalid-parameter': { status: 400 },
  'body-too-large': { status: 413 },
  'not-found': { status: 404, detail: 'Not found.' },
  'not-yours': { status: 404, detail: 'Not found.' },
  'method-not-allowed': { status: 405 },
  'job-failed': { status: 500 },
  overloaded: { status: 500, headers: { 'retry-after': '30' } },
  unavailable: { status: 500, headers: { 'retry-after': '5' } },
  internal: { status: 500 },
};

export function refuse(problem: Problem): Reply {
  const { status, detail = problem.message, headers } = WORDINGS[problem.code];
  const reply = json(status, { detail });
  const sent: Record<string, string> = { ...reply.headers, ...headers };
  if (problem.retryAfterSeconds !== undefined) sent['retry-after'] = String(problem.retryAfterSeconds);
  return { ...reply, headers: sent };
}
