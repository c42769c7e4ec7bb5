/**
 * Writes jobs as the vendor's clients read them. Every field is always there: the SDK takes one that is missing for a
 * result that is still to come. Pure but for the making of addresses.
 */
import type { Account, Artifact, Job, Reply } from '../dialect.ts';
import { type Refusal, type Status, status } from './codes.ts';
import { faultOf } from './faults.ts';
import { type Fields, structured } from './fields.ts';
import { NEAR_LOSSLESS_FLOOR } from './options.ts';

export interface Entry {
  Status: Status;
  OriginalURL: string;
  [field: string]: unknown;
}

/** By what a client knows the image: its address, and of an upload its part of the form. */
export interface Named {
  url: string;
  upload?: { name: string; path: string | null };
}

const NONE = 'NA';

export function refusedEntry(refused: Refusal, named: Named): Entry {
  return { Status: status(refused), OriginalURL: named.url, ...uploadFields(named) };
}

/** @param addressOf where a result of the job lies. */
export function jobEntry(
  job: Job,
  named: Named,
  unlimited: boolean,
  addressOf: (result: Artifact) => string,
): Entry {
  if (job.status === 'queued' || job.status === 'running') return refusedEntry({ code: 1 }, named);
  const fault = faultOf(job);
  if (fault !== null) return refusedEntry({ code: fault }, named);
  return doneEntry(job, named, unlimited, addressOf);
}

/**
 * The fields for lossy results hold whatever came out. Those for lossless ones hold it where it is one, too; else
 * the image as it was, and no companions: nothing lossless was made.
 */
function doneEntry(
  job: Job,
  named: Named,
  unlimited: boolean,
  addressOf: (result: Artifact) => string,
): Entry {
  const original = { url: named.url, bytes: job.source.bytes ?? 0 };
  const shown = (result: Artifact | null) => result && { url: addressOf(result), bytes: result.bytes };
  const main = mainResult(job);
  const lossy = shown(main) ?? original;
  const lossless = isLossless(job) ? lossy : original;
  const webp = shown(companion(job, 'webp'));
  const avif = shown(companion(job, 'avif'));
  const exact = isLossless(job) ? { webp, avif } : { webp: null, avif: null };
  return {
    Status: status({ code: 2 }),
    OriginalURL: named.url,
    LosslessURL: lossless.url,
    LossyURL: lossy.url,
    WebPLosslessURL: exact.webp?.url ?? NONE,
    WebPLossyURL: webp?.url ?? NONE,
    AVIFLosslessURL: exact.avif?.url ?? NONE,
    AVIFLossyURL: avif?.url ?? NONE,
    OriginalSize: original.bytes,
    LosslessSize: lossless.bytes,
    LoselessSize: lossless.bytes,
    LossySize: lossy.bytes,
    WebPLosslessSize: exact.webp?.bytes ?? NONE,
    WebPLoselessSize: exact.webp?.bytes ?? NONE,
    WebPLossySize: webp?.bytes ?? NONE,
    AVIFLosslessSize: exact.avif?.bytes ?? NONE,
    AVIFLoselessSize: exact.avif?.bytes ?? NONE,
    AVIFLossySize: avif?.bytes ?? NONE,
    TimeStamp: timestamp(job.finishedAt ?? job.createdAt),
    PercentImprovement: main ? (100 - (100 * main.bytes) / original.bytes).toFixed(2) : 0,
    Unlimited: unlimited,
    ...uploadFields(named),
  };
}

/** The image's own new file, or null when it stays what it is: nothing was asked for it, or nothing gained. */
export function mainResult({ source, options, artifacts }: Job): Artifact | null {
  const target = options.targets?.[0] ?? 'same';
  if (target === 'webp' || target === 'avif') return null;
  const format = target === 'same' || target === 'auto' ? source.format : target;
  const own = artifacts.find((result) => result.format === format);
  // What cannot be written as it is became one of the formats that it may become.
  const found =
    own ??
    (isWritable(source.format)
      ? undefined
      : artifacts.find((a) => options.formats?.includes(a.format as 'png')));
  if (!found) return null;
  const isOther =
    found.format !== source.format || found.width !== source.width || found.height !== source.height;
  return isOther || found.bytes < (source.bytes ?? 0) ? found : null;
}

function isWritable(format: string | null): boolean {
  return ['jpeg', 'png', 'webp', 'avif', 'gif', 'svg', 'pdf'].includes(format ?? '');
}

/** One that is no smaller than the image is of no use, and one of the image's own format is the image itself. */
export function companion({ source, options, artifacts }: Job, format: 'webp' | 'avif'): Artifact | null {
  if (!options.targets?.includes(format) || source.format === format) return null;
  const found = artifacts.find((result) => result.format === format);
  return found && found.bytes < (source.bytes ?? 0) ? found : null;
}

function isLossless({ options: { fidelity, floor } }: Job): boolean {
  return fidelity === 'lossless' || (floor ?? 0) >= NEAR_LOSSLESS_FLOOR;
}

function uploadFields({ upload }: Named): { Key?: string; localPath?: string | null } {
  return upload ? { Key: upload.name, localPath: upload.path } : {};
}

/** As PHP writes `Y-m-d H:i:s`, in UTC. */
function timestamp(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}

/** A list, or an object by places as soon as something is to be returned with it, as the WordPress plugin asks. */
export function answer(entries: Entry[], fields: Fields): Reply {
  const returned = structured(fields.returndatalist);
  if (returned === undefined || returned === null || returned === '') return { status: 200, json: entries };
  return { status: 200, json: { ...entries, returndatalist: returned } };
}

/** Whatever a key has, in the fields in which the WordPress plugin adds up what is left. */
export function accountBody(account: Account, domainCheck: string, now: Date) {
  const { creditsLeft, creditsUsed, plan } = account;
  const isMonthly = plan.kind === 'monthly' && creditsLeft !== null;
  const monthly = { made: Math.max(0, plan.allowance - (creditsLeft ?? 0)), quota: plan.allowance };
  const oneTime = { made: creditsUsed, quota: creditsUsed + (creditsLeft ?? UNLIMITED) };
  return {
    Status: { Code: 2, Message: status({ code: 2 }).Message },
    APICallsMade: isMonthly ? monthly.made : 0,
    APICallsQuota: isMonthly ? monthly.quota : 0,
    APICallsMadeOneTime: isMonthly ? 0 : oneTime.made,
    APICallsQuotaOneTime: isMonthly ? 0 : oneTime.quota,
    DateSubscription: timestamp(periodBegin(plan.daysToRenewal, now)),
    DomainCheck: domainCheck,
    // A text where it is so: the plugin compares with 'true'.
    Unlimited: creditsLeft === null ? 'true' : false,
    PlanType: creditsLeft === null ? 'unlimited' : plan.kind,
    CaptionsCallsQuota: 0,
    CaptionsCallsMade: 0,
    CaptionsCallsRemaining: 0,
  };
}

/** For older clients, which do not know that there are keys without a limit. */
const UNLIMITED = 1_000_000;

/** A month before the count begins anew; today where it does not. */
function periodBegin(daysToRenewal: number, now: Date): Date {
  const begin = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + daysToRenewal));
  if (daysToRenewal > 0) begin.setUTCMonth(begin.getUTCMonth() - 1);
  return begin;
}
