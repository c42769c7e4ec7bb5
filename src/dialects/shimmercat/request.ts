/** Reads the vendor's requests: who asks, about which image, and what for. How bodies are written is `body.ts`'. */
import { hash } from 'node:crypto';
import { z } from 'zod';
import { Problem } from '../../lib/problem.ts';
import type { Request, RequestHead, Submission } from '../dialect.ts';
import { readBody } from './body.ts';
import { isImage } from './image.ts';

export type Module = 'light' | 'lux';

export interface Caller {
  token: string;
  domain: string;
}

/** Of an image, as its hash names it. */
export interface Asked {
  /** Hexadecimal, in lower case. */
  hash: string;
  precursor: Precursor;
  /** Largest result, as a share of the image. */
  maxOverhead: number;
  /** Does the work anew, which takes the image. */
  force: boolean;
  relativePath: string | undefined;
  /** Null in a look-up. */
  image: Uint8Array | null;
}

/** Output formats by the vendor's names; JPEG 2000 (`jp2o0`) is one that no encoder here writes. */
const FORMATS = { webp0: 'webp', prjpg: 'jpeg', pngzo: 'png', avifo0: 'avif' } as const;
type Precursor = keyof typeof FORMATS;
const PRECURSORS = Object.keys(FORMATS) as Precursor[];

const DEFAULT_OVERHEAD = 0.99;

/** Members that are not here are the client's own notes, or repeat what is known. */
const RECORD = z.object({
  image_file_hash: z.string().max(40),
  precursor_name: z.string().max(16),
  max_overhead: z.number().nullish(),
  force_reprocessing: z.boolean().nullish(),
  relative_path: z.string().max(4096).nullish(),
  shimmercat_job_record: z.object({ adjustments: z.unknown() }).partial().nullish(),
});
type JobRecord = z.infer<typeof RECORD>;

/** @throws Problem `unauthorized` unless the header has both a token and the domain that it is for. */
export function readCaller({ headers }: RequestHead): Caller {
  const [, token, domain] = /^Token +(\S+) +Domain +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  if (token === undefined || domain === undefined)
    throw new Problem('unauthorized', 'Send a token: `Authorization: Token TOKEN Domain DOMAIN`.');
  return { token, domain };
}

/** @throws Problem `malformed-body` | `body-too-large` | `invalid-parameter` */
export async function readAsked(request: Request, module: Module): Promise<Asked> {
  const { record, image } = await readBody(request);
  const parsed = RECORD.safeParse(record);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw invalid(path.join('.') || 'the JSON', message);
  }
  const fields = parsed.data;
  const named = readHash(fields, request.params.hash ?? '');
  if (module === 'lux') refuseAdjustments(fields);
  const asked = {
    hash: named,
    precursor: readPrecursor(fields),
    maxOverhead: readOverhead(fields),
    force: fields.force_reprocessing ?? false,
    relativePath: fields.relative_path ?? undefined,
  };
  if (image) checkImage(image, named);
  return { ...asked, image };
}

/** What an image's standing is kept under. Paths are not in it: the SDK's has the attempt's number. */
export function referenceOf({ hash, precursor, maxOverhead }: Asked, module: Module, domain: string): string {
  return ['imgopt3', module, hash, precursor, maxOverhead, domain.toLowerCase()].join(' ');
}

export function toSubmission(
  { precursor, maxOverhead, force, relativePath }: Asked,
  image: Uint8Array,
  { token, domain }: Caller,
  reference: string,
): Submission {
  return {
    secret: token,
    domain,
    source: { bytes: image, filename: relativePath },
    options: { targets: [FORMATS[precursor]], fidelity: 'lossy', metadata: 'none' },
    accept: 'smaller',
    charge: true,
    maxOverhead,
    reference,
    refresh: force,
  };
}

/** SHA-1 (SDK, parameter reference) or MD5 (`md5sum` in the API guide), the same in address and body. */
function readHash({ image_file_hash }: JobRecord, inAddress: string): string {
  const named = inAddress.toLowerCase();
  if (!/^([0-9a-f]{40}|[0-9a-f]{32})$/.test(named))
    throw invalid('image_file_hash', 'must be the SHA-1 or MD5 of the image, in hexadecimal');
  if (image_file_hash.toLowerCase() !== named)
    throw invalid('image_file_hash', 'is not the hash in the address');
  return named;
}

function readPrecursor({ precursor_name }: JobRecord): Precursor {
  const precursor = PRECURSORS.find((each) => each === precursor_name);
  if (precursor) return precursor;
  const known = `must be one of ${PRECURSORS.join(', ')}`;
  const isJpeg2000 = precursor_name === 'jp2o0';
  throw invalid('precursor_name', isJpeg2000 ? `${known}: there is no JPEG 2000 encoder here` : known);
}

/** The SDK cuts the share down to a whole number, so its 0 stands for what was below 1. */
function readOverhead({ max_overhead }: JobRecord): number {
  if (!max_overhead) return DEFAULT_OVERHEAD;
  if (max_overhead < 0.1 || max_overhead > 10) throw invalid('max_overhead', 'must be between 0.1 and 10');
  return max_overhead;
}

/** Empty ones are what light does (vendor's overview); leaving others out would make another image than was asked for. */
function refuseAdjustments({ shimmercat_job_record: record }: JobRecord): void {
  const { adjustments = {} } = record ?? {};
  if (JSON.stringify(adjustments ?? {}) !== '{}')
    throw invalid('shimmercat_job_record.adjustments', 'must be empty: no adjustments are made here');
}

function checkImage(image: Uint8Array, named: string): void {
  if (hash(named.length === 40 ? 'sha1' : 'md5', image) !== named)
    throw invalid('image_file_hash', 'is not the hash of the image that came with it');
  if (!isImage(image)) throw invalid('file', 'is not an image of a kind that is read here');
}

function invalid(parameter: string, sentence: string): Problem {
  return new Problem('invalid-parameter', `${parameter}: ${sentence}.`, { parameter });
}
