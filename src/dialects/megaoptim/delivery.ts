/** Which bytes of a job its addresses lead to, and what those addresses look like: `/image/FOLDER/TICKET.EXT`, and `.webp` behind it. */
import { imageHeaders } from '../../lib/image-headers.ts';
import { Problem } from '../../lib/problem.ts';
import type { Artifact, Job, Reply, RequestHead, Service } from '../dialect.ts';
import { kindOf } from './kind.ts';

const DAY_MS = 24 * 3600 * 1000;
const FOLDER_DIGITS = 12;
const FILE_NAME = /^([^.]+)\.[a-z]+(\.webp)?$/;

/**
 * The result in the source's own format; none where the source is the best there is. A source of a kind that is not
 * written has a result of some other kind.
 */
export function plainArtifact({ artifacts, source, options }: Job): Artifact | undefined {
  const own = artifacts.find(({ format }) => format === source.format);
  return own ?? artifacts.find(({ format }) => format !== 'webp' || !options.targets?.includes('webp'));
}

export function webpArtifact({ artifacts, options }: Job): Artifact | undefined {
  return options.targets?.includes('webp') ? artifacts.find(({ format }) => format === 'webp') : undefined;
}

/** Where `plainArtifact` lies, or the source. Works for a day at least, and is the same all day, so that a result can be asked for twice. */
export function addressOf(
  job: Job,
  service: Pick<Service, 'ticket'>,
  origin: string,
  now = Date.now(),
): string {
  const ticket = service.ticket(job, 2 * DAY_MS - (now % DAY_MS));
  const format = plainArtifact(job)?.format ?? job.source.format ?? 'bin';
  return `${origin}/image/${folderOf(job)}/${ticket}.${format === 'jpeg' ? 'jpg' : format}`;
}

/** @throws Problem `not-found` when the address was not handed out, or what it led to is gone */
export async function imageReply({ params }: RequestHead, service: Pick<Service, 'redeem'>): Promise<Reply> {
  const [, ticket, asWebp] = FILE_NAME.exec(params.token ?? '') ?? [];
  if (!ticket) throw nothingHere();
  const job = await service.redeem(ticket);
  const artifact = asWebp ? webpArtifact(job) : plainArtifact(job);
  if (folderOf(job) !== params.folder || (asWebp && !artifact)) throw nothingHere();
  const bytes = artifact ? await job.read(artifact) : await job.readSource();
  const format = artifact?.format ?? job.source.format ?? kindOf(bytes);
  return {
    status: 200,
    headers: { 'cache-control': 'private, max-age=3600', ...typeOf(format, bytes) },
    bytes,
  };
}

function typeOf(format: string | null, bytes: Uint8Array): Record<string, string> {
  return format === null ? {} : imageHeaders(format, bytes);
}

function folderOf({ id }: Job): string {
  return id.replaceAll('-', '').slice(0, FOLDER_DIGITS);
}

function nothingHere(): Problem {
  return new Problem('not-found', 'There is no image at this address, or no longer.');
}
