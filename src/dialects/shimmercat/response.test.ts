import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PROBLEM_CODES, Problem } from '../../lib/problem.ts';
import type { Job, JobStatus } from '../dialect.ts';
import { refuse } from './errors.ts';
import { EXPECTING_FILE, QUEUED, standingReply } from './response.ts';

const standing = (status: JobStatus, reason: string | null = null) => {
  const artifacts = status === 'done' ? [{ id: 'a' }] : [];
  return standingReply({ status, reason, artifacts } as unknown as Job, ({ id }) => `http://x/${id}`);
};
const JSON_TYPE = { 'content-type': 'application/json' };

describe('answering imgopt3 clients', () => {
  it('has one answer for an upload and one for an unknown image', () => {
    assert.deepEqual(QUEUED, { status: 201, headers: JSON_TYPE, json: { status: 'queued' } });
    assert.deepEqual(EXPECTING_FILE, {
      status: 404,
      headers: JSON_TYPE,
      json: { success_or_deny: 'expecting-file' },
    });
  });

  it('tells how an image stands, with an address only where there is a result', () => {
    const ok = (json: object) => ({ status: 200, headers: JSON_TYPE, json });
    for (const status of ['queued', 'running'] as const)
      assert.deepEqual(standing(status), ok({ success_or_deny: 'processing' }));
    assert.deepEqual(standing('declined', 'no-gain'), ok({ success_or_deny: 'deny' }));
    assert.deepEqual(standing('done'), ok({ success_or_deny: 'success', presigned_url: 'http://x/a' }));
  });

  it('denies what failed by the image itself, and asks again for what failed by the server', () => {
    for (const reason of ['crashed', 'timeout', 'out-of-memory'])
      assert.deepEqual(standing('failed', reason)?.json, { success_or_deny: 'deny' });
    for (const reason of ['storage', 'internal', null]) assert.equal(standing('failed', reason), null);
  });

  it('words every problem as JSON, none as anything that clients take for an answer', () => {
    for (const code of PROBLEM_CODES) {
      const { status, headers, json } = refuse(new Problem(code, 'A sentence.'));
      assert.equal(headers?.['content-type'], 'application/json');
      assert.deepEqual(Object.keys(json as object), ['detail']);
      assert.ok(status >= 400, code);
    }
  });

  it('denies access by 401, and has clients try again by 500, the one status upon which they do', () => {
    const statuses = (...codes: Problem['code'][]) =>
      codes.map((code) => refuse(new Problem(code, 'x')).status);
    assert.deepEqual(statuses('unauthorized', 'key-expired', 'domain-not-allowed'), [401, 401, 401]);
    assert.deepEqual(statuses('overloaded', 'unavailable', 'internal'), [500, 500, 500]);
    const busy = refuse(new Problem('overloaded', 'x', { retryAfterSeconds: 7 }));
    assert.equal(busy.headers?.['retry-after'], '7');
  });
});
