/** Writes accounts and finished jobs as the vendor's clients read them. Pure, but for the image's bytes. */
import { Problem } from '../../lib/problem.ts';
import type { Account, Job, Reply } from '../dialect.ts';
import { page } from './errors.ts';

/** What the trial key is told: any plausible plan will do. */
export const TRIAL_QUOTA = page('5000 3221 23');
export const GREAT = page(JSON.stringify({ status: 'great' }));

/** Without an `error`: webp-convert takes any error but `invalid` for an unexpected one. */
const EXCEEDED = page(JSON.stringify({ status: 'exceeded' }));

/** Zero bytes: no additional savings (API reference). */
export const NO_SAVINGS: Reply = page('');

export function verifyReply({ creditsLeft }: Account): Reply {
  return creditsLeft !== null && creditsLeft <= 0 ? EXCEEDED : GREAT;
}

/**
 * Monthly allowance, used (negative: prepaid credits left), days to renewal (API reference). A limited key is
 * prepaid. An unlimited one is metered, which wants days that never run out: with all three at 0 clients
 * would say that no credits remain (ewwwio-php, `quota`).
 */
export function quotaReply({ creditsLeft, creditsUsed }: Account): Reply {
  if (creditsLeft === null) return page(`0 ${creditsUsed} 30`);
  return page(creditsLeft > 0 ? `0 -${creditsLeft} 0` : '0 0 0');
}

/** Of a job and its conversion the one with fewer bytes; the conversion counts only once it is done. */
export function smaller(own: Job, converted: Job): Job {
  const [a, b] = [own.artifacts[0], converted.artifacts[0]];
  return b && (own.status === 'declined' || (a && b.bytes < a.bytes)) ? converted : own;
}

/** @throws Problem `job-failed` when there is neither an image nor the finding that none is better. */
export async function imageReply(job: Job): Promise<Reply> {
  if (job.status === 'declined') return NO_SAVINGS;
  const [artifact] = job.artifacts;
  if (job.status !== 'done' || !artifact) {
    throw new Problem('job-failed', `The job is ${job.status}.`, { jobId: job.id });
  }
  // Exactly this type, without a charset: webp-convert compares the whole header.
  return {
    status: 200,
    headers: { 'content-type': 'application/octet-stream' },
    bytes: await job.read(artifact),
  };
}
