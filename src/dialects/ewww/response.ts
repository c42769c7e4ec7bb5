/** Writes finished jobs as the vendor's clients read them: images, no savings, ids to ask again with. Pure, but for the image's bytes. */
import { Problem } from '../../lib/problem.ts';
import type { Job, Reply } from '../dialect.ts';
import { page } from './errors.ts';

/** Zero bytes: no additional savings (API reference). */
export const NO_SAVINGS: Reply = page('');

/** What clients that wait for a result are told when there is none to come. */
const NOTHING_TO_COME: Reply = { status: 204 };

/** What an image that was to be turned, resized or reduced is answered where that cannot be. */
export const NOT_EDITED: Reply = page('{"error":"failed"}');

/** Of a job and its conversion the one with fewer bytes; the conversion counts only once it is done. */
export function smaller(own: Job, converted: Job): Job {
  const [a, b] = [own.artifacts[0], converted.artifacts[0]];
  return b && (own.status === 'declined' || (a && b.bytes < a.bytes)) ? converted : own;
}

/** @throws Problem `job-failed` when there is neither an image nor the finding that none is better. */
export async function imageReply(job: Job): Promise<Reply> {
  if (job.status === 'declined') return NO_SAVINGS;
  const image = await imageOf(job);
  if (!image) throw new Problem('job-failed', `The job is ${job.status}.`, { jobId: job.id });
  return image;
}

/** Begins with `{` and has a `location`, by which clients tell it from an image (WordPress plugin). */
export function laterReply(ticket: string, origin: string): Reply {
  const location = `${origin}/v3/retrieve/?id=${encodeURIComponent(ticket)}`;
  return page(JSON.stringify({ location, id: ticket }));
}

/**
 * Clients ask again after a 404 and give up at a 204 (WordPress plugin); a failed job has nothing to wait for either.
 * @throws Problem `not-found` while it is worked on
 */
export async function retrieveReply(job: Job): Promise<Reply> {
  if (!hasEnded(job)) throw new Problem('not-found', 'The image is not ready yet.', { jobId: job.id });
  return (await imageOf(job)) ?? NOTHING_TO_COME;
}

export async function editedReply(job: Job): Promise<Reply> {
  return (await imageOf(job)) ?? NOT_EDITED;
}

export function hasEnded({ status }: Job): boolean {
  return status !== 'queued' && status !== 'running';
}

async function imageOf(job: Job): Promise<Reply | null> {
  const [artifact] = job.artifacts;
  if (job.status !== 'done' || !artifact) return null;
  // Exactly this type, without a charset: webp-convert compares the whole header.
  const headers = { 'content-type': 'application/octet-stream' };
  return { status: 200, headers, bytes: await job.read(artifact) };
}
