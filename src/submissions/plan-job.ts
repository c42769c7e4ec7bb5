/** From a submission to the job that it asks for. Pure, but for the job's id. */
import { randomUUID } from 'node:crypto';
import type { Key } from '../accounts/keys.ts';
import type { Source, Submission } from '../dialects/dialect.ts';
import { ENGINE_VERSION } from '../engine/version.ts';
import { blobKey } from '../jobs/blob-references.ts';
import type { NewJob, RemoteSource, StoredSource } from '../jobs/enqueue.ts';
import { Problem } from '../lib/problem.ts';
import { fingerprint } from './fingerprint.ts';
import { resolveOptions, type ServerDefaults } from './options.ts';

export interface PlannedJob {
  job: NewJob;
  /** To be stored; null when they are to be fetched. */
  bytes: Uint8Array | null;
  /** Whether a job that did the same serves as well. */
  reusable: boolean;
  reference: string | null;
}

/** In characters, as long as file systems allow; it is the client's word and could be a megabyte. */
const LONGEST_FILENAME = 255;

/** @throws Problem `empty-body` */
export function planJob(
  key: Key,
  dialect: string,
  submission: Omit<Submission, 'secret'>,
  defaults: ServerDefaults,
): PlannedJob {
  const { source, charge, freeUpTo = null, keepSource = false, refresh = false } = submission;
  const bytes = 'bytes' in source ? source.bytes : null;
  if (bytes?.byteLength === 0) throw new Problem('empty-body', 'The request holds no image.');
  const id = randomUUID();
  const wanted = sourceOf(source);
  const reusable = 'sha256' in wanted && !refresh;
  const options = resolveOptions(submission, defaults, key);
  const work = {
    // What lies behind an address may have changed, and a refresh is to be done anew: such a job is like no other.
    source: reusable ? wanted.sha256 : id,
    options,
    engineVersion: ENGINE_VERSION,
    keyId: key.id,
    terms: { charge, freeUpTo, keepSource },
  };
  const job = {
    id,
    keyId: key.id,
    dialect,
    fingerprint: fingerprint(work),
    options,
    charge,
    freeUpTo,
    keepSource,
    filename: storedFilename(source.filename),
    source: wanted,
  };
  return { job, bytes, reusable, reference: submission.reference ?? null };
}

/** By what jobs that do the same work are found: the fingerprint, in hex. */
export function workOf({ fingerprint: print }: NewJob): string {
  return print.toString('hex');
}

export function storedFilename(filename: string | undefined): string | null {
  // Well-formed last: a cut may go through the middle of a character, and half of one is no text to the database.
  return filename?.replaceAll('\0', '').slice(0, LONGEST_FILENAME).toWellFormed() || null;
}

function sourceOf(source: Source): StoredSource | RemoteSource {
  if ('bytes' in source) return { sha256: blobKey(source.bytes), bytes: source.bytes.byteLength };
  const { url, credentials, headers } = source;
  const access =
    credentials || headers ? { ...(credentials && { credentials }), ...(headers && { headers }) } : null;
  return { url, access };
}
