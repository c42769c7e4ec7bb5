/** Words every problem as the vendor's clients expect: a bare object under HTTP status 200, whatever it is (see README.md). */
import type { Problem, ProblemCode } from '../../lib/problem.ts';
import type { Reply, RequestHead } from '../dialect.ts';
import { type Code, gone, refusal } from './codes.ts';

const CODES: Record<ProblemCode, Code> = {
  unauthorized: -402,
  'key-expired': -402,
  'domain-not-allowed': -108,
  'rate-limited': -404,
  'out-of-credits': -403,
  'empty-body': -110,
  'malformed-body': -110,
  'invalid-parameter': -102,
  'body-too-large': -111,
  'not-found': -102,
  'not-yours': -102,
  'method-not-allowed': -105,
  'job-failed': -204,
  overloaded: -404,
  unavailable: -500,
  internal: -112,
};

export function refuse({ code }: Problem, { path }: RequestHead): Reply {
  const isMissing = code === 'not-found' || code === 'not-yours';
  return isMissing && /^\/[fu]\//.test(path) ? gone() : refusal(CODES[code]);
}
