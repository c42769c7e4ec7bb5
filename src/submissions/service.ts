/**
 * What a dialect's handler may ask for, and the door that signed links lead to. Translates between what the
 * database holds and what the contract in `dialects/dialect.ts` shows.
 */
import { describeAccount } from '../accounts/account.ts';
import { type Authenticate, rememberCallers } from '../accounts/authenticator.ts';
import type { Key } from '../accounts/keys.ts';
import type { RateLimits } from '../accounts/rate.ts';
import type { Artifact, Batch, Job, Service } from '../dialects/dialect.ts';
import { type BatchRecord, findBatch } from '../jobs/batches.ts';
import { dropReferences } from '../jobs/enqueue.ts';
import {
  findArtifact,
  findJob,
  findReferenced,
  hasEnded,
  type JobRecord,
  type Name,
} from '../jobs/job-record.ts';
import { createGathering } from '../lib/gather.ts';
import type { Metrics } from '../lib/metrics.ts';
import { Problem } from '../lib/problem.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database } from '../store/database.ts';
import { describeJob, readStored } from './describe-job.ts';
import type { Links } from './link.ts';
import { keepOriginal, readOriginal } from './originals.ts';
import type { Proof } from './proof.ts';
import type { Submit } from './submit.ts';
import { type Endings, waitForEnd } from './wait.ts';

export interface ServiceParts {
  database: Database;
  blobs: BlobStore;
  authenticate: Authenticate;
  lookUp: LookUp;
  submit: Submit;
  rates: RateLimits;
  endings: Endings;
  links: Links;
  proof: Proof;
  metrics: Pick<Metrics, 'bytesReceived'>;
  originalTtlMs: number;
}

export interface ArtifactFile {
  artifact: Artifact;
  bytes: Uint8Array;
}

/** What a link made by `link` leads to. @throws Problem `not-found` for a token that is forged or out of date */
export type OpenArtifact = (token: string) => Promise<ArtifactFile>;

export function createOpenArtifact({
  database,
  blobs,
  links,
}: Pick<ServiceParts, 'database' | 'blobs' | 'links'>): OpenArtifact {
  return async (token) => {
    const id = links.verify(token, Date.now());
    const artifact = id && (await findArtifact(database, id));
    if (!artifact) throw new Problem('not-found', 'There is nothing at this address, or no longer.');
    return { artifact, bytes: await readStored(blobs, artifact.sha256) };
  };
}

/** A batch and whose it is, as the contract shows them. */
export async function describeBatch(
  { id, items }: BatchRecord,
  key: Key,
  { database, blobs, proof }: Pick<ServiceParts, 'database' | 'blobs' | 'proof'>,
): Promise<Batch> {
  return {
    id,
    account: await describeAccount(database, key),
    items: items.map(({ job, filename }) => ({ job: describeJob(job, blobs, proof), filename })),
  };
}

/** Names looked up in one question. */
const NAMES_AT_ONCE = 200;

/** What a name leads to now, or null. */
export type LookUp = (name: Name) => Promise<JobRecord | null>;

/** Names that are looked up at the same time are in one question to the database. */
export function createLookUp(database: Database): LookUp {
  return createGathering(
    async (names: Name[]) => (await findReferenced(database, names)).map((value) => ({ value })),
    NAMES_AT_ONCE,
  );
}

/** What limits of a key call a request that sends images in, whatever the protocol calls it. */
const SENDING_IN = 'optimize';

/**
 * For one request.
 * @param dialect the protocol that asks
 * @param recognised told the id of whose key it is
 */
