/**
 * Words every problem as the vendor's clients expect. Its clients look for words in a short JSON body under
 * status 200; another status makes them throw (ewwwio-php: `throw_for_status`), which is right
 * only where the server itself is at fault.
 */
import type { Problem, ProblemCode } from '../../lib/problem.ts';
import type { Reply, RequestHead } from '../dialect.ts';

interface Wording {
  status: number;
  body: Record<string, string>;
  headers?: Record<string, string>;
}

/**
 * Bodies stay under 100 bytes. `invalid`, `exceeded` and a member `error` occur only where the key is at fault:
 * the vendor's clients search for the words, and webp-convert takes any `error` for a key that is used up.
 */
const WORDINGS: Record<ProblemCode, Wording> = {
  unauthorized: { status: 200, body: { error: 'invalid', t: 'exceeded' } },
  'key-expired': { status: 200, body: { error: 'invalid', t: 'exceeded' } },
  'domain-not-allowed': { status: 200, body: { error: 'invalid', t: 'exceeded' } },
  'rate-limited': { status: 503, body: { status: 'failed', message: 'too busy' } },
  'out-of-credits': { status: 200, body: { error: 'exceeded' } },
  'empty-body': { status: 200, body: { status: 'failed', message: 'no file' } },
  'malformed-body': { status: 400, body: { status: 'failed', message: 'the form is malformed' } },
  'invalid-parameter': { status: 200, body: { status: 'failed', message: 'a field has no meaning' } },
  'body-too-large': { status: 413, body: { status: 'failed', message: 'the file is too large' } },
  'not-yours': { status: 404, body: { status: 'failed', message: 'not found' } },
  'not-found': { status: 404, body: { status: 'failed', message: 'not found' } },
  'method-not-allowed': { status: 405, body: { status: 'failed', message: 'all requests must use POST' } },
  'job-failed': { status: 200, body: { status: 'failed', message: 'the file could not be optimized' } },
  overloaded: {
    status: 503,
    body: { status: 'failed', message: 'too busy' },
    headers: { 'retry-after': '30' },
  },
  unavailable: {
    status: 503,
    body: { status: 'failed', message: 'not ready' },
    headers: { 'retry-after': '5' },
  },
  internal: { status: 500, body: { status: 'failed', message: 'server error' } },
};

export function refuse(problem: Problem, { path }: RequestHead): Reply {
  const special = atAccountPages(problem.code, path);
  if (special !== null) return page(special);
  const { status, body, headers } = WORDINGS[problem.code];
  return { ...page(JSON.stringify(body)), status, headers: { ...page('').headers, ...headers } };
}

/** A 200 as this vendor sends everything but images, JSON included. */
export function page(text: string): Reply & { headers: Record<string, string> } {
  return { status: 200, headers: { 'content-type': 'text/html; charset=UTF-8' }, text };
}

/**
 * The account pages have words of their own for a key that is not valid: `/quota/` an empty body, `/verify/`
 * a status (the current WordPress plugin) and an error (webp-convert).
 */
function atAccountPages(code: ProblemCode, path: string): string | null {
  if (code !== 'unauthorized') return null;
  if (path === '/quota/') return '';
  if (path === '/verify/') return JSON.stringify({ status: 'invalid', error: 'invalid' });
  return null;
}
