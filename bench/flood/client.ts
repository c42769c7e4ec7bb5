/** A client that keeps its connections, speaks the imgopt3 API in JSON and asks as much at once as it is told to. */
import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';

export interface Answer {
  status: number;
  body: string;
}

/** What is sent of an image, written before the clock starts. */
export interface Prepared {
  hash: string;
  upload: Buffer;
  lookUp: Buffer;
}

export interface Client {
  post(hash: string, body: Buffer): Promise<Answer>;
  get(path: string): Promise<Answer>;
  close(): void;
}

const DOMAIN = 'example.com';

export function prepare(image: Uint8Array): Prepared {
  const hash = createHash('sha1').update(image).digest('hex');
  const record = {
    shimmercat_job_record: { task_thread: hash },
    image_file_hash: hash,
    relative_path: `/images/${hash}.jpg`,
    original_image_size_in_bytes: image.length,
    domains: [DOMAIN],
    precursor_name: 'webp0',
  };
  const file = Buffer.from(image).toString('base64');
  return {
    hash,
    upload: Buffer.from(JSON.stringify({ ...record, file })),
    lookUp: Buffer.from(JSON.stringify(record)),
  };
}

export function openClient(url: string, key: string, connections: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const ask = (method: string, path: string, body: Buffer) =>
    new Promise<Answer>((resolve, reject) => {
      const headers = {
        authorization: `Token ${key} Domain ${DOMAIN}`,
        ...(method === 'POST' && { 'content-type': 'application/json', 'content-length': body.length }),
      };
      const sent = request(url + path, { method, agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      });
      sent.once('error', reject);
      sent.end(body);
    });
  return {
    post: (hash, body) => ask('POST', `/imgopt3/2020.1/light/optimized/${hash}/`, body),
    get: (path) => ask('GET', path, Buffer.of()),
    close: () => agent.destroy(),
  };
}

/** Does `work` on all items, at most so many at once, and begins the earlier ones earlier. */
export async function inParallel<Item>(
  items: Iterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