export function createService(
  parts: ServiceParts,
  dialect: string,
  recognised: (keyId: string) => void = () => {},
): Service {
  const { database, blobs, lookUp, submit, rates, endings, links, proof, metrics } = parts;
  const recognise = rememberCallers(parts.authenticate);
  const authenticate: Authenticate = async (secret, domain) => {
    const key = await recognise(secret, domain);
    recognised(key.id);
    return key;
  };
  const toJob = (record: JobRecord) => describeJob(record, blobs, proof);
  const toBatch = (record: BatchRecord, key: Key) => describeBatch(record, key, parts);

  let isCounted = false;

  /** A request that sends several images in is one, and one that its dialect has counted is not counted again. */
  async function countOnce(key: Key): Promise<void> {
    if (isCounted) return;
    isCounted = true;
    await rates.consumeOwn(key, SENDING_IN);
  }

  async function wait(job: Job, deadlineMs: number, signal?: AbortSignal): Promise<Job> {
    if (hasEnded(job)) return job;
    const load = async () => {
      const record = await findJob(database, job.id);
      if (!record) throw noSuchJob();
      return record;
    };
    return toJob(await waitForEnd(endings, job.id, load, deadlineMs, signal));
  }

  return {
    authenticate,
    async account(secret, domain) {
      return describeAccount(database, await authenticate(secret, domain));
    },
    async limit(secret, limit) {
      isCounted = true;
      return rates.consume(await authenticate(secret), limit);
    },
    async submit(submission) {
      const key = await authenticate(submission.secret, submission.domain);
      await countOnce(key);
      const record = await submit.one(key, dialect, submission);
      metrics.bytesReceived(record.sourceBytes ?? 0);
      return toJob(record);
    },
    async submitBatch(wanted) {
      const domains = new Set(wanted.submissions.map(({ domain }) => domain));
      await Promise.all([...domains].map((domain) => authenticate(wanted.secret, domain)));
      const key = await authenticate(wanted.secret);
      await countOnce(key);
      const { id, jobs } = await submit.batch(key, dialect, wanted);
      for (const { sourceBytes } of jobs) metrics.bytesReceived(sourceBytes ?? 0);
      const items = jobs.map((job, at) => ({
        job,
        filename: wanted.submissions[at]?.source.filename ?? null,
      }));
      return toBatch({ id, keyId: key.id, items }, key);
    },
    async find(secret, idOrReference) {
      const key = await authenticate(secret);
      const record = await findAny(idOrReference, key);
      if (record?.keyId !== key.id) throw noSuchJob();
      return toJob(record);
    },
    async forget(secret, urls) {
      const { id } = await authenticate(secret);
      await dropReferences(database, id, urls);
    },
    async findBatch(secret, id) {
      const key = await authenticate(secret);
      const batch = await findBatch(database, id);
      if (!batch) throw new Problem('not-found', 'There is no such batch, or no longer.');
      if (batch.keyId !== key.id) throw new Problem('not-yours', "This batch is another key's.");
      return toBatch(batch, key);
    },
    wait,
    async waitBatch(batch, deadlineMs, signal) {
      const items = await Promise.all(
        batch.items.map(async (item) => ({ ...item, job: await wait(item.job, deadlineMs, signal) })),
      );
      return { ...batch, items };
    },
    link: (artifact, ttlMs, origin) => `${origin}/artifacts/${links.sign(artifact.id, Date.now() + ttlMs)}`,
    ticket: (job, ttlMs, purpose) => links.sign(job.id, Date.now() + ttlMs, purpose),
    async redeem(ticket, purpose) {
      const id = links.verify(ticket, Date.now(), purpose);
      const record = id && (await findJob(database, id));
      if (!record) throw noSuchJob();
      return toJob(record);
    },
    async keepOriginal(secret, name, bytes) {
      const { id } = await authenticate(secret);
      await keepOriginal(database, blobs, id, name, bytes, parts.originalTtlMs);
    },
    async original(secret, name) {
      const { id } = await authenticate(secret);
      return readOriginal(database, blobs, id, name);
    },
  };

  async function findAny(idOrReference: string, key: Key): Promise<JobRecord | null> {
    return (await findJob(database, idOrReference)) ?? lookUp({ keyId: key.id, name: idOrReference });
  }
}

function noSuchJob(): Problem {
  return new Problem('not-found', 'There is no such job, or no longer.');
}
