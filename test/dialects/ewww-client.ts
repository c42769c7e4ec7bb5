/** Speaks the compress API as its real clients speak it, for tests. */
import assert from 'node:assert/strict';
import sharp from 'sharp';
import type { Pixels } from '../../src/engine/contract.ts';
import { exchangeRaw, formBody, type Part, type RawReply } from '../raw-http.ts';
import type { RunningApp } from '../running-app.ts';

export type Fields = Record<string, string>;

interface Manner {
  path?: string;
  version?: '1.0' | '1.1';
  key?: string;
  /** Behind the file, as some clients write it, and with the line ends that others leave out. */
  keyLast?: boolean;
}

/** A file as an official client sends it: every field before it, the careless end behind it. */
export async function send(
  app: RunningApp,
  file: Uint8Array,
  fields: Fields = {},
  { path = '/v2/', version = '1.1', key = app.key, keyLast = false }: Manner = {},
): Promise<RawReply> {
  const sent: Part[] = Object.entries(fields).map(([name, data]) => ({ name, data }));
  const keyPart: Part = { name: 'api_key', data: key };
  const filePart: Part = { name: 'file', filename: 'w-photo.jpg', data: file };
  const parts = keyLast ? [...sent, filePart, keyPart] : [keyPart, ...sent, filePart];
  const { type, body } = formBody(parts, !keyLast);
  const head = `POST ${path} HTTP/${version}\r\nHost: 127.0.0.1\r\nUser-Agent: EWWWIO PHP/1.1\r\nAccept: */*\r\ncontent-type: ${type}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
  return exchangeRaw(app.url, head, body);
}

/** A form without a file. @returns status and body, which is text. */
export async function ask(
  app: RunningApp,
  path: string,
  fields: Fields | FormData,
): Promise<[number, string]> {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  const reply = await fetch(app.url + path, { method: 'POST', body });
  assert.match(reply.headers.get('content-type') ?? '', /^text\/html; charset=UTF-8$/);
  return [reply.status, await reply.text()];
}

/** The image in a reply that must hold one, as clients recognise it. */
export async function imageIn(reply: RawReply) {
  assert.equal(reply.status, 200, reply.body.toString());
  assert.equal(reply.headers['content-type'], 'application/octet-stream', reply.body.toString());
  assert.equal(reply.headers['content-length'], String(reply.body.length));
  return sharp(reply.body).metadata();
}

export function assertNoSavings(reply: RawReply, what?: string): void {
  assert.deepEqual([reply.status, reply.headers['content-length'], reply.body.length], [200, '0', 0], what);
}

/** What is no image: a page of text, under status 200. */
export function assertPage(reply: RawReply, text: string): void {
  assert.deepEqual(
    [reply.status, reply.headers['content-type'], reply.body.toString()],
    [200, 'text/html; charset=UTF-8', text],
  );
}

export async function pixelsOf(file: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(file)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height, channels: 4 };
}
