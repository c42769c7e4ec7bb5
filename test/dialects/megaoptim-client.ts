/** Speaks MegaOptim's API as its clients do, and stands in for the sites whose images it fetches and which it calls back. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Image {
  success: number;
  file_name: string;
  original_size: number;
  optimized_size: number;
  saved_bytes: number;
  saved_percent: number;
  url: string;
  webp: { url: string; optimized_size: number; saved_bytes: number; saved_percent: number } | null;
}

export interface User {
  name: string;
  email: string;
  tokens: number;
}

/** Whatever comes back; which members there are is for tests to say. */
export interface Answer {
  status: string;
  code: number;
  process_id: string;
  id: string;
  result: Image[];
  user: User;
  errors: string[];
}

export type File = [name: string, filename: string, data: Uint8Array];

export function createClient(server: string, key: string) {
  const headers = { 'x-api-key': key };
  const post = async (path: string, body?: RequestInit['body']): Promise<Answer> =>
    read(await fetch(server + path, { method: 'POST', headers, ...(body && { body }) }));
  const optimize = (fields: Record<string, string>, files: File[] = []) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    for (const [name, filename, data] of files) form.set(name, new Blob([new Uint8Array(data)]), filename);
    return post('/v1/optimize', form);
  };
  const result = (id: string, query = '?timeout=75') => post(`/v1/optimize/${id}/result${query}`);
  const finish = async (queued: Answer): Promise<Answer> => {
    assert.deepEqual([queued.status, queued.code, queued.errors], ['processing', 202, undefined]);
    return result(queued.process_id);
  };
  return {
    post,
    optimize,
    result,
    /** Sends one image and takes its result. */
    async image(data: Uint8Array, fields: Record<string, string> = {}): Promise<Image> {
      const answer = await finish(await optimize({ type: 'file', ...fields }, [['file', 'photo.jpg', data]]));
      assert.deepEqual(
        [answer.status, answer.code, answer.result?.length],
        ['ok', 200, 1],
        answer.errors?.[0],
      );
      return answer.result[0]!;
    },
    /** Sends a form and waits for what comes of it. */
    run: async (fields: Record<string, string>, files: File[] = []) => finish(await optimize(fields, files)),
    info: async () =>
      (await post('/v1/users/info')) as unknown as { status: string; code: number; result: User },
  };
}

/** Every answer is JSON with HTTP status 200 and the code inside. */
async function read(reply: Response): Promise<Answer> {
  assert.deepEqual(
    [reply.status, reply.headers.get('content-type')],
    [200, 'application/json; charset=utf-8'],
  );
  return (await reply.json()) as Answer;
}

/** @param about what the sentence speaks of. */
export function assertRefused(answer: Answer, code: number, about?: RegExp): void {
  assert.deepEqual([answer.status, answer.code], ['error', code], answer.errors?.[0]);
  assert.equal(answer.errors.length, 1);
  assert.match(answer.errors[0]!, about ?? /\w/);
}

/** As all clients download: without the key. */
export async function download(url: string): Promise<{ type: string | null; bytes: Buffer }> {
  const reply = await fetch(url, { headers: { accept: 'application/json' } });
  assert.equal(reply.status, 200, url);
  const bytes = Buffer.from(await reply.arrayBuffer());
  assert.equal(reply.headers.get('content-length'), String(bytes.length));
  return { type: reply.headers.get('content-type'), bytes };
}

export interface Called {
  type: string | undefined;
  body: string;
}

export interface Site {
  url: string;
  /** By path. What lies under `/private/` is for the user `u` with the password `p`. */
  files: Map<string, Uint8Array>;
  /** What was posted next. */
  nextCall(): Promise<Called>;
  calls: Called[];
  /** Answers whoever waits for `/slow.jpg`. */
  release(): void;
  close(): void;
}

export async function startSite(): Promise<Site> {
  const files = new Map<string, Uint8Array>();
  const calls: Called[] = [];
  const happened = new EventEmitter();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/';
    if (request.method === 'POST') {
      calls.push({ type: request.headers['content-type'], body: await text(request) });
      happened.emit('call', calls.at(-1));
      return response.end();
    }
    const file = files.get(path);
    const allowed = !path.startsWith('/private/') || request.headers.authorization === `Basic ${btoa('u:p')}`;
    if (!file || !allowed) return response.writeHead(file ? 401 : 404).end();
    if (path === '/slow.jpg') await once(happened, 'release');
    response.end(file);
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    calls,
    nextCall: async () => (await once(happened, 'call'))[0] as Called,
    release: () => void happened.emit('release'),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
