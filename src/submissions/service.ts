/**
 * The five verbs that a dialect's handler may use, and the door that signed links lead to. Translates
 * between what the database holds and what the contract in `dialects/dialect.ts` shows.
 */
import { creditsLeft } from '../accounts/credits.ts';
import { authenticate } from '../accounts/keys.ts';
import type { Artifact, Job, Service, Submission } from '../dialects/dialect.ts';
import { readBlob } from '../jobs/blob-references.ts';
import { type ArtifactRecord, findArtifact, findJob, hasEnded, type JobRecord } from '../jobs/job-record.ts';
import type { LeaseQueue } from '../jobs/lease-queue.ts';
import type { Metrics } from '../lib/metrics.ts';
import { Problem } from '../lib/problem.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database } from '../store/database.ts';
import type { Links } from './link.ts';
import { describeOptions } from './options.ts';
import type { Proof } from './proof.ts';
import { type SubmitPolicy, submit } from './submit.ts';
import { type Endings, waitForEnd } from './wait.ts';

export interface ArtifactFile {
  artifact: Artifact;
  bytes: Uint8Array;
}

export interface ArtifactService extends Service {
  /** What a link made by `link` leads to. @throws Problem `not-found` for a token that is forged or out of date */
  openArtifact(token: string): Promise<ArtifactFile>;
}

export function createService(
  database: Database,
  queue: LeaseQueue,
  blobs: BlobStore,
  endings: Endings,
  links: Links,
  proof: Proof,
  metrics: Metrics,
  policy: SubmitPolicy,
): ArtifactService {
  const read = (artifact: Pick<Artifact, 'sha256'>) => readArtifact(blobs, artifact.sha256);
  const toJob = (record: JobRecord) => describeJob(record, read, proof);

  return {
    async account(secret) {
      const key = await authenticate(database, secret);
      return {
        id: key.id,
        name: key.name,
        email: null,
        creditsLeft: creditsLeft(key),
        creditsUsed: key.creditsUsed,
        plan: {
          kind: key.credits === null ? 'metered' : 'prepaid',
          allowance: 0,
          used: key.creditsUsed,
          daysToRenewal: 0,
          exhausted: null,
        },
      };
    },
    async submit(submission: Submission) {
      const record = await submit(database, queue, blobs, policy, submission);
      metrics.bytesReceived(record.sourceBytes);
      return toJob(record);
    },
    async find(secret, jobId) {
      const key = await authenticate(database, secret);
      const record = await findJob(database, jobId);
      if (record?.keyId !== key.id) throw noSuchJob();
      return toJob(record);
    },
    async wait(job, deadlineMs, signal) {
      if (hasEnded(job)) return job;
      const load = async () => {
        const record = await findJob(database, job.id);
        if (!record) throw noSuchJob();
        return record;
      };
      return toJob(await waitForEnd(endings, job.id, load, deadlineMs, signal));
    },
    link: (artifact, ttlMs, origin) => `${origin}/artifacts/${links.sign(artifact.id, Date.now() + ttlMs)}`,
    limit: later,
    submitBatch: later,
    findBatch: later,
    waitBatch: later,
    ticket: () => '',
    redeem: later,
    keepOriginal: later,
    original: later,
    async openArtifact(token) {
      const id = links.verify(token, Date.now());
      const artifact = id && (await findArtifact(database, id));
      if (!artifact) throw new Problem('not-found', 'There is nothing at this address, or no longer.');
      return { artifact, bytes: await read(artifact) };
    },
  };
}

async function later(): Promise<never> {
  throw new Problem('unavailable', 'later');
}

async function readArtifact(blobs: BlobStore, key: string): Promise<Uint8Array> {
  const bytes = await readBlob(blobs, key).catch((error) => {
    throw new Problem('unavailable', 'The result cannot be read just now.', { cause: error });
  });
  if (!bytes) throw new Problem('not-found', 'This result has expired.');
  return bytes;
}

function noSuchJob(): Problem {
  return new Problem('not-found', 'There is no such job, or no longer.');
}

function describeJob(
  record: JobRecord,
  read: (artifact: ArtifactRecord) => Promise<Uint8Array>,
  proof: Proof,
): Job {
  return {
    id: record.id,
    status: record.status,
    reason: record.reason,
    detail: record.detail,
    source: {
      bytes: record.sourceBytes,
      sha256: record.sourceSha256,
      width: record.sourceWidth,
      height: record.sourceHeight,
      format: record.sourceFormat,
      orientation: null,
      url: null,
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
    read,
    readSource: async () => {
      throw new Problem('not-found', 'later');
    },
  };
}
