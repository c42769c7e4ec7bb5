import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { jpegFile, pngFile } from '../../test/images/files.ts';
import { photo } from '../../test/images/pixels.ts';
import { childPids } from '../../test/processes.ts';
import { DEFAULT_OPTIONS, Decline, type OptimizeOptions } from './contract.ts';
import { EngineFailure } from './failure.ts';
import { createPool, type Pool, type PoolOptions } from './pool.ts';

const small = await jpegFile(photo(160, 120), { quality: 95 });
const large = await pngFile(photo(1600, 1200));
/** Takes a child several seconds, so that a test can reach it at work. */
const SLOW: OptimizeOptions = { ...DEFAULT_OPTIONS, targets: ['avif', 'webp', 'jpeg'], floor: 92 };

async function withPool(over: Partial<PoolOptions>, use: (pool: Pool) => Promise<void>): Promise<void> {
  const pool = createPool({
    size: 1,
    jobTimeoutMs: 120_000,
    memoryBytes: 2 ** 31,
    jobsPerChild: 100,
    ...over,
  });
  try {
    await use(pool);
  } finally {
    await pool.close();
  }
}

async function workingChild(pool: Pool): Promise<number> {
  for (;;) {
    const [pid] = childPids(process.pid, 'engine/child');
    if (pid && pool.stats().busy > 0) return pid;
    await pause(20);
  }
}

const failsAs = (code: EngineFailure['code']) => (error: Error) =>
  error instanceof EngineFailure && error.code === code && error.message.endsWith('.');

test('a job runs in a child and its outcome comes back whole', async () => {
  await withPool({}, async (pool) => {
    const outcome = await pool.optimize(small, DEFAULT_OPTIONS);
    assert.equal(outcome.status, 'done');
    const [output] = outcome.outputs;
    assert.ok(output && output.data.length < small.length && output.score >= 85);
    assert.deepEqual([...output.data.subarray(0, 2)], [0xff, 0xd8]);
  });
});

test('an aborting child fails its job as crashed, and the next job is served', async () => {
  await withPool({}, async (pool) => {
    const job = pool.optimize(large, SLOW);
    const rejected = assert.rejects(job, failsAs('crashed'));
    process.kill(await workingChild(pool), 'SIGABRT');
    await rejected;
    assert.equal(pool.stats().restarts.crashed, 1);
    assert.equal((await pool.optimize(small, DEFAULT_OPTIONS)).status, 'done');
  });
});

test('a hanging child is killed at the time limit, and the next job is served', async () => {
  await withPool({ jobTimeoutMs: 8000 }, async (pool) => {
    const job = pool.optimize(small, DEFAULT_OPTIONS);
    const rejected = assert.rejects(job, failsAs('timeout'));
    process.kill(await workingChild(pool), 'SIGSTOP');
    await rejected;
    assert.equal((await pool.optimize(small, DEFAULT_OPTIONS)).status, 'done');
  });
});

test('a child above the memory limit is killed', { skip: process.platform !== 'linux' }, async () => {
  await withPool({ memoryBytes: 80 << 20 }, async (pool) => {
    await assert.rejects(pool.optimize(large, SLOW), failsAs('out-of-memory'));
    assert.equal(pool.stats().restarts['out-of-memory'], 1);
  });
});

test('an aborted signal ends waiting and running jobs as cancelled', async () => {
  await withPool({}, async (pool) => {
    const controller = new AbortController();
    const running = assert.rejects(pool.optimize(large, SLOW, controller.signal), failsAs('cancelled'));
    const waiting = assert.rejects(pool.optimize(small, SLOW, controller.signal), failsAs('cancelled'));
    await workingChild(pool);
    controller.abort();
    await Promise.all([running, waiting]);
    await assert.rejects(pool.optimize(small, SLOW, controller.signal), failsAs('cancelled'));
  });
});

test('children are replaced after their number of jobs, without a job being lost', async () => {
  await withPool({ jobsPerChild: 2 }, async (pool) => {
    const seen = new Set<number>();
    for (let job = 0; job < 5; job++) {
      const done = pool.optimize(small, { ...DEFAULT_OPTIONS, fidelity: 'lossless' });
      seen.add(await workingChild(pool));
      await done;
    }
    assert.ok(seen.size >= 2);
    assert.ok(Object.values(pool.stats().restarts).every((count) => count === 0));
  });
});

test('more jobs than children wait their turn', async () => {
  await withPool({ size: 2 }, async (pool) => {
    const jobs = Array.from({ length: 6 }, () => pool.optimize(small, DEFAULT_OPTIONS));
    assert.equal(pool.stats().busy, 2);
    assert.equal(pool.stats().waiting, 4);
    for (const outcome of await Promise.all(jobs)) assert.equal(outcome.status, 'done');
  });
});

test('compare scores two files and refuses what it cannot judge', async () => {
  await withPool({}, async (pool) => {
    assert.equal((await pool.compare(small, small)).score, 100);
    await assert.rejects(pool.compare(small, large), (error) => error instanceof Decline);
    await assert.rejects(pool.compare(small, Buffer.from('no image')), (error) => error instanceof Decline);
  });
});

test('compare does to the reference what was done before it was encoded', async () => {
  await withPool({}, async (pool) => {
    const box = { width: 40, height: 30, fit: 'cover' } as const;
    const options: OptimizeOptions = { ...DEFAULT_OPTIONS, resize: box };
    const outcome = await pool.optimize(small, options);
    assert.equal(outcome.status, 'done');
    const [output] = outcome.status === 'done' ? outcome.outputs : [];
    const limits = DEFAULT_OPTIONS.limits;
    const compared = await pool.compare(small, output!.data, undefined, {
      limits,
      transforms: { resize: box },
    });
    const { score, worstTile, visibility, width, height } = output!;
    assert.deepEqual(compared, {
      score,
      worstTile,
      visibility,
      width,
      height,
      frames: 1,
      worstFrame: 1,
      pace: null,
    });
  });
});

test('a heat map is drawn in a child, and declined like a comparison', async () => {
  await withPool({}, async (pool) => {
    const png = await pool.heatmap(small, small);
    assert.equal(Buffer.from(png.subarray(1, 4)).toString(), 'PNG');
    await assert.rejects(pool.heatmap(small, large), (error) => error instanceof Decline);
  });
});

test('closing fails the work in hand and leaves no child behind', async () => {
  const pool = createPool({ size: 2, jobTimeoutMs: 60_000, memoryBytes: 2 ** 31, jobsPerChild: 10 });
  const rejected = assert.rejects(pool.optimize(large, SLOW), failsAs('cancelled'));
  await workingChild(pool);
  await pool.close();
  await rejected;
  assert.deepEqual(childPids(process.pid, 'engine/child'), []);
});
