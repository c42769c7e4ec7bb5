/**
 * Words every problem as the vendor's clients expect: `status`, `code` and an array of sentences. "The API will
 * always return status 200 for any call" (API documentation), so the number that counts is the one in the body;
 * only addresses that no client reads as JSON (images, `/ping`) have it as their HTTP status, too.
 */
import type { Problem, ProblemCode } from '../../lib/problem.ts';
import type { Reply, RequestHead } from '../dialect.ts';

/** The documented codes, and HTTP's where there is none: 405, 413 and 429. */
const CODES: Record<ProblemCode, number> = {
  unauthorized: 404,
  'key-expired': 404,
  'domain-not-allowed': 404,
  'rate-limited': 429,
  'out-of-credits': 455,
  'empty-body': 400,
  'malformed-body': 400,
  'invalid-parameter': 400,
  'body-too-large': 413,
  'not-yours': 401,
  'not-found': 404,
  'method-not-allowed': 405,
  'job-failed': 500,
  overloaded: 500,
  unavailable: 500,
  internal: 500,
};

const RETRY_AFTER_SECONDS: Partial<Record<ProblemCode, number>> = {
  'rate-limited': 60,
  overloaded: 30,
  unavailable: 5,
};

export function refuse(problem: Problem, { path }: RequestHead): Reply {
  const code = CODES[problem.code];
  const seconds = problem.retryAfterSeconds ?? RETRY_AFTER_SECONDS[problem.code];
  return {
    status: isReadAsJson(path) ? 200 : code,
    ...(seconds !== undefined && { headers: { 'retry-after': String(seconds) } }),
    json: errorBody(code, [problem.message]),
  };
}

/** WordPress shows the first sentence; the Python and Node clients show all. */
export function errorBody(code: number, errors: string[]) {
  return { status: 'error', code, errors };
}

function isReadAsJson(path: string): boolean {
  return /^\/(v1|api)\//.test(path);
}
