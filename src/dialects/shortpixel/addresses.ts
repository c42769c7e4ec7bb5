/**
 * The addresses handed out: `/u/` for what was uploaded, `/f/` for results. Both hold a ticket for the job, so that they
 * work without a key; they are the same at each poll, and short, because the SDK's records cut them at 110 characters.
 */
import { createHash } from 'node:crypto';
import type { Artifact, Format, Job, Service } from '../dialect.ts';

/** Longer than any job is kept: what ends an address is the end of its job. */
const LIFE_SECONDS = 4000 * 86_400;

/** Who is shown a result is not shown the image it was made of. */
export type Purpose = 'upload' | 'result';

/** Counted from the job's beginning, to the middle of a second, so that the ticket is the same however often it is made. */
function ticketOf(job: Job, purpose: Purpose, service: Service): string {
  const end = (Math.floor(job.createdAt.getTime() / 1000) + LIFE_SECONDS) * 1000 + 500;
  return service.ticket(job, end - Date.now(), purpose);
}

/** An upload as its client knows it, which tells apart uploads of the same bytes: these are one job. */
interface Named {
  name: string;
  path: string | null;
  filename: string;
}

export function uploadUrl(job: Job, upload: Named, service: Service, origin: string): string {
  return `${origin}/u/${ticketOf(job, 'upload', service)}/${lastPart(upload)}`;
}

/**
 * Of an upload that was not taken: leads nowhere, but is its own. The SDK finds a file by its address, and would take
 * one for another if several had none.
 */
export function refusedUploadUrl(upload: Named, origin: string): string {
  return `${origin}/u/refused/${lastPart(upload)}`;
}

function lastPart({ name, path, filename }: Named): string {
  const mark = createHash('sha256').update(`${name}\0${path}`).digest('hex').slice(0, 8);
  const extension = /\.([a-z0-9]{1,5})$/i.exec(filename)?.[1]?.toLowerCase() ?? 'img';
  return `${mark}.${extension}`;
}

const EXTENSIONS: Record<Format, string> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  gif: 'gif',
  svg: 'svg',
  pdf: 'pdf',
};

export function resultUrl(job: Job, { format }: Artifact, service: Service, origin: string): string {
  const suffix = job.options.fidelity === 'lossless' ? '' : '-lossy';
  return `${origin}/f/${ticketOf(job, 'result', service)}${suffix}.${EXTENSIONS[format]}`;
}

/** What the last part of a `/f/` address stands for. */
export function readResultName(name: string): { ticket: string; format: Format } | null {
  const [, ticket, extension] = /^(.+?)(?:-lossy)?\.([a-z]+)$/.exec(name) ?? [];
  const format = (Object.keys(EXTENSIONS) as Format[]).find((known) => EXTENSIONS[known] === extension);
  return ticket !== undefined && format !== undefined ? { ticket, format } : null;
}

/** The ticket in the address of an upload, whichever host it names: behind a proxy a server has several. */
export function uploadTicket(url: string): string | null {
  return /^https?:\/\/[^/?#]+\/u\/([\w-]{40,})\/[^/?#]+$/i.exec(url)?.[1] ?? null;
}
