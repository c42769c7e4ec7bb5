/** The native API as a test speaks it: an image in, the answer out. */
import assert from 'node:assert/strict';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the API sent.
  body: any;
}

export async function get(url: string, path: string, key: string): Promise<Answer> {
  return answer(await fetch(url + path, { headers: bearer(key) }));
}

/** @param query of `POST /api/v1/optimize`, e.g. `format=webp&wait=0`. */
export async function optimize(url: string, key: string, image: Uint8Array, query = ''): Promise<Answer> {
  const request = { method: 'POST', headers: bearer(key), body: Buffer.from(image) };
  return answer(await fetch(`${url}/api/v1/optimize?${query}`, request));
}

/** Takes an image in without waiting. @returns the job's id. */
export async function enqueue(url: string, key: string, image: Uint8Array, query = ''): Promise<string> {
  const { status, body } = await optimize(url, key, image, `wait=0&${query}`);
  assert.equal(status, 202, JSON.stringify(body));
  return body.id;
}

export async function job(url: string, key: string, id: string, waitSeconds = 60): Promise<Answer['body']> {
  return (await get(url, `/api/v1/jobs/${id}?wait=${waitSeconds}`, key)).body;
}

export async function creditsUsed(url: string, key: string): Promise<number> {
  return (await get(url, '/api/v1/account', key)).body.creditsUsed;
}

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

async function answer(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}
