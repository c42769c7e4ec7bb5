/** Writes how an image stands as the vendor's clients read it. Pure. */
import type { Artifact, Job, Reply } from '../dialect.ts';

/** An upload that was taken in; clients take nothing else for one, a result that is at hand neither (SDK). */
export const QUEUED = json(201, { status: 'queued' });
/** The only 404 upon which clients upload (SDK). */
export const EXPECTING_FILE = json(404, { success_or_deny: 'expecting-file' });

const PROCESSING = json(200, { success_or_deny: 'processing' });
/** Nothing smaller that looks the same, or technical limitations (API guide). */
const DENY = json(200, { success_or_deny: 'deny' });

/** What befell the image while it was worked on and would again; other failures were the server's. */
const LIMITATIONS = new Set<string | null>(['crashed', 'timeout', 'out-of-memory']);

/**
 * @param link the download address of an artifact.
 * @returns null where the work failed and is worth doing again, for which the bytes are needed.
 */
export function standingReply(job: Job, link: (artifact: Artifact) => string): Reply | null {
  if (job.status === 'queued' || job.status === 'running') return PROCESSING;
  if (job.status === 'declined') return DENY;
  const [artifact] = job.artifacts;
  if (job.status === 'done' && artifact)
    return json(200, { success_or_deny: 'success', presigned_url: link(artifact) });
  return LIMITATIONS.has(job.reason) ? DENY : null;
}

/** Everything is JSON, whatever the status: aiohttp refuses to parse other types. */
export function json(status: number, body: Record<string, string>): Reply {
  return { status, headers: { 'content-type': 'application/json' }, json: body };
}
