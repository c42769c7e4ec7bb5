import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../engine/contract.ts';
import { EngineFailure, type FailureCode } from '../engine/failure.ts';
import { createMetrics } from '../lib/metrics.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import { blobKey } from './blob-references.ts';
import { executeJob } from './execute.ts';
import type { Claim } from './job-states.ts';

const SOURCE = new TextEncoder().encode('a source');
const KEY = blobKey(SOURCE);
const OUTCOME = { status: 'declined', reason: 'corrupt' } as Outcome;

const blobsWith = (get: BlobStore['get']) => ({ get }) as BlobStore;
const stored = blobsWith(async (key) => (key === KEY ? SOURCE : null));

/** An engine that fails as told, one code a call, and then answers. */
function engine(...failures: FailureCode[]) {
  const calls: Uint8Array[] = [];
  const optimize = async (bytes: Uint8Array) => {
    calls.push(bytes);
    const code = failures.shift();
    if (code) throw new EngineFailure(code);
    return OUTCOME;
  };
  return { calls, optimize };
}

async function execute(optimize: ReturnType<typeof engine>['optimize'], blobs = stored, attempts = 1) {
  const claim = { id: 'job', sourceSha256: KEY, attempts, waitedMs: 5, options: {} } as Claim;
  return executeJob(claim, blobs, { optimize }, createMetrics(), new AbortController().signal);
}

test("the engine's outcome is the job's ending", async () => {
  const { calls, optimize } = engine();
  const { ending, engineMs } = await execute(optimize);
  assert.equal(ending, OUTCOME);
  assert.ok(engineMs !== null && engineMs >= 0);
  assert.deepEqual(calls, [SOURCE]);
});

test('after a crash the job is tried once more', async () => {
  const { calls, optimize } = engine('crashed');
  assert.equal((await execute(optimize)).ending, OUTCOME);
  assert.equal(calls.length, 2);
});

test('a job that crashes twice has failed, with its reason and a sentence', async () => {
  const { calls, optimize } = engine('crashed', 'crashed');
  const { ending } = await execute(optimize);
  assert.deepEqual(ending, {
    status: 'failed',
    reason: 'crashed',
    detail: new EngineFailure('crashed').message,
  });
  assert.equal(calls.length, 2);
});

test('a job whose process is killed is tried again and again, but not for ever', async () => {
  const kills = (count: number) => Array.from({ length: count }, () => 'killed' as const);
  const lucky = engine(...kills(4));
  assert.equal((await execute(lucky.optimize)).ending, OUTCOME);
  const { calls, optimize } = engine(...kills(5));
  const { ending } = await execute(optimize);
  assert.deepEqual([ending?.status === 'failed' && ending.reason, calls.length], ['crashed', 5]);
});

for (const code of ['timeout', 'out-of-memory'] as const)
  test(`a job that ends by ${code} is not tried again`, async () => {
    const { calls, optimize } = engine(code);
    const { ending } = await execute(optimize);
    assert.deepEqual(ending, { status: 'failed', reason: code, detail: new EngineFailure(code).message });
    assert.equal(calls.length, 1);
  });

test('a cancelled job has no ending', async () => {
  assert.equal((await execute(engine('cancelled').optimize)).ending, null);
});

test('an engine that fails in a way nobody foresaw fails the job and nothing else', async () => {
  const cause = new TypeError('x is not a function');
  const { ending, error } = await execute(() => Promise.reject(cause));
  assert.equal(ending?.status === 'failed' && ending.reason, 'internal');
  assert.equal(error, cause);
});

test('a source that is gone, damaged or unreadable fails the job before the engine starts', async () => {
  const { calls, optimize } = engine();
  const reasonWith = async (get: BlobStore['get']) => {
    const { ending } = await execute(optimize, blobsWith(get));
    return ending?.status === 'failed' && ending.reason;
  };
  assert.equal(await reasonWith(async () => null), 'source-missing');
  assert.equal(await reasonWith(async () => new Uint8Array(SOURCE.length)), 'source-missing');
  assert.equal(await reasonWith(() => Promise.reject(new Error('EIO'))), 'storage');
  assert.equal(calls.length, 0);
});

test('what lay underneath a failure is for the log, not for the client', async () => {
  const inside = new Error('/data/blobs/ab: the inside story');
  const crash = new EngineFailure('crashed', { cause: inside });
  for (const failing of [
    () => execute(() => Promise.reject(inside)),
    () => execute(() => Promise.reject(crash)),
    () =>
      execute(
        engine().optimize,
        blobsWith(() => Promise.reject(inside)),
      ),
  ]) {
    const { ending, error } = await failing();
    assert.equal(error, inside);
    assert.doesNotMatch(ending?.status === 'failed' ? ending.detail : 'inside story', /inside story/);
  }
});

test('a job under which the server keeps going down is given up in the end', async () => {
  const { calls, optimize } = engine();
  assert.equal((await execute(optimize, stored, 25)).ending, OUTCOME);
  const { ending } = await execute(optimize, stored, 26);
  assert.equal(ending?.status === 'failed' && ending.reason, 'interrupted');
  assert.equal(calls.length, 1);
});
