/** From what the database holds of a job to what the contract in `dialects/dialect.ts` shows of it. */
import type { Job } from '../dialects/dialect.ts';
import { readBlob } from '../jobs/blob-references.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import { Problem } from '../lib/problem.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import { describeOptions } from './options.ts';
import type { Proof } from './proof.ts';

export function describeJob(record: JobRecord, blobs: BlobStore, proof: Proof): Job {
  return {
    id: record.id,
    // Where a source comes from makes no difference to who waits for the result.
    status: record.status === 'fetching' ? 'queued' : record.status,
    reason: record.reason,
    detail: record.detail,
    source: {
      bytes: record.sourceBytes,
      sha256: record.sourceSha256,
      width: record.sourceWidth,
      height: record.sourceHeight,
      format: record.sourceFormat,
      orientation: record.sourceOrientation,
      url: record.sourceUrl,
    },
    artifacts: record.artifacts,
    createdAt: record.createdAt,
    finishedAt: record.finishedAt,
    engineMs: record.engineMs,
    engine: record.engine,
    options: describeOptions(record.options),
    accept: record.options.gate,
    sign: proof.sign,
    heatmap: (artifact, signal) => proof.heatmap(record, artifact.sha256, signal),
    read: ({ sha256 }) => readStored(blobs, sha256),
    readSource: async () => {
      if (!record.hasSource || record.sourceSha256 === null) throw expired();
      return readStored(blobs, record.sourceSha256);
    },
  };
}

/** @throws Problem `not-found` when it is gone, `unavailable` */
export async function readStored(blobs: BlobStore, key: string): Promise<Uint8Array> {
  const bytes = await readBlob(blobs, key).catch((error) => {
    throw new Problem('unavailable', 'The file cannot be read just now.', { cause: error });
  });
  if (!bytes) throw expired();
  return bytes;
}

function expired(): Problem {
  return new Problem('not-found', 'This file has expired.');
}
