import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PROBLEM_CODES, Problem, type ProblemCode } from '../../lib/problem.ts';
import { refuse } from './errors.ts';

const OF_KEY: ProblemCode[] = ['unauthorized', 'key-expired', 'domain-not-allowed', 'out-of-credits'];
const EDITING = ['/rotate/', '/resize/', '/reduce-png/', '/backup/store.php', '/backup/restore.php'];

function refusal(code: ProblemCode, path: string) {
  const head = {
    method: 'POST',
    path,
    params: {},
    query: new URLSearchParams(),
    headers: {},
    origin: 'http://x',
  };
  return refuse(new Problem(code, 'detail'), head);
}

describe('refusing compress clients', () => {
  it('words every problem in under 100 bytes, off the words that clients search for unless meant', () => {
    for (const code of PROBLEM_CODES) {
      const { text = '', headers } = refusal(code, '/v2/');
      assert.ok(text.length < 100);
      assert.match(headers?.['content-type'] ?? '', /^text\/html/);
      assert.equal(/invalid|exceeded|"error"|location|great/.test(text), OF_KEY.includes(code), code);
    }
  });

  it('refuses a key as each page does', () => {
    for (const path of ['/v2/', '/', '/v3/optimize/', '/resize/', '/reduce-png/', '/backup/store.php'])
      assert.equal(refusal('unauthorized', path).text, '{"error":"invalid","t":"exceeded"}', path);
    assert.equal(refusal('unauthorized', '/verify/').text, '{"status":"invalid","error":"invalid"}');
    assert.equal(refusal('key-expired', '/verify/').text, '{"status":"expired","error":"invalid"}');
    for (const path of ['/quota/', '/quota/v2/']) assert.equal(refusal('unauthorized', path).text, '');
    assert.equal(refusal('key-expired', '/quota/').text, '');
    const { status, ...numbers } = JSON.parse(refusal('key-expired', '/quota/v2/').text!);
    assert.equal(status, 'expired');
    for (const name of ['licensed', 'consumed', 'days', 'metered']) assert.equal(numbers[name], 0);
    assert.equal(refusal('unauthorized', '/rotate/').text, '{"error":"exceeded"}');
  });

  it('says an error where clients look for one instead of a status', () => {
    for (const path of EDITING)
      for (const code of PROBLEM_CODES.filter((known) => !OF_KEY.includes(known)))
        if (code !== 'not-found') assert.equal(refusal(code, path).text, '{"error":"failed"}');
    const { status, text } = refusal('not-found', '/backup/restore.php');
    assert.deepEqual([status, text], [200, '{"error":"missing"}']);
  });
});
