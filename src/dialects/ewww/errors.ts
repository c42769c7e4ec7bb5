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
  'method-not-allowed': { status: 405, body: { status: 'failed', message: 'another method is needed' } },
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

/** What is at fault with a key, and not with what is asked of it. */
const OF_KEY: ProblemCode[] = ['unauthorized', 'key-expired', 'domain-not-allowed', 'out-of-credits'];

export function refuse({ code }: Problem, { path }: RequestHead): Reply {
  if (path === '/backup/restore.php' && code === 'not-found') return page('{"error":"missing"}');
  const { status, body, headers } = WORDINGS[code];
  const text = wordsOf(path, code) ?? JSON.stringify(body);
  return { status, headers: { ...page('').headers, ...headers }, text };
}

/** A 200 as this vendor sends everything but images, JSON included. */
export function page(text: string): Reply & { headers: Record<string, string> } {
  return { status: 200, headers: { 'content-type': 'text/html; charset=UTF-8' }, text };
}

/** What pages say in words of their own; null where they say what all do. */
function wordsOf(path: string, code: ProblemCode): string | null {
  if (OF_KEY.includes(code)) return KEY_WORDS[path]?.(code) ?? null;
  // Their clients look for an error in what is no image, and not for a status (WordPress plugin).
  return /^\/(rotate|resize|reduce-png|backup)\//.test(path) ? '{"error":"failed"}' : null;
}

/**
 * Of a key at fault. `/verify/` says a status (the current WordPress plugin) and an error (webp-convert), `/quota/` nothing;
 * `/quota/v2/` has its numbers read even then, unless it holds no JSON; and `/rotate/` calls every key `exceeded` (API reference).
 */
const KEY_WORDS: Record<string, (code: ProblemCode) => string | null> = {
  '/verify/': (code) =>
    JSON.stringify({ status: code === 'key-expired' ? 'expired' : 'invalid', error: 'invalid' }),
  '/quota/': () => '',
  '/quota/v2/': (code) =>
    code === 'key-expired'
      ? JSON.stringify({ status: 'expired', licensed: 0, consumed: 0, days: 0, metered: 0, unlimited: 0 })
      : '',
  '/rotate/': () => '{"error":"exceeded"}',
};
