/** Words every problem as `application/problem+json` (RFC 9457). */
import type { Problem, ProblemCode } from '../../lib/problem.ts';
import type { Reply } from '../dialect.ts';
import type { ProblemBody } from './schema.ts';

interface Wording {
  status: number;
  title: string;
  headers?: Record<string, string>;
}

export const WORDINGS: Record<ProblemCode, Wording> = {
  unauthorized: {
    status: 401,
    title: 'The API key is missing or not valid',
    headers: { 'www-authenticate': 'Bearer realm="keeneye"' },
  },
  'key-expired': { status: 401, title: 'The API key has expired' },
  'domain-not-allowed': { status: 403, title: 'The API key is not for this site' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'out-of-credits': { status: 402, title: 'The API key has no credits left' },
  'empty-body': { status: 400, title: 'The request has no image' },
  'malformed-body': { status: 400, title: 'The request body cannot be read' },
  'invalid-parameter': { status: 422, title: 'A parameter is not valid' },
  'body-too-large': { status: 413, title: 'The request body is too large' },
  'not-found': { status: 404, title: 'Not found' },
  'not-yours': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'job-failed': { status: 500, title: 'The job failed' },
  overloaded: { status: 503, title: 'Too much work is waiting', headers: { 'retry-after': '30' } },
  unavailable: { status: 503, title: 'The server is not ready', headers: { 'retry-after': '5' } },
  internal: { status: 500, title: 'Internal error' },
};

export function refuse(problem: Problem): Reply {
  const { status, title, headers } = WORDINGS[problem.code];
  const json: ProblemBody = {
    type: `urn:keeneye:problem:${problem.code}`,
    title,
    status,
    detail: problem.message,
    code: problem.code,
    parameter: problem.parameter,
    job: problem.jobId,
  };
  const sent: Record<string, string> = { 'content-type': 'application/problem+json', ...headers };
  if (problem.retryAfterSeconds !== undefined) sent['retry-after'] = String(problem.retryAfterSeconds);
  return { status, headers: sent, json };
}
