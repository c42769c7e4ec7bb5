/**
 * What a job is proved with: a signature under what is said of it, and a heat map that shows where its result
 * differs from its source. Heat maps are drawn when they are asked for, and kept nowhere.
 */
import { type CompareOptions, transformsOf } from '../engine/contract.ts';
import { EngineFailure } from '../engine/failure.ts';
import { readBlob } from '../jobs/blob-references.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import { Problem } from '../lib/problem.ts';
import type { Signer } from '../lib/signature.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';

/** What this room needs of the engine's pool. */
export interface Cartographer {
  /** @throws EngineFailure */
  heatmap(
    reference: Uint8Array,
    candidate: Uint8Array,
    signal: AbortSignal | undefined,
    options: CompareOptions,
  ): Promise<Uint8Array>;
}

export interface Proof {
  sign: Signer['sign'];
  /**
   * @returns a PNG of where the result under the key `result` differs from the job's source.
   * @throws Problem `not-found` when either is no longer kept, `overloaded`, `unavailable` or `job-failed`
   */
  heatmap(job: JobRecord, result: string, signal?: AbortSignal): Promise<Uint8Array>;
}

/** Heat maps drawn at once, by one node: each holds two files, and jobs must get through too. */
const AT_ONCE = 4;

export function createProof(signer: Signer, blobs: BlobStore, engine: Cartographer): Proof {
  let inHand = 0;
  return {
    sign: signer.sign,
    async heatmap(job, result, signal) {
      if (inHand >= AT_ONCE)
        throw new Problem('overloaded', 'Too many heat maps are being drawn already. Try again in a while.');
      inHand += 1;
      try {
        const source = await read(blobs, job.sourceSha256, 'original');
        const candidate = await read(blobs, result, 'result');
        const { options } = job;
        const transforms = transformsOf(options);
        return await engine.heatmap(source, candidate, signal, { limits: options.limits, transforms });
      } catch (error) {
        throw error instanceof EngineFailure ? toProblem(error, job.id) : error;
      } finally {
        inHand -= 1;
      }
    },
  };
}

async function read(blobs: BlobStore, key: string | null, role: string): Promise<Uint8Array> {
  if (key === null) throw new Problem('not-found', `The ${role} is not kept any more.`);
  const bytes = await readBlob(blobs, key).catch((error) => {
    throw new Problem('unavailable', `The ${role} cannot be read just now.`, { cause: error });
  });
  if (!bytes) throw new Problem('not-found', `The ${role} is no longer kept.`);
  return bytes;
}

function toProblem(error: EngineFailure, jobId: string): Problem {
  if (error.code === 'cancelled')
    return new Problem('unavailable', 'The heat map could not be drawn just now.', { cause: error });
  return new Problem('job-failed', `The heat map could not be drawn. ${error.message}`, {
    jobId,
    cause: error,
  });
}
