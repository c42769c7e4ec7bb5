/** Writes accounts and batches as the vendor's clients read them. Pure. */
import type { Account, Batch, BatchItem, Job } from '../dialect.ts';
import { plainArtifact, webpArtifact } from './delivery.ts';
import { errorBody } from './errors.ts';
import { FREE_UP_TO } from './request.ts';

/** Declined for these there is no image that can be looked at. */
const UNREADABLE = ['corrupt', 'too-large'];

export function infoBody(account: Account) {
  return { status: 'ok', code: 200, result: userBody(account) };
}

export function queuedBody({ id }: Batch) {
  return { status: 'processing', code: 202, process_id: id };
}

/**
 * What came of a batch: results once all jobs have ended, else that the time is up. Where nothing could be made of any
 * file that is an error; among others that could be used such a file is a result without success, because clients
 * take results for theirs by position.
 * @param addressOf where the result of a job lies.
 */
export function resultBody(batch: Batch, addressOf: (job: Job) => string) {
  const { id, account, items } = batch;
  const jobs = items.map(({ job }) => job);
  if (!jobs.every(hasEnded)) return { status: 'processing', code: 504, process_id: id };
  if (jobs.every(isUnusable)) {
    const code = jobs.every(isTheClients) ? 400 : 500;
    return { ...errorBody(code, items.map(complaint)), id };
  }
  const result = items.map((item) => itemBody(item, addressOf));
  return { status: 'ok', code: 200, result, id, user: userBody(account) };
}

/** -1 is a number of tokens without a limit to the WordPress plugin. */
function userBody({ name, email, creditsLeft }: Account) {
  return { name, email: email ?? '', tokens: creditsLeft ?? -1 };
}

/** A success is an image that is smaller, or has a WebP that is, by more than what is free. Only the image costs a token. */
function itemBody({ job, filename }: BatchItem, addressOf: (job: Job) => string) {
  const original = job.source.bytes ?? 0;
  const optimized = plainArtifact(job)?.bytes ?? original;
  const webp = webpArtifact(job);
  // A file that could not be fetched lies where it always was.
  const url = (job.source.bytes === null && job.source.url) || addressOf(job);
  return {
    success: original - Math.min(optimized, webp?.bytes ?? original) > original * FREE_UP_TO ? 1 : 0,
    file_name: filename ?? '',
    original_size: original,
    ...sizes(original, optimized),
    url,
    webp: webp ? { url: `${url}.webp`, ...sizes(original, webp.bytes) } : null,
  };
}

/** The percentage is rounded: the documentation has 60 for 59.6. */
function sizes(original: number, optimized: number) {
  const saved = Math.max(0, original - optimized);
  return {
    optimized_size: optimized,
    saved_bytes: saved,
    saved_percent: original > 0 ? Math.round((100 * saved) / original) : 0,
  };
}

function hasEnded({ status }: Job): boolean {
  return status === 'done' || status === 'declined' || status === 'failed';
}

function isUnusable({ status, reason, source }: Job): boolean {
  if (status !== 'declined') return status === 'failed';
  // An image of a known format was looked at, and only what was asked of it cannot be done.
  return UNREADABLE.includes(reason ?? '') || (reason === 'unsupported' && source.format === null);
}

/** Of an unusable job: whether its file is to blame, or the place where it should have been. */
function isTheClients({ status, reason }: Job): boolean {
  return status === 'declined' || (reason?.startsWith('fetch-') ?? false);
}

function complaint({ job, filename }: BatchItem): string {
  return `${filename ?? 'The image'}: ${job.detail ?? 'It could not be optimized.'}`;
}
