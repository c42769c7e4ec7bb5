/** The imgopt3 API as its clients speak it: the SDK's state machine, and the guide's curl commands. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer {
  status: number;
  type: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the API sent.
  body: any;
}

export interface Client {
  url: string;
  token: string;
  domain: string;
}

export const EXPECTING_FILE = { success_or_deny: 'expecting-file' };
export const QUEUED = { status: 'queued' };

export function sha1(image: Uint8Array): string {
  return createHash('sha1').update(image).digest('hex');
}

/** The JSON as the SDK writes it. */
export function recordOf(hash: string, more: object = {}, attempt = 0): Record<string, unknown> {
  return {
    image_file_hash: hash,
    relative_path: `/python-sdk-call/at-hash/input/${hash}/attempt_${attempt}`,
    expected_optimized_image_filename: `/python-sdk-call/at-hash/optimized/${hash}`,
    precursor_name: 'webp0',
    domains: ['example.com'],
    force_reprocessing: false,
    shimmercat_job_record: { task_thread: hash },
    ...more,
  };
}

/** @param hash in the address. */
export async function post(
  { url, token, domain }: Client,
  hash: string,
  body: string | Uint8Array,
  {
    type = 'application/json',
    module = '2020.1/light',
    authorization = `Token ${token} Domain ${domain}`,
  } = {},
): Promise<Answer> {
  const reply = await fetch(`${url}/imgopt3/${module}/optimized/${hash}/`, {
    method: 'POST',
    headers: { authorization, 'content-type': type },
    body: body as RequestInit['body'] & string,
  });
  const text = await reply.text();
  return { status: reply.status, type: reply.headers.get('content-type'), body: JSON.parse(text) };
}

/** A look-up. */
export function look(client: Client, image: Uint8Array, more: object = {}, attempt = 0): Promise<Answer> {
  return post(client, sha1(image), JSON.stringify(recordOf(sha1(image), more, attempt)));
}

/** An upload as JSON. */
export function upload(client: Client, image: Uint8Array, more: object = {}): Promise<Answer> {
  return look(client, image, { file: Buffer.from(image).toString('base64'), ...more });
}

export interface FormParts {
  /** `section-N`, as aiohttp 3.14 names parts; or no names, as 3.7 leaves them. */
  named?: boolean;
  /** The image first. */
  reversed?: boolean;
}

/** A form as aiohttp writes it. */
export function formOf(
  record: object,
  image: Uint8Array,
  { named = true, reversed = false }: FormParts = {},
) {
  const boundary = 'ccf4833e6a0c43ebb2e831afc3a06980';
  const parts = [
    { type: 'application/json', data: Buffer.from(JSON.stringify(record)) },
    { type: 'application/octet-stream', data: image },
  ];
  const written = (reversed ? parts.reverse() : parts).flatMap(({ type, data }, index) => [
    Buffer.from(`--${boundary}\r\nContent-Type: ${type}\r\n`),
    Buffer.from(
      named
        ? `Content-Disposition: form-data; name="section-${index}"\r\n\r\n`
        : `Content-Length: ${data.length}\r\n\r\n`,
    ),
    data,
    Buffer.from('\r\n'),
  ]);
  const body = Buffer.concat([...written, Buffer.from(`--${boundary}--\r\n`)]);
  return { type: `multipart/form-data; boundary=${boundary}`, body };
}

/** An upload as a form. */
export function uploadForm(
  client: Client,
  image: Uint8Array,
  more: object = {},
  parts: FormParts = {},
): Promise<Answer> {
  const { type, body } = formOf(recordOf(sha1(image), more), image, parts);
  return post(client, sha1(image), body, { type });
}

/** Looks until the image is not in work any more. */
export async function untilEnded(client: Client, image: Uint8Array, more: object = {}): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await look(client, image, more, attempt);
    if (answer.body.success_or_deny !== 'processing') return answer;
    await sleep(20);
  }
}

/** Of an answer that must be a success. */
export async function download({ status, body }: Answer): Promise<{ type: string | null; bytes: Buffer }> {
  if (status !== 200 || body.success_or_deny !== 'success') throw new Error(JSON.stringify(body));
  const reply = await fetch(body.presigned_url);
  if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
  return { type: reply.headers.get('content-type'), bytes: Buffer.from(await reply.arrayBuffer()) };
}
