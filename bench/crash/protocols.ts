/** The ways in which work comes in: how each sends an image or a batch, knows that it was acknowledged, and asks what became of it. */
import { prepare } from '../flood/client.ts';

export const PROTOCOLS = ['native', 'batches', 'base64', 'for later'] as const;
type ProtocolName = (typeof PROTOCOLS)[number];

/** Some protocols do not tell failing from finding nothing smaller: the audit counts what failed. */
export type Standing = 'pending' | 'ended' | 'lost';

/** Of what was acknowledged. */
export interface Receipt {
  protocol: ProtocolName;
  /** Of a batch whose end somebody wants to be told. */
  batchId?: string;
  /** As its client is told. */
  ask(): Promise<Standing>;
}

export interface Protocol {
  name: ProtocolName;
  /** Between an answer and what is sent next. */
  pauseMs: number;
  /** @returns null where it was not acknowledged. */
  submit(image: Uint8Array, number: number): Promise<Omit<Receipt, 'protocol'> | null>;
}

const GIVE_UP_MS = 10_000;
const WAIT_SECONDS = 30;

/** @param siteUrl where the image of a number lies, and which is called back. */
export function protocolsOf(server: string, key: string, siteUrl: string): Protocol[] {
  return [
    nativeBytes(server, key),
    batches(server, key, siteUrl),
    base64(server, key),
    forLater(server, key),
  ];
}

function nativeBytes(server: string, key: string): Protocol {
  const headers = { authorization: `Bearer ${key}` };
  const ask = async (id: string): Promise<Standing> => {
    const response = await fetch(`${server}/api/v1/jobs/${id}?wait=${WAIT_SECONDS}`, { headers });
    if (response.status === 404) return 'lost';
    const { status } = (await response.json()) as { status: string };
    return status === 'queued' || status === 'running' ? 'pending' : 'ended';
  };
  return {
    name: 'native',
    pauseMs: 60,
    async submit(image) {
      const path = '/api/v1/optimize?format=webp&wait=0';
      const response = await post(server + path, { headers, body: Buffer.from(image) });
      const { id } = (await response.json()) as { id: string };
      if (response.status !== 202 && response.status !== 200) return null;
      return { ask: () => ask(id) };
    },
  };
}

interface BatchAnswer {
  code: number;
  process_id?: string;
}

/** MegaOptim: addresses of two images, and one to be called back at. */
function batches(server: string, key: string, siteUrl: string): Protocol {
  const headers = { 'x-api-key': key };
  const ask = async (id: string): Promise<Standing> => {
    const url = `${server}/v1/optimize/${id}/result?timeout=${WAIT_SECONDS}`;
    const { code } = (await (await fetch(url, { method: 'POST', headers })).json()) as BatchAnswer;
    return ({ 504: 'pending', 404: 'lost' } as const)[code] ?? 'ended';
  };
  return {
    name: 'batches',
    pauseMs: 200,
    async submit(_image, number) {
      const urls = { url1: `${siteUrl}/${number}/1.jpg`, url2: `${siteUrl}/${number}/2.jpg` };
      const body = new URLSearchParams({ type: 'urls', ...urls, callback_url: `${siteUrl}/called` });
      const answer = (await (await post(`${server}/v1/optimize`, { headers, body })).json()) as BatchAnswer;
      const batchId = answer.process_id;
      if (answer.code !== 202 || batchId === undefined) return null;
      return { batchId, ask: () => ask(batchId) };
    },
  };
}

/** ShimmerCat: JSON with the image in base64, asked for by the image's hash. */
function base64(server: string, key: string): Protocol {
  const headers = { authorization: `Token ${key} Domain example.com`, 'content-type': 'application/json' };
  const send = (hash: string, body: Buffer) =>
    post(`${server}/imgopt3/2020.1/light/optimized/${hash}/`, { headers, body: Buffer.from(body) });
  const ask = async (hash: string, lookUp: Buffer): Promise<Standing> => {
    const response = await send(hash, lookUp);
    const { success_or_deny: said } = (await response.json()) as { success_or_deny: string };
    if (response.status === 404) return 'lost';
    return said === 'success' || said === 'deny' ? 'ended' : 'pending';
  };
  return {
    name: 'base64',
    pauseMs: 60,
    async submit(image) {
      const { hash, upload, lookUp } = prepare(image);
      const response = await send(hash, upload);
      await response.text();
      return response.status === 201 ? { ask: () => ask(hash, lookUp) } : null;
    },
  };
}

/** EWWW: a form, and a word with which the image is fetched later. */
function forLater(server: string, key: string): Protocol {
  const ask = async (id: string): Promise<Standing> => {
    const { status } = await fetch(`${server}/v3/retrieve/?id=${id}`);
    return status === 200 || status === 204 ? 'ended' : 'pending';
  };
  return {
    name: 'for later',
    pauseMs: 60,
    async submit(image) {
      const body = new FormData();
      body.set('api_key', key);
      body.set('async', '1');
      body.set('lossy', '1');
      body.set('file', new Blob([Buffer.from(image)]), 'image.jpg');
      const response = await post(`${server}/v3/optimize/`, { body });
      const { id } = (await response.json()) as { id?: string };
      return id === undefined ? null : { ask: () => ask(id) };
    },
  };
}

function post(url: string, request: RequestInit): Promise<Response> {
  return fetch(url, { method: 'POST', signal: AbortSignal.timeout(GIVE_UP_MS), ...request });
}
