/**
 * What every end of a job has in common, whoever writes it (`job-states.ts`, `fetch-states.ts`, `intervene.ts`), in the
 * transaction that does: its credit, its entry in the ledger, its source and queue entries, who waits and who is called.
 */
import { releaseCredits, settleCredit } from '../accounts/credits.ts';
import { recordUsage, type UsageEntry } from '../accounts/ledger.ts';
import type { Queryable } from '../store/database.ts';
import { callBack } from './batches.ts';
import { letGoOfBlobs } from './blob-references.ts';
import type { LeaseQueue } from './lease-queue.ts';

export const JOB_ENDED_CHANNEL = 'job_ended';

export interface Closing {
  /** What the ledger will say of it. */
  usage: UsageEntry;
  /** Whether a credit is held for it: it is spent where the ledger says so, else given back. */
  holdsCredit: boolean;
  /** The blob of its source, where that is not kept. */
  freed: string | null;
  /** Those that may still have an entry of it. */
  queues: LeaseQueue[];
}

export async function closeJob(tx: Queryable, { usage, holdsCredit, freed, queues }: Closing): Promise<void> {
  const { keyId, jobId, credits } = usage;
  if (holdsCredit && credits > 0) await settleCredit(tx, keyId);
  else if (holdsCredit) await releaseCredits(tx, keyId, 1);
  await recordUsage(tx, usage);
  if (freed !== null) await letGoOfBlobs(tx, [freed]);
  for (const queue of queues) await queue.drop(tx, [jobId]);
  await callBack(tx, jobId);
  await tx.query('SELECT pg_notify($1, $2)', [JOB_ENDED_CHANNEL, jobId]);
}

/** Of a job, what the ledger says whatever comes of it. */
export interface Worked {
  keyId: string;
  dialect: string;
  targets: string[];
}

/** The ledger's entry of a job that failed. @param bytesIn null when a source was never had */
export function failedUsage(jobId: string, job: Worked, bytesIn: number | null): UsageEntry {
  const { keyId, dialect, targets } = job;
  const nothing = { bytesOut: null, score: null, outcome: 'failed', credits: 0 } as const;
  return { keyId, dialect, what: targets.join('+'), jobId, bytesIn, ...nothing };
}
