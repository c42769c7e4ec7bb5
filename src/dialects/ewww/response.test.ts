import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PROBLEM_CODES, Problem } from '../../lib/problem.ts';
import type { Account, Job, RequestHead } from '../dialect.ts';
import { refuse } from './errors.ts';
import { imageReply, quotaReply, verifyReply } from './response.ts';

const account = (creditsLeft: number | null, creditsUsed = 0): Account => ({
  id: 'a',
  name: 'n',
  creditsLeft,
  creditsUsed,
  email: null,
  plan: { kind: 'prepaid', allowance: 0, used: creditsUsed, daysToRenewal: 0, exhausted: null },
});
const head = (path: string): RequestHead => ({
  method: 'POST',
  path,
  params: {},
  query: new URLSearchParams(),
  headers: {},
  origin: 'http://localhost',
});
const job = { id: 'j', status: 'done', artifacts: [{ id: 'a' }], read: async () => new Uint8Array([1]) };

describe('answering compress clients', () => {
  it('tells valid keys from used-up ones, without an error for those', () => {
    assert.equal(verifyReply(account(null)).text, '{"status":"great"}');
    assert.equal(verifyReply(account(3)).text, '{"status":"great"}');
    assert.equal(verifyReply(account(0)).text, '{"status":"exceeded"}');
  });

  it('writes quotas as three integers that clients read correctly', () => {
    assert.equal(quotaReply(account(3000)).text, '0 -3000 0');
    assert.equal(quotaReply(account(0, 12)).text, '0 0 0');
    assert.equal(quotaReply(account(null, 1000)).text, '0 1000 30');
  });

  it('sends images as octet-stream and declines as an empty body', async () => {
    const image = await imageReply(job as unknown as Job);
    assert.deepEqual(
      [image.status, image.headers, image.bytes?.length],
      [200, { 'content-type': 'application/octet-stream' }, 1],
    );
    const declined = await imageReply({ ...job, status: 'declined', artifacts: [] } as unknown as Job);
    assert.deepEqual([declined.status, declined.text], [200, '']);
    for (const status of ['failed', 'queued', 'running'])
      await assert.rejects(imageReply({ ...job, status, artifacts: [] } as unknown as Job), {
        code: 'job-failed',
      });
  });

  it('words every problem in under 100 bytes, off the words clients search for unless meant', () => {
    for (const code of PROBLEM_CODES) {
      const { text = '', headers } = refuse(new Problem(code, 'detail'), head('/v2/'));
      assert.ok(text.length < 100);
      assert.match(headers?.['content-type'] ?? '', /^text\/html/);
      const ofKey = ['unauthorized', 'key-expired', 'domain-not-allowed', 'out-of-credits'].includes(code);
      assert.equal(/invalid|exceeded|"error"|location|great/.test(text), ofKey, code);
    }
  });

  it('refuses a key as each page does', () => {
    const problem = new Problem('unauthorized', 'detail');
    assert.equal(refuse(problem, head('/v2/')).text, '{"error":"invalid","t":"exceeded"}');
    assert.equal(refuse(problem, head('/')).text, '{"error":"invalid","t":"exceeded"}');
    assert.equal(refuse(problem, head('/verify/')).text, '{"status":"invalid","error":"invalid"}');
    assert.equal(refuse(problem, head('/quota/')).text, '');
  });
});
