/** The handlers of everything that takes a key: read, have it worked on, write. */
import { Problem } from '../../lib/problem.ts';
import type { Account, Job, Reply, Request, Service } from '../dialect.ts';
import { resultUrl } from './addresses.ts';
import { refusal } from './codes.ts';
import { image } from './downloads.ts';
import { faultOf } from './faults.ts';
import { type Call, readCall } from './fields.ts';
import {
  hasUrls,
  isKey,
  type Poll,
  readDomain,
  readKey,
  readPolls,
  readSingleUrl,
  readUploads,
  readUrls,
  sourceOf,
} from './request.ts';
import {
  accountBody,
  answer,
  companion,
  type Entry,
  jobEntry,
  mainResult,
  type Named,
  refusedEntry,
} from './response.ts';
import { type Caller, isJob, lookUp, type Outcome, workOnPoll, workOnUpload, workOnUrl } from './work.ts';

/** How long `reducer-sync.php` waits: less than the 60 s after which proxies and PHP give up. */
const SYNC_WAIT_MS = 55_000;

export interface KeyedCall extends Call {
  caller: Caller;
  account: Account;
}

export type Handle = (call: KeyedCall) => Promise<Reply>;

/** The key is in the body or the query. A missing one and one that cannot be one have a code, a wrong one another. */
export async function withKey(request: Request, service: Service, handle: Handle): Promise<Reply> {
  const call = await readCall(request);
  const secret = readKey(call.fields);
  if (secret === '') return refusal(-401, 'Missing API key. You need one to use this service.');
  if (!isKey(secret)) return refusal(-401);
  const account = await service.account(secret);
  const { origin, signal } = request;
  return handle({ ...call, account, caller: { secret, service, origin, signal } });
}

export async function reduce(call: KeyedCall): Promise<Reply> {
  const asked = readUrls(call.fields);
  if (typeof asked === 'number') return refusal(asked);
  const outcomes = await all(asked.map((one) => workOnUrl(one, call.caller)));
  refuseIfBroke(outcomes);
  const entries = outcomes.map((outcome, at) => entryOf(outcome, { url: asked[at]!.url }, call));
  return answer(entries, call.fields);
}

export async function reduceUploads(call: KeyedCall): Promise<Reply> {
  const polls = readPolls(call.fields);
  if (typeof polls === 'number') return refusal(polls);
  if (polls.length > 0) return answerPolls(polls, call);
  if (call.files.length === 0 && hasUrls(call.fields)) return refusal(-109);
  const uploads = readUploads(call.fields, call.files);
  if (typeof uploads === 'number') return refusal(uploads);
  const done = await all(uploads.map((upload) => workOnUpload(upload, call.caller)));
  refuseIfBroke(done.map(({ outcome }) => outcome));
  const entries = done.map(({ outcome, url }, at) => entryOf(outcome, { url, upload: uploads[at]! }, call));
  return answer(entries, call.fields);
}

async function answerPolls(polls: Poll[], call: KeyedCall): Promise<Reply> {
  const outcomes = await all(polls.map((poll) => workOnPoll(poll, call.caller)));
  const entries = outcomes.map((outcome, at) => {
    const { name, url } = polls[at]!;
    return entryOf(outcome, { url, upload: { name, path: null } }, call);
  });
  return answer(entries, call.fields);
}

/** The image itself; JSON where there is none. */
export async function reduceAtOnce({ fields, caller }: KeyedCall): Promise<Reply> {
  const asked = readSingleUrl(fields);
  if (typeof asked === 'number') return refusal(asked);
  const outcome = await workOnUrl({ ...asked, waitMs: SYNC_WAIT_MS }, caller, true);
  refuseIfBroke([outcome]);
  if (!isJob(outcome)) return refusal(outcome.code, outcome.message);
  const fault = faultOf(outcome);
  if (fault !== null) return refusal(fault);
  if (outcome.status !== 'done' && outcome.status !== 'declined') return refusal(1);
  return deliver(outcome);
}

/** What was asked for first, or the image as it is where that would be no better. */
async function deliver(job: Job): Promise<Reply> {
  const isApart = job.options.targets?.[0] === 'webp' || job.options.targets?.[0] === 'avif';
  const result = isApart ? (companion(job, 'webp') ?? companion(job, 'avif')) : mainResult(job);
  if (result) return image(result.format, await job.read(result));
  return image(job.source.format, await job.readSource());
}

export async function checkStatus({ fields, caller, account }: KeyedCall): Promise<Reply> {
  const domain = readDomain(fields);
  const check = domain === '' || (await isAllowed(domain, caller)) ? 'Accessible' : 'Inaccessible';
  return { status: 200, json: accountBody(account, check, new Date()) };
}

async function isAllowed(domain: string, { secret, service }: Caller): Promise<boolean> {
  try {
    await service.account(secret, domain);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === 'domain-not-allowed') return false;
    throw error;
  }
}

export async function cleanUp({ fields, caller }: KeyedCall): Promise<Reply> {
  const asked = readUrls(fields);
  if (typeof asked === 'number') return refusal(asked);
  await caller.service.forget(
    caller.secret,
    asked.flatMap((one) => sourceOf(one)?.url ?? []),
  );
  return answer(
    asked.map(({ url }) => refusedEntry({ code: 2 }, { url })),
    fields,
  );
}

export async function lookAt(call: KeyedCall): Promise<Reply> {
  const asked = readSingleUrl(call.fields);
  if (typeof asked === 'number') return refusal(asked);
  const outcome = await lookUp(asked, call.caller);
  return answer([entryOf(outcome, { url: asked.url }, call)], call.fields);
}

function entryOf(outcome: Outcome, named: Named, { caller, account }: KeyedCall): Entry {
  if (!isJob(outcome)) return refusedEntry(outcome, named);
  const { service, origin } = caller;
  return jobEntry(outcome, named, account.creditsLeft === null, (result) =>
    resultUrl(outcome, result, service, origin),
  );
}

/** Lets all come to rest before one that failed is told, so that none is submitted behind an answer. */
async function all<T>(works: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

/** Where nothing could be paid for, that is said of the call; where some could, of the others. */
function refuseIfBroke(outcomes: Outcome[]): void {
  if (outcomes.every((outcome) => !isJob(outcome) && outcome.code === -301))
    throw new Problem('out-of-credits', 'This API key has no credits left.');
}
