import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PROBLEM_CODES, Problem } from '../../lib/problem.ts';
import type { Account, Artifact, Batch, Job, RequestHead, SubmissionOptions } from '../dialect.ts';
import { addressOf, imageReply } from './delivery.ts';
import { refuse } from './errors.ts';
import { infoBody, queuedBody, resultBody } from './response.ts';

const account: Account = {
  id: 'a',
  name: 'A shop',
  email: 'shop@example.org',
  creditsLeft: 42,
  creditsUsed: 0,
  plan: { kind: 'prepaid', allowance: 0, used: 0, daysToRenewal: 0, exhausted: null },
};
const user = { name: 'A shop', email: 'shop@example.org', tokens: 42 };

const artifact = (format: string, bytes: number) => ({ id: format, format, bytes }) as Artifact;
function job(over: Partial<Job>, artifacts: Artifact[] = [], options: SubmissionOptions = {}): Job {
  const source = { bytes: 1000, format: 'jpeg', url: null };
  const reads = {
    read: async ({ bytes }: Artifact) => new Uint8Array(bytes),
    readSource: async () => new Uint8Array(1000),
  };
  return { id: '0198aaaa-bbbb-cccc', status: 'done', source, artifacts, options, ...reads, ...over } as Job;
}
const batchOf = (...jobs: Job[]): Batch => ({
  id: 'p',
  account,
  items: jobs.map((each, at) => ({ job: each, filename: `${at + 1}.jpg` })),
});
const link = () => 'http://here/image/f/t.jpg';
const resultsOf = (...jobs: Job[]) => (resultBody(batchOf(...jobs), link) as { result: unknown[] }).result;
const same = { targets: ['same' as const] };
const withWebp = { targets: ['same' as const, 'webp' as const] };

describe('wording batches', () => {
  it('tells the account, and -1 for tokens without limit', () => {
    assert.deepEqual(infoBody(account), { status: 'ok', code: 200, result: user });
    const unlimited = infoBody({ ...account, email: null, creditsLeft: null }).result;
    assert.deepEqual(unlimited, { name: 'A shop', email: '', tokens: -1 });
  });

  it('is processing until the last job has ended', () => {
    const queued = batchOf(job({}), job({ status: 'queued' }));
    assert.deepEqual(queuedBody(queued), { status: 'processing', code: 202, process_id: 'p' });
    assert.deepEqual(resultBody(queued, link), { status: 'processing', code: 504, process_id: 'p' });
  });

  it('tells what was saved, the percentage rounded, and of the WebP too', () => {
    const [result] = resultsOf(job({}, [artifact('jpeg', 404), artifact('webp', 126)], withWebp));
    assert.deepEqual(result, {
      success: 1,
      file_name: '1.jpg',
      original_size: 1000,
      optimized_size: 404,
      saved_bytes: 596,
      saved_percent: 60,
      url: link(),
      webp: { url: `${link()}.webp`, optimized_size: 126, saved_bytes: 874, saved_percent: 87 },
    });
    assert.deepEqual(resultBody(batchOf(job({})), link), {
      status: 'ok',
      code: 200,
      result: resultsOf(job({})),
      id: 'p',
      user,
    });
  });

  it('counts as a success only what saves more than five per cent', () => {
    const facts = (bytes: number) =>
      resultsOf(job({}, [artifact('jpeg', bytes)], same))[0] as Record<string, unknown>;
    assert.deepEqual([facts(949).success, facts(950).success, facts(950).saved_bytes], [1, 0, 50]);
    assert.deepEqual([facts(949).webp, facts(1200).saved_bytes], [null, 0]);
    const [webpAlone] = resultsOf(job({}, [artifact('webp', 500)], withWebp)) as [Record<string, unknown>];
    assert.deepEqual([webpAlone.success, webpAlone.saved_bytes], [1, 0]);
  });

  it('tells the source itself where nothing is better', () => {
    const [result] = resultsOf(job({ status: 'declined', reason: 'no-gain' }, [], withWebp)) as [
      Record<string, unknown>,
    ];
    assert.deepEqual(
      [result.success, result.original_size, result.optimized_size, result.saved_bytes, result.saved_percent],
      [0, 1000, 1000, 0, 0],
    );
    assert.deepEqual([result.url, result.webp], [link(), null]);
  });

  it('keeps the place of a file that failed among others, at its own address if it was never here', () => {
    const url = 'http://elsewhere/gone.jpg';
    const failed = job({
      status: 'failed',
      reason: 'fetch-not-found',
      source: { bytes: null, url } as Job['source'],
    });
    const [, result] = resultsOf(job({}, [artifact('jpeg', 100)], same), failed) as Record<string, unknown>[];
    assert.deepEqual(result, {
      success: 0,
      file_name: '2.jpg',
      original_size: 0,
      optimized_size: 0,
      saved_bytes: 0,
      saved_percent: 0,
      url,
      webp: null,
    });
  });

  it('is an error where nothing could be made of any file, the client to blame or the server', () => {
    const corrupt = job({ status: 'declined', reason: 'corrupt', detail: 'It is cut short.' });
    const gone = job({ status: 'failed', reason: 'fetch-not-found', detail: null });
    assert.deepEqual(resultBody(batchOf(corrupt, gone), link), {
      status: 'error',
      code: 400,
      errors: ['1.jpg: It is cut short.', '2.jpg: It could not be optimized.'],
      id: 'p',
    });
    const source = { bytes: 5, format: null } as Job['source'];
    const words = { status: 'declined', reason: 'unsupported' } as const;
    assert.equal(resultBody(batchOf(job({ ...words, source })), link).code, 400);
    assert.equal(resultBody(batchOf(job(words)), link).code, 200);
    const crashed = job({ status: 'failed', reason: 'crashed', detail: null });
    assert.equal(resultBody(batchOf(corrupt, crashed), link).code, 500);
  });
});

