/** The vendor's code for a job from which nothing came because of its file, its site or the server. */
import type { Job } from '../dialect.ts';
import type { Code } from './codes.ts';

/** Why jobs fail. Whether access or the file was missing is told apart by the site's answer (nobody tells how the vendor does). */
const FAILURES: Record<string, Code> = {
  'fetch-blocked': -106,
  'fetch-denied': -106,
  'fetch-host-failing': -113,
  'fetch-failed': -203,
  'fetch-not-found': -203,
  'fetch-timeout': -203,
  'fetch-unreachable': -203,
  'fetch-too-large': -111,
  crashed: -204,
  timeout: -204,
  'out-of-memory': -204,
  interrupted: -204,
  'source-missing': -302,
  storage: -303,
};

/** @returns null for a job that has an answer: results, or that the image is best left as it is. */
export function faultOf({ status, reason, detail, source }: Job): Code | null {
  if (status === 'failed') return FAILURES[reason ?? ''] ?? -305;
  if (status !== 'declined') return null;
  if (reason === 'corrupt') return -202;
  if (reason === 'too-large') return -205;
  if (reason !== 'unsupported') return null;
  // What is known by its header is an image, of which what was asked for cannot be made: it stays what it is.
  if (source.format !== null) return null;
  return /^The PDF is encrypted/.test(detail ?? '') ? -206 : -201;
}
