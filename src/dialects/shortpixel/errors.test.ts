import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROBLEM_CODES, Problem, type ProblemCode } from '../../lib/problem.ts';
import { refuse } from './errors.ts';

const head = (path: string) => ({
  ...{
    method: 'POST',
    path,
    params: {},
    query: new URLSearchParams(),
    headers: {},
    origin: 'http://localhost',
  },
});
const codeOf = (code: ProblemCode, path = '/v2/reducer.php') => {
  const { status, json } = refuse(new Problem(code, 'A sentence.'), head(path));
  assert.equal(status, 200);
  return (json as { Status: { Code: unknown } }).Status.Code;
};

test('every problem is a bare status under HTTP status 200', () => {
  const codes = Object.fromEntries(PROBLEM_CODES.map((code) => [code, codeOf(code)]));
  assert.deepEqual(codes, {
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
  });
});

test('what is not there to be downloaded has a code that is a text', () => {
  for (const path of ['/f/x', '/u/x/y']) assert.equal(codeOf('not-found', path), '-302');
  assert.equal(codeOf('unavailable', '/f/x'), -500);
});
