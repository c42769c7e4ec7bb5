import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkSignature, createSigner, makePrivateKey } from '../../lib/signature.ts';
import type { Artifact, Job } from '../dialect.ts';
import { bestArtifact, jobBody, lossyArtifact, reportBody } from './response.ts';
import { job as jobSchema, report as reportSchema } from './schema.ts';

const artifact: Artifact = {
  id: 'artifact-1',
  format: 'webp',
  bytes: 900,
  width: 30,
  height: 20,
  frames: 1,
  sha256: 'b'.repeat(64),
  score: 86.25,
  worstTile: { x: 0, y: 0, width: 30, height: 20, score: 85.5 },
  visibility: { jnd: 0.3, spread: 0.2, probability: 0.16, iwssim: 0.998 },
  encoder: 'libwebp',
  quality: 71,
  evaluations: 3,
};

const done: Job = {
  id: 'job-1',
  status: 'done',
  reason: null,
  detail: null,
  source: {
    bytes: 4000,
    sha256: 'a'.repeat(64),
    width: 30,
    height: 20,
    format: 'jpeg',
    orientation: 1,
    url: null,
  },
  artifacts: [artifact, { ...artifact, id: 'artifact-2', format: 'avif', bytes: 800, quality: null }],
  createdAt: new Date(0),
  finishedAt: new Date(1000),
  engineMs: 120,
  engine: 'engine 1',
  options: { targets: ['webp', 'avif'], fidelity: 'lossy', floor: 85 },
  accept: 'smaller',
  sign: createSigner(makePrivateKey()).sign,
  heatmap: async () => new Uint8Array(),
  read: async () => new Uint8Array(),
  readSource: async () => new Uint8Array(),
};
const declined: Job = {
  ...done,
  status: 'declined',
  reason: 'no-gain',
  detail: 'As small as it gets.',
  artifacts: [],
};

describe('showing native jobs', () => {
  it('shows what the schema promises, and no more', () => {
    const body = jobBody(done, ({ id }) => `http://h/${id}`);
    assert.deepEqual(
      jobSchema.strict().parse(JSON.parse(JSON.stringify(body))),
      JSON.parse(JSON.stringify(body)),
    );
    assert.deepEqual(
      body.outputs.map(({ url }) => url),
      ['http://h/artifact-1', 'http://h/artifact-2'],
    );
    assert.ok(!('reason' in JSON.parse(JSON.stringify(body))));
  });

  it('names the reason of a declined job', () => {
    const body = jobBody(declined, () => '');
    assert.deepEqual([body.status, body.reason, body.outputs], ['declined', 'no-gain', []]);
  });

  it('delivers the smallest of several outputs', () => {
    assert.equal(bestArtifact(done).id, 'artifact-2');
    assert.throws(() => bestArtifact(declined), { code: 'internal' });
  });

  it('proves ended jobs in a signed report that follows its schema', () => {
    for (const job of [done, declined]) {
      const body = JSON.parse(JSON.stringify(reportBody(job)));
      assert.deepEqual(reportSchema.strict().parse(body), body);
      assert.equal(checkSignature(body), body.signature.key);
    }
    const { jnd, visibleProbability, iwssim } = reportBody(done).outputs[0]!;
    assert.deepEqual([jnd, visibleProbability, iwssim], [{ value: 0.3, spread: 0.2 }, 0.16, 0.998]);
    const older = { ...done, artifacts: [{ ...artifact, visibility: null }] };
    assert.ok(!('jnd' in reportBody(older).outputs[0]!));
    assert.equal(reportBody(done).floor, 85);
    assert.equal(reportBody({ ...done, options: { fidelity: 'lossless', floor: 85 } }).floor, null);
    const resized = { fidelity: 'lossless', resize: { width: 100, fit: 'inside' } } as const;
    assert.equal(reportBody({ ...done, options: resized }).floor, 90);
    const exact = { ...done, options: resized, artifacts: [{ ...artifact, quality: null }] };
    assert.equal(reportBody(exact).floor, null);
  });

  it('shows the differences of a lossy output, and says why there are none of another', () => {
    assert.equal(lossyArtifact(done, 0).id, 'artifact-1');
    assert.throws(() => lossyArtifact(done, 1), { code: 'not-found', message: /lossless/ });
    assert.throws(() => lossyArtifact(done, 2), { code: 'invalid-parameter', parameter: 'output' });
    assert.throws(() => lossyArtifact(declined, 0), { code: 'not-found', message: /declined/ });
    for (const status of ['queued', 'running', 'failed'] as const)
      assert.throws(() => lossyArtifact({ ...done, status }, 0), { code: 'not-found' });
  });

  it('has no report of a job that has not ended or has failed', () => {
    for (const status of ['queued', 'running', 'failed'] as const)
      assert.throws(() => reportBody({ ...done, status }), { code: 'not-found' });
  });
});
