/** Speaks the Reducer API as its clients do, and stands in for the sites whose images it fetches. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Entry {
  Status: { Code: string | number; Message: string };
  OriginalURL: string;
  LossyURL: string;
  LosslessURL: string;
  OriginalSize: number;
  LossySize: number;
  LosslessSize: number;
  PercentImprovement: string | number;
  TimeStamp: string;
  Key?: string;
  localPath?: string | null;
  [field: string]: unknown;
}

export type File = [name: string, filename: string, data: Uint8Array];

type Body = NonNullable<RequestInit['body']>;

export function createClient(server: string, key: string) {
  /** Every answer is JSON under HTTP status 200; of what kind is for tests to say. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the API sent.
  async function post(path: string, body: object, method = 'POST'): Promise<any> {
    const sent = body instanceof FormData || body instanceof URLSearchParams ? body : JSON.stringify(body);
    return read(await fetch(`${server}/v2/${path}`, { method, body: sent as Body }));
  }
  async function urls(urllist: unknown, fields: object = {}): Promise<Entry[]> {
    return post('reducer.php', {
      key,
      plugin_version: 'sp-sdk 1.9.2',
      lossy: 1,
      wait: 30,
      urllist,
      ...fields,
    });
  }
  return {
    server,
    key,
    post,
    /** What comes back for addresses, whatever it is. */
    urls,
    /** What comes back for one address, which must be a list of one. */
    async url(address: string, fields: object = {}): Promise<Entry> {
      return only(await urls([address], fields));
    },
    async upload(files: File[], fields: Record<string, string> = {}): Promise<Entry[]> {
      return post('post-reducer.php', uploadForm(key, files, fields));
    },
    /** Until it is no longer waiting, as clients poll. */
    async untilDone(address: string, fields: object = {}): Promise<Entry> {
      for (;;) {
        const entry = only(await urls([address], { refresh: 0, wait: 5, ...fields }));
        if (entry.Status.Code !== '1') return entry;
      }
    },
  };
}

export function uploadForm(key: string, files: File[], fields: Record<string, string> = {}): FormData {
  const paths = Object.fromEntries(files.map(([name, filename]) => [name, `/srv/in/${filename}`]));
  const form = new FormData();
  for (const [name, value] of Object.entries({
    key,
    lossy: '1',
    wait: '30',
    file_paths: JSON.stringify(paths),
    ...fields,
  }))
    form.append(name, value);
  for (const [name, filename, data] of files) form.append(name, new Blob([new Uint8Array(data)]), filename);
  return form;
}

async function read(reply: Response) {
  assert.deepEqual(
    [reply.status, reply.headers.get('content-type')],
    [200, 'application/json; charset=utf-8'],
  );
  return reply.json();
}

export function only(entries: Entry[]): Entry {
  assert.ok(Array.isArray(entries), JSON.stringify(entries));
  assert.equal(entries.length, 1);
  return entries[0]!;
}

export const codes = (entries: Entry[]) => entries.map(({ Status }) => Status.Code);

/** As all clients download: without the key, following no redirect. */
export async function download(url: unknown): Promise<{ type: string | null; bytes: Buffer }> {
  const reply = await fetch(String(url), { redirect: 'error' });
  assert.equal(reply.status, 200, String(url));
  const bytes = Buffer.from(await reply.arrayBuffer());
  assert.equal(reply.headers.get('content-length'), String(bytes.length));
  return { type: reply.headers.get('content-type'), bytes };
}

/** The bytes of a result, whose number must be the one that was told: the SDK takes nothing else. */
export async function result(url: unknown, size: unknown): Promise<Buffer> {
  const { bytes } = await download(url);
  assert.equal(bytes.length, size);
  return bytes;
}

export interface Site {
  url: string;
  /** By path, as it is sent, with its query. What lies under `/private/` is for the user `u` with the password `p`. */
  files: Map<string, Uint8Array>;
  /** Paths in the order in which they were asked for. */
  asked: string[];
  /** Answers whoever waits for a path that begins with `/slow`, from now on. */
  release(): void;
  close(): void;
}

export async function startSite(): Promise<Site> {
  const files = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const gate = new EventEmitter();
  let isOpen = false;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/';
    asked.push(path);
    if (path.startsWith('/slow') && !isOpen) await once(gate, 'open');
    const isAllowed =
      !path.startsWith('/private/') || request.headers.authorization === `Basic ${btoa('u:p')}`;
    if (!isAllowed) return response.writeHead(401).end();
    const file = files.get(path);
    response.writeHead(file ? 200 : 404).end(file);
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    asked,
    release() {
      isOpen = true;
      gate.emit('open');
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
