/**
 * Has images worked on: finds what was asked for before, submits the rest, waits as long as the client wants, and says
 * of each what became of it.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../lib/canonical-json.ts';
import { Problem } from '../../lib/problem.ts';
import type { Job, Service, Source } from '../dialect.ts';
import { type Purpose, refusedUploadUrl, uploadTicket, uploadUrl } from './addresses.ts';
import type { Refusal } from './codes.ts';
import type { Wish } from './options.ts';
import { type Asked, type Poll, sourceOf, type Upload } from './request.ts';

/** How long a failure is told before the same call tries again: longer than clients poll, shorter than people wait. */
const FAILURE_TOLD_MS = 300_000;
/** A file that gets smaller by less than 5 % is free with the vendor, whose command line calls it a bonus. */
const TERMS = { accept: 'smaller', freeUpTo: 0.05 } as const;

export type Outcome = Job | Refusal;

export function isJob(outcome: Outcome): outcome is Job {
  return 'artifacts' in outcome;
}

/** One call of one client. */
export interface Caller {
  secret: string;
  service: Service;
  origin: string;
  signal: AbortSignal;
}

/** @param keepSource when the image itself must be at hand to be answered. */
export async function workOnUrl(asked: Asked, caller: Caller, keepSource = false): Promise<Outcome> {
  const found = await polled(asked.url, caller);
  if (found) return waited(found, asked.waitMs, caller);
  const { wish } = asked;
  const source = sourceOf(asked);
  if (source === null || isOwn(asked.url, caller)) return { code: -102 };
  if ('code' in wish) return wish;
  const job = await refusing(() => findOrSubmit({ ...asked, source, wish }, caller, keepSource));
  return isJob(job) ? waited(job, asked.waitMs, caller) : job;
}

function findOrSubmit(
  asked: Asked & { source: Source & { url: string }; wish: Wish },
  caller: Caller,
  keepSource: boolean,
): Promise<Job> {
  const { source, wish, refresh } = asked;
  const { secret, service } = caller;
  const reference = referenceOf(asked, keepSource);
  return once(`${secret} ${refresh} ${reference}`, async () => {
    const known = refresh ? null : await findKnown(reference, caller);
    if (known) return known;
    const domain = new URL(source.url).hostname;
    return service.submit({ secret, source, reference, domain, keepSource, ...TERMS, ...wish });
  });
}

/** @returns the outcome and the address under which the upload is asked for from now on. */
export async function workOnUpload(
  upload: Upload,
  caller: Caller,
): Promise<{ outcome: Outcome; url: string }> {
  const { wish, data, filename, refresh, waitMs } = upload;
  const { secret, service, origin } = caller;
  const refused = (outcome: Refusal) => ({ outcome, url: refusedUploadUrl(upload, origin) });
  if ('code' in wish) return refused(wish);
  const source: Source = { bytes: data, filename };
  const job = await refusing(() =>
    service.submit({ secret, source, refresh, keepSource: true, ...TERMS, ...wish }),
  ).catch((error: unknown) => stored(error));
  if (!isJob(job)) return refused(job);
  const url = uploadUrl(job, upload, service, origin);
  return { outcome: await waited(job, waitMs, caller), url };
}

/** Where the key was just read from the database, what is not available is the place for files. */
function stored(error: unknown): Refusal {
  if (error instanceof Problem && error.code === 'unavailable') return { code: -304 };
  throw error;
}

export async function workOnPoll({ url, waitMs }: Poll, caller: Caller): Promise<Outcome> {
  const job = await polled(url, caller);
  return job ? waited(job, waitMs, caller) : { code: -102 };
}

/** How the work on an address stands, without beginning any. */
export async function lookUp(asked: Asked, caller: Caller): Promise<Outcome> {
  const known = (await polled(asked.url, caller)) ?? (await findKnown(referenceOf(asked, false), caller));
  return known ?? { code: -302 };
}

/** The job of an upload's address; null for other addresses, and for uploads that have expired or are another key's. */
async function polled(url: string, { secret, service }: Caller): Promise<Job | null> {
  const ticket = uploadTicket(url);
  if (ticket === null) return null;
  return ifFound(async () =>
    service.find(secret, (await service.redeem(ticket, 'upload' satisfies Purpose)).id),
  );
}

/** Whether an address can only be that of an upload here, over http or https. */
function isOwn(url: string, { origin }: Caller): boolean {
  const address = URL.parse(url);
  return address?.host === URL.parse(origin)?.host && address?.pathname.startsWith('/u/') === true;
}

/** The result of the same address and options, except a failure that was told for long enough. */
async function findKnown(reference: string, { secret, service }: Caller): Promise<Job | null> {
  const job = await ifFound(() => service.find(secret, reference));
  if (job?.status !== 'failed') return job;
  return Date.now() - (job.finishedAt?.getTime() ?? 0) < FAILURE_TOLD_MS ? job : null;
}

async function ifFound(find: () => Promise<Job>): Promise<Job | null> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return null;
    throw error;
  }
}

function referenceOf({ url, wish }: Asked, keepSource: boolean): string {
  const name = canonicalJson({
    url: sourceOf({ url, credentials: undefined })?.url ?? url.toWellFormed(),
    wish,
    keepSource,
  });
  return createHash('sha256').update(name).digest('hex');
}

/** What is at fault of this one image; everything else concerns the whole call and is thrown on. */
async function refusing(submit: () => Promise<Job>): Promise<Outcome> {
  try {
    return await submit();
  } catch (error) {
    const codes = {
      'out-of-credits': -301,
      'domain-not-allowed': -108,
      'invalid-parameter': -106,
      'empty-body': -110,
    } as const;
    const code = error instanceof Problem && codes[error.code as keyof typeof codes];
    if (code) return { code };
    throw error;
  }
}

async function waited(job: Job, waitMs: number, { service, signal }: Caller): Promise<Job> {
  return waitMs > 0 ? service.wait(job, waitMs, signal) : job;
}

const underWay = new Map<string, Promise<Job>>();

/** Of identical calls at the same moment the second takes what comes of the first: it could not yet be found. */
function once(name: string, work: () => Promise<Job>): Promise<Job> {
  const running = underWay.get(name);
  if (running) return running;
  const begun = work().finally(() => underWay.delete(name));
  underWay.set(name, begun);
  return begun;
}
