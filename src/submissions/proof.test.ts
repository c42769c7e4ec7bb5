import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DEFAULT_OPTIONS } from '../engine/contract.ts';
import { EngineFailure } from '../engine/failure.ts';
import { blobKey } from '../jobs/blob-references.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import { createSigner, makePrivateKey } from '../lib/signature.ts';
import { openDiskBlobs } from '../store/blobs/disk.ts';
import { type Cartographer, createProof } from './proof.ts';

const folder = await mkdtemp(join(tmpdir(), 'keeneye-proof-'));
after(() => rm(folder, { recursive: true }));
const blobs = await openDiskBlobs(folder);
const [source, result] = [Buffer.from('source'), Buffer.from('result')];
for (const bytes of [source, result]) await blobs.put(blobKey(bytes), bytes);

const resize = { width: 10, fit: 'inside' } as const;
const job = { id: 'j', sourceSha256: blobKey(source), options: { ...DEFAULT_OPTIONS, resize } } as JobRecord;
const proofWith = (heatmap: Cartographer['heatmap']) =>
  createProof(createSigner(makePrivateKey()), blobs, { heatmap });

test('a heat map compares the result with the source as it was resized', async () => {
  const proof = proofWith(async (a, b, _signal, options) => {
    assert.deepEqual(options.transforms?.resize, resize);
    return Buffer.concat([a, b]);
  });
  assert.equal(String(await proof.heatmap(job, blobKey(result))), 'sourceresult');
});

test('what is no longer kept cannot be mapped', async () => {
  const proof = proofWith(async () => new Uint8Array());
  const gone = { ...job, sourceSha256: blobKey(Buffer.from('gone')) };
  await assert.rejects(proof.heatmap(gone, blobKey(result)), {
    code: 'not-found',
    message: 'The original is no longer kept.',
  });
  await assert.rejects(proof.heatmap(job, gone.sourceSha256), { code: 'not-found' });
});

test('failures of the engine are told as problems', async () => {
  const failing = (code: EngineFailure['code']) =>
    proofWith(() => Promise.reject(new EngineFailure(code))).heatmap(job, blobKey(result));
  await assert.rejects(failing('cancelled'), { code: 'unavailable' });
  await assert.rejects(failing('timeout'), { code: 'job-failed', jobId: 'j', message: /took longer/ });
});

test('only a few heat maps are drawn at once, and the next one is when they are done', async () => {
  const drawing = Promise.withResolvers<Uint8Array>();
  const proof = proofWith(() => drawing.promise);
  const running = [1, 2, 3, 4].map(() => proof.heatmap(job, blobKey(result)));
  await assert.rejects(proof.heatmap(job, blobKey(result)), { code: 'overloaded' });
  drawing.resolve(new Uint8Array([1]));
  await Promise.all(running);
  assert.equal((await proof.heatmap(job, blobKey(result))).length, 1);
});