describe('delivering images', () => {
  const service = { ticket: (_: Job, ttlMs: number) => `for-${ttlMs}`, redeem: async () => done };
  const done = job({}, [artifact('jpeg', 404), artifact('webp', 126)], withWebp);
  const at = (folder: string, token: string) => ({ params: { folder, token } }) as unknown as RequestHead;

  it('gives an address that stays the same for a day and works for a day more', () => {
    const hourMs = 3600_000;
    const address = (now: number) => addressOf(done, service, 'http://here', now).split('-for')[0];
    assert.equal(address(0), `http://here/image/0198aaaabbbb/for-${48 * hourMs}.jpg`);
    assert.equal(address(10 * hourMs), `http://here/image/0198aaaabbbb/for-${38 * hourMs}.jpg`);
  });

  it('reads results, the WebP behind them, and sources where there is none', async () => {
    const read = async (token: string) => {
      const { headers, bytes } = await imageReply(at('0198aaaabbbb', token), service);
      return [headers?.['content-type'], bytes?.length];
    };
    assert.deepEqual(await read('t.jpg'), ['image/jpeg', 404]);
    assert.deepEqual(await read('t.jpg.webp'), ['image/webp', 126]);
    const declined = { redeem: async () => job({ status: 'declined' }, [], withWebp) };
    const { headers, bytes } = await imageReply(at('0198aaaabbbb', 't.jpg'), declined);
    assert.deepEqual([headers?.['content-type'], bytes?.length], ['image/jpeg', 1000]);
    await assert.rejects(imageReply(at('0198aaaabbbb', 't.jpg.webp'), declined), { code: 'not-found' });
  });

  it('has nothing in other folders or under other names', async () => {
    const wrong = {
      '0198aaaabbbc/t.jpg': 'folder',
      '0198aaaabbbb/t': 'name',
      '0198aaaabbbb/t.jpg.png': 'end',
    };
    for (const [path, what] of Object.entries(wrong)) {
      const [folder = '', token = ''] = path.split('/');
      await assert.rejects(imageReply(at(folder, token), service), { code: 'not-found' }, what);
    }
  });
});

describe('refusing', () => {
  const worded = (code: (typeof PROBLEM_CODES)[number], path: string) =>
    refuse(new Problem(code, 'A sentence.'), { path } as RequestHead);

  it('answers 200 with the code in the body wherever JSON is read', () => {
    for (const code of PROBLEM_CODES) {
      const { status, json } = worded(code, '/v1/optimize') as {
        status: number;
        json: Record<string, unknown>;
      };
      assert.deepEqual([status, json.status, json.errors], [200, 'error', ['A sentence.']], code);
    }
    const codeOf = (code: (typeof PROBLEM_CODES)[number]) =>
      (worded(code, '/v1/users/info').json as { code: number }).code;
    assert.deepEqual(
      [codeOf('unauthorized'), codeOf('not-yours'), codeOf('out-of-credits'), codeOf('rate-limited')],
      [404, 401, 455, 429],
    );
  });

  it('answers with the status where an image is expected', () => {
    assert.equal(worded('not-found', '/image/a/b.jpg').status, 404);
    assert.equal(worded('method-not-allowed', '/ping').status, 405);
  });
});
