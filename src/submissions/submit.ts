/**
 * The only door to work: submissions become durable jobs, or turn out to be some that exist. When this
 * returns, stored sources are on disk and the jobs in the database; nothing acknowledged can be lost.
 */
import { randomUUID } from 'node:crypto';
import { creditsLeft } from '../accounts/credits.ts';
import type { Key } from '../accounts/keys.ts';
import type { NewBatch, Submission } from '../dialects/dialect.ts';
import { isMissingBlob, pinBlobs } from '../jobs/blob-references.ts';
import type { JobRecord } from '../jobs/job-record.ts';
import type { LeaseQueues } from '../jobs/lease-queue.ts';
import { createGathering } from '../lib/gather.ts';
import { Problem } from '../lib/problem.ts';
import type { BlobStore } from '../store/blobs/blob-store.ts';
import type { Database } from '../store/database.ts';
import { admit, type Request } from './admit.ts';
import type { ServerDefaults } from './options.ts';
import { type PlannedJob, planJob, storedFilename, workOf } from './plan-job.ts';
import { findDone } from './reuse.ts';

export interface SubmitPolicy {
  defaults: ServerDefaults;
  resultTtlMs: number;
  /** @throws Problem `overloaded` when no more work is taken in. */
  refuseOverload(): Promise<void>;
  /** @throws Problem `invalid-parameter` for an address from which nothing can ever be fetched. */
  checkAddress(url: string): void;
}

/** The doors, one for each thing that can be asked: by whom, who was recognised, and by which protocol. */
export interface Submit {
  /** @throws Problem see `Service.submit` */
  one(key: Key, dialect: string, submission: Omit<Submission, 'secret'>): Promise<JobRecord>;
  /** @throws Problem see `Service.submitBatch` */
  batch(
    key: Key,
    dialect: string,
    batch: Omit<NewBatch, 'secret'>,
  ): Promise<{ id: string; jobs: JobRecord[] }>;
}

/** The sweep can take a blob from under a submission that stalls for a minute; twice in a row it cannot. */
const TRIES = 3;
/** Requests written in one transaction. */
const MOST_AT_ONCE = 100;

export function createSubmit(
  database: Database,
  queues: LeaseQueues,
  blobs: BlobStore,
  policy: SubmitPolicy,
): Submit {
  const { resultTtlMs } = policy;
  const lookFor = createGathering((lists: PlannedJob[][]) => {
    const planned = lists.flat();
    return findDone(database, blobs, planned, resultTtlMs).then((known) =>
      lists.map(() => ({ value: known })),
    );
  }, MOST_AT_ONCE);
  const pin = createGathering(
    (keys: string[]) => pinBlobs(database, keys).then(() => keys.map(() => ({ value: undefined }))),
    MOST_AT_ONCE,
  );
  const write = createGathering(
    (requests: Request[]) => admit(database, queues, blobs, resultTtlMs, requests),
    MOST_AT_ONCE,
  );

  async function take(key: Key, request: Request): Promise<JobRecord[]> {
    const { planned, batch } = request;
    // Also what turns out to be known is kept off the sweep's list for a while, which does no harm and saves a turn.
    const [known] = await Promise.all([lookFor(planned), pinSources(planned)]);
    const fresh = planned.filter(({ job }) => !known.has(workOf(job)));
    if (fresh.length > 0) await refuseEarly(key, fresh);
    else if (batch === null && planned.every(({ reference }) => reference === null))
      return planned.map(({ job }) => known.get(workOf(job))!);
    for (let tries = 1; ; tries += 1) {
      // At the second try all of them: what was known at the first may have expired since.
      await putSources(tries === 1 ? fresh : planned);
      try {
        return await write(request);
      } catch (error) {
        if (!isMissingBlob(error) || tries === TRIES) throw error;
        await pinSources(planned);
      }
    }
  }

  async function pinSources(planned: PlannedJob[]): Promise<void> {
    await Promise.all(
      planned.flatMap(({ job: { source } }) => ('sha256' in source ? pin(source.sha256) : [])),
    );
  }

  async function putSources(planned: PlannedJob[]): Promise<void> {
    const puts = planned.flatMap(({ job: { source }, bytes }) =>
      bytes && 'sha256' in source ? blobs.put(source.sha256, bytes) : [],
    );
    await Promise.all(puts);
  }

  /** Before any byte is stored. What is decided here in haste is decided again where the jobs are written. */
  async function refuseEarly(key: Key, fresh: PlannedJob[]): Promise<void> {
    for (const { job } of fresh) if ('url' in job.source) policy.checkAddress(job.source.url);
    if (fresh.some(({ job }) => job.charge) && creditsLeft(key) === 0)
      throw new Problem('out-of-credits', 'This API key has no credits left.');
    await policy.refuseOverload();
  }

  return {
    async one(key, dialect, submission) {
      const planned = [planJob(key, dialect, submission, policy.defaults)];
      const [job] = await take(key, { keyId: key.id, planned, batch: null });
      return job!;
    },
    async batch(key, dialect, { submissions, callback }) {
      if (submissions.length === 0) throw new Problem('empty-body', 'The request holds no image.');
      if (callback) policy.checkAddress(callback.url);
      const planned = submissions.map((submission) => planJob(key, dialect, submission, policy.defaults));
      const id = randomUUID();
      const filenames = submissions.map(({ source }) => storedFilename(source.filename));
      const told = callback ? { dialect, ...callback } : null;
      const jobs = await take(key, { keyId: key.id, planned, batch: { id, filenames, callback: told } });
      return { id, jobs };
    },
  };
}
